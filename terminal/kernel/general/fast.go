package general

import (
	"context"
	"encoding/binary"
	"fmt"
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// Fast transactions: a contactless card that finds bit 6 of 9F66's first byte set answers its
// cryptogram with the processing options, and signs it there (EMV Contactless Book C-3 2.6).
const (
	onlineRequired   = 0x80 // 9F66 byte 2: an ARQC is wanted
	wantsOnlinePIN   = 0x80 // 9F6C byte 1
	wantsSignature   = 0x40
	deviceVerified   = 0x80 // byte 2
	qualifiersLen    = 2
	verificationByte = 4 // of the issuer application data: card verification results, byte 2
)

// qualify says in 9F66 what this transaction wants: an online cryptogram, from the floor limit on.
// A card that wasn't found as contactless ones are is told nothing.
func (t *transaction) qualify() {
	t.terminal.qualifiers = [4]byte{}
	if !t.contactless() {
		return
	}
	q := t.config.Terminal.Qualifiers
	above := t.out.Amount >= t.application.Limits.Floor
	switch t.config.Terminal.reach() {
	case rules.OnlineOnly:
		q[1] |= onlineRequired
	case rules.Either:
		if above || t.Online {
			q[1] |= onlineRequired
		}
	case rules.OfflineOnly:
	}
	t.terminal.qualifiers = q
}

// takeFast sees whether the answer to GET PROCESSING OPTIONS is a whole transaction.
func (t *transaction) takeFast() error {
	ac, has := t.objects.Find(emv.TagCryptogram)
	atc, counted := t.objects.Find(emv.TagATC)
	if !has || !counted || !t.contactless() {
		return nil
	}
	iad, _ := t.objects.Find(emv.TagIAD)
	c := &outcome.Cryptogram{IAD: iad}
	if len(ac) != len(c.AC) || len(atc) != 2 || len(iad) > maxIAD {
		return outcome.Terminatedf(clause.Fast,
			"cryptogram of %d bytes, counter of %d, issuer data of %d", len(ac),
			len(atc), len(iad))
	}
	c.AC, c.ATC = [8]byte(ac), binary.BigEndian.Uint16(atc)
	cid, said := t.objects.Find(emv.TagCID)
	switch {
	case said && len(cid) == 1:
		c.CID = cid[0]
	case !said && len(iad) > verificationByte:
		c.CID = iad[verificationByte] << 2 & emv.CIDKind // bits 6 and 5
	default:
		return outcome.Terminatedf(clause.Fast, "nothing says which cryptogram it is")
	}
	t.fast = c
	return nil
}

// verifyFast checks the signature that came with the processing options, over number, amount,
// currency and the card's own data.
func (t *transaction) verifyFast() error {
	if err := t.cardKey(); err != nil {
		return err
	}
	signed, err := t.need(emv.TagDynamicSignature)
	if err != nil {
		return err
	}
	own, err := t.need(emv.TagCardAuthentication)
	if err != nil {
		return err
	}
	if t.config.Believe != nil {
		return t.believeSignature(false)
	}
	said, err := oda.VerifyDynamic(*t.auth.card, signed, slices.Concat(t.terminal.un[:],
		t.terminal.amount[:], t.config.Terminal.Currency[:], own))
	if err != nil {
		return err
	}
	t.objects.Set(emv.TagDynamicNumber, said.Number)
	return nil
}

// verifyFastCardholder does what the card's qualifiers ask for.
func (t *transaction) verifyFastCardholder(ctx context.Context) {
	t.out.CVM = rules.CVMResults{noMethodApplied, 0, 0}
	q, ok := t.objects.Find(emv.TagCardQualifiers)
	if !ok || len(q) != qualifiersLen {
		return
	}
	if q[1]&deviceVerified != 0 {
		t.verifiedByDevice()
		return
	}
	v := &verifier{t: t, ctx: ctx}
	for _, m := range []struct {
		bit    byte
		method rules.Method
	}{{wantsOnlinePIN, rules.OnlinePINMethod}, {wantsSignature, rules.Signature}} {
		if q[0]&m.bit == 0 || !v.Supports(m.method) {
			continue
		}
		if v.Verify(m.method) == rules.Unsure {
			t.out.CVM = rules.CVMResults{byte(m.method), 0, unsure}
			t.out.Signature = m.method == rules.Signature
			t.out.TSI.Set(rules.DidCardholder)
			return
		}
	}
}

// firstFast takes the cryptogram that is there already.
func (t *transaction) firstFast() {
	c := t.fast
	t.out.First = c
	t.out.TSI.Set(rules.DidCardRisk)
	t.cardReason(c.CID)
	switch k := c.Kind(); {
	case k == rules.Decline:
		t.code("Z1")
		t.end(outcome.Declined, clause.Fast,
			"card declines: its answer to GET PROCESSING OPTIONS is an AAC")
	case k == rules.Online:
		t.note(clause.Fast, "card asks for the issuer with its processing options")
	case k != rules.Approve:
		t.code("Z1")
		t.end(outcome.Declined, clause.Fast,
			fmt.Sprintf("card's cryptogram is of no kind (9F27 %02X)", c.CID))
	case t.out.Authentication.Method != outcome.FastDDA || t.auth.failed:
		t.code("Z1")
		t.end(outcome.Declined, clause.Fast, "card approves offline without a right signature")
	case t.out.TVR.Has(rules.Expired) || t.out.TVR.Has(rules.OnExceptionFile):
		t.code("Z1")
		t.end(outcome.Declined, clause.Fast,
			"card approves offline, and has expired or is on the exception file")
	default:
		t.code("Y1")
		t.end(outcome.Approved, clause.Fast, "card approves offline with its processing options")
	}
}
