package general

import (
	"context"

	"tapbench/applet/emv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/rules"
)

// authenticateIssuer brings the issuer's proof to a card whose AIP says that it checks it by
// EXTERNAL AUTHENTICATE (EMV 4.3 Book 3, 10.9). Another card finds it in CDOL2.
func (t *transaction) authenticateIssuer(ctx context.Context) error {
	if t.terminal.issuerAuth == nil || t.out.AIP[0]&emv.AIPIssuer == 0 || t.endsFirst() {
		return nil
	}
	response, err := t.ask(ctx, externalAuthenticate(t.terminal.issuerAuth))
	if err != nil {
		return err
	}
	t.out.TSI.Set(rules.DidIssuer)
	if !entry.Normal(response) {
		t.mark(rules.IssuerNotProven, clause.Online,
			"card doesn't take the issuer's proof: EXTERNAL AUTHENTICATE answered "+response.SW.String())
	}
	return nil
}

// endsFirst says whether the card's part ends with the first cryptogram: a contactless one without
// CDOL2.
func (t *transaction) endsFirst() bool { return t.data.CDOL2 == nil }
