package general

import (
	"context"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// How long issuer authentication data are, in bytes (EMV 4.3 Book 3, annex A).
const minIssuerAuthData, maxIssuerAuthData = 8, 16

// maxRequest is how long the data objects of an authorisation request may be (EMV 4.3 Book 4,
// 12.1; field 55 of ISO 8583).
const maxRequest = 255

// authorise asks the issuer for what the card answered an ARQC to (EMV 4.3 Book 3, 10.9), unless
// its signature was wrong.
func (t *transaction) authorise(ctx context.Context) error {
	if t.auth.combined != nil {
		t.out.Final = rules.Decline
		t.code("Z1")
		t.out.Why = outcome.Reason{Text: "card's signature beside its ARQC is wrong", Clause: clause.CDA}
		return nil //nolint:nilerr // the transaction goes on without the issuer
	}
	if t.host == nil || t.config.Terminal.reach() == rules.OfflineOnly {
		t.unreachable("terminal has no way online")
		return nil
	}
	t.out.Online = true
	answer, err := t.host.Authorise(ctx, t.request())
	if err != nil {
		t.out.Reversal = !isNotSent(err)
		t.unreachable("issuer couldn't be asked: " + err.Error())
		return nil
	}
	t.takeAnswer(answer)
	return nil
}

// unreachable decides without the issuer, by the default action codes (10.7).
func (t *transaction) unreachable(why string) {
	t.out.Unreachable = true
	a := t.out.Trail.Action
	if a == nil { // the card alone has decided
		a = &outcome.ActionTrail{}
	}
	t.out.Final = rules.Unreachable(t.out.TVR, a.Card, a.Terminal)
	t.note(clause.Action, why)
	if t.out.Final == rules.Approve {
		t.code("Y3")
		t.out.Why = outcome.Reason{
			Text:   "issuer can't be asked: no default action code denies",
			Clause: clause.Action,
		}
		return
	}
	t.code("Z3")
	t.out.Why = outcome.Reason{
		Text: "issuer can't be asked: " + a.WhyUnreachable(t.out.TVR), Clause: clause.Action,
	}
}

// takeAnswer reads the issuer's decision out of its response code (Book 4, annex A6).
func (t *transaction) takeAnswer(answer outcome.Answer) {
	t.out.Answer = &answer
	t.code(string(answer.ARC[:]))
	switch string(answer.ARC[:]) {
	case "00", "10", "11":
		t.approved = true
		t.decided(rules.Approve, "approves", answer.ARC)
	case "01", "02":
		t.refer()
	case "55":
		t.decided(rules.Decline, "declines: the PIN is wrong", answer.ARC)
	case "75":
		t.decided(rules.Decline, "declines: too many wrong PINs", answer.ARC)
	default:
		t.decided(rules.Decline, "declines", answer.ARC)
	}
	n := len(answer.IssuerAuth)
	switch {
	case n == 0:
	case n < minIssuerAuthData || n > maxIssuerAuthData:
		t.note(clause.Online, fmt.Sprintf("issuer authentication data of %d bytes, want %d to %d: left out",
			n, minIssuerAuthData, maxIssuerAuthData))
	default:
		t.terminal.issuerAuth = answer.IssuerAuth
	}
}

// decided writes down what the issuer's response code has decided.
func (t *transaction) decided(d rules.Decision, does string, arc [2]byte) {
	t.out.Final, t.out.Why = d, outcome.Reason{
		Text: fmt.Sprintf("issuer %s: response code %q", does, arc[:]), Clause: clause.ResponseCodes,
	}
}

// refer has a person call the issuer.
func (t *transaction) refer() {
	t.out.Final = rules.Decline
	if t.config.Referral != nil && t.config.Referral() {
		t.out.Final = rules.Approve
		t.out.Why = outcome.Reason{
			Text:   "issuer referred, and was called: approved",
			Clause: clause.Referral,
		}
		return
	}
	t.out.Why = outcome.Reason{Text: "issuer referred, and nobody called it", Clause: clause.Referral}
}

// request is what the issuer is asked with.
func (t *transaction) request() Request {
	return Request{
		Amount: t.out.Amount, Currency: t.config.Terminal.Currency, ICC: t.requestObjects(),
		PAN: t.out.PAN, Sequence: t.out.Sequence, PINBlock: t.pinBlock,
	}
}

// requestObjects are the objects of Book 4, 12.1.1, as far as there is room.
func (t *transaction) requestObjects() []byte {
	out := make([]byte, 0, maxRequest)
	for _, tag := range []tlv.Tag{
		emv.TagCryptogram, emv.TagCID, emv.TagIAD, emv.TagUN, emv.TagATC, emv.TagTVR, emv.TagDate,
		emv.TagTransactionType, emv.TagAmount, emv.TagCurrency, emv.TagAIP, emv.TagCountry,
		emv.TagAmountOther, emv.TagCVMResults, emv.TagCapabilities, emv.TagTerminalType,
		emv.TagSerialNumber, emv.TagDFName, emv.TagTerminalVersion, emv.TagTransactionNumber,
		emv.TagSequence, emv.TagTSI, emv.TagTime, emv.TagDynamicNumber, emv.TagAuthenticationCode,
		emv.TagEntryMode, emv.TagMerchant, emv.TagTCHash,
	} {
		value, ok := t.value(tag)
		if !ok {
			continue
		}
		if tag == emv.TagTVR && t.fast != nil {
			value = make([]byte, len(value)) // as the card got it, and as Book C-3 leaves it
		}
		const header = 4
		if len(out)+header+len(value) > maxRequest {
			break
		}
		out = tlv.Append(out, tag, value)
	}
	return out
}
