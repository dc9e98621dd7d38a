package general

import (
	"context"
	"crypto/sha1" //nolint:gosec // the hash that EMV's TC hash value is
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// maxIAD is the longest issuer application data (EMV 4.3 Book 3, annex A).
const maxIAD = 32

// generate fills a CDOL, asks for a cryptogram and reads the answer (EMV 4.3 Book 3, 6.5.5). With
// combined, the card is to sign it; then it says whether the signature is right.
func (t *transaction) generate(
	ctx context.Context, ask rules.Decision, combined, second bool,
) (*outcome.Cryptogram, error) {
	tag, list, values := emv.TagCDOL1, t.data.CDOL1, &t.given.cdol1
	if second {
		tag, list, values = emv.TagCDOL2, t.data.CDOL2, &t.given.cdol2
	}
	if err := t.hashTC(list); err != nil {
		return nil, err
	}
	var err error
	if *values, err = t.fill(tag, list, maxCommandData); err != nil {
		return nil, err
	}
	p1 := byte(ask)
	if combined {
		p1 |= withCDA
	}
	answer, err := t.must(ctx, clause.GenerateAC, "GENERATE AC", generateAC(p1, *values))
	if err != nil {
		return nil, err
	}
	c, err := t.readCryptogram(answer, combined, second)
	if err != nil {
		return nil, err
	}
	t.cardReason(c.CID)
	if !second && rank(c.Kind()) > rank(ask) {
		return c, outcome.Terminatedf(clause.CommandUse, "card answered %s to a request for %s",
			c.Kind(), ask)
	}
	t.keepCryptogram(c)
	return c, nil
}

// keepCryptogram keeps the answer's objects for a later list.
func (t *transaction) keepCryptogram(c *outcome.Cryptogram) {
	t.objects.Set(emv.TagCID, []byte{c.CID})
	t.objects.Set(emv.TagATC, binary.BigEndian.AppendUint16(nil, c.ATC))
	t.objects.Set(emv.TagCryptogram, c.AC[:])
	t.objects.Set(emv.TagIAD, c.IAD)
}

// hashTC computes the TC hash value, if a list asks for it, over the card's TDOL or the terminal's:
// anew for each command. Where neither has one, it is that of nothing (Book 3, 9.2.2).
func (t *transaction) hashTC(list []byte) error {
	for len(list) > 0 {
		e, rest, err := tlv.NextDOL(list)
		if err != nil {
			return nil //nolint:nilerr // fill says so
		}
		list = rest
		if e.Tag != emv.TagTCHash {
			continue
		}
		tdol, own := t.objects.Find(emv.TagTDOL)
		if !own {
			tdol = t.application.TDOL
		}
		if !own && len(tdol) > 0 && !t.out.TVR.Has(rules.DefaultTDOL) {
			t.mark(rules.DefaultTDOL, clause.TCHash, "terminal's default TDOL was used")
		}
		values, err := t.fill(emv.TagTDOL, tdol, 16*maxCommandData)
		if err != nil {
			return err
		}
		sum := sha1.Sum(values) //nolint:gosec // as above
		t.terminal.tcHash = sum[:]
	}
	return nil
}

// readCryptogram reads an answer to GENERATE AC, of format 1 or 2.
func (t *transaction) readCryptogram(
	answer []byte, combined, second bool,
) (*outcome.Cryptogram, error) {
	tag, body, err := emv.Template(answer)
	switch {
	case err != nil:
		return nil, outcome.Terminated(clause.GenerateAC, "answer to GENERATE AC is malformed", err)
	case tag == emv.TagFormat1:
		return t.readFormat1(body, combined)
	case tag == emv.TagFormat2:
		return t.readFormat2(body, combined, second)
	default:
		return nil, outcome.Terminatedf(clause.GenerateAC, "answer to GENERATE AC is template %s", tag)
	}
}

// readFormat1 reads CID || ATC [2] || AC [8] || IAD, which has no signature.
func (t *transaction) readFormat1(body []byte, combined bool) (*outcome.Cryptogram, error) {
	const shortest = 11
	if len(body) < shortest || len(body) > shortest+maxIAD {
		return nil, outcome.Terminatedf(clause.GenerateAC,
			"answer to GENERATE AC of %d bytes, want %d to %d",
			len(body), shortest, shortest+maxIAD)
	}
	c := &outcome.Cryptogram{
		CID: body[0], ATC: binary.BigEndian.Uint16(body[1:]), AC: [8]byte(body[3:]), IAD: body[shortest:],
	}
	if combined && c.Kind() != rules.Decline {
		t.auth.combined = errNoSignature
	}
	return c, nil
}

// readFormat2 reads 9F27, 9F36, 9F26 or 9F4B, and 9F10.
func (t *transaction) readFormat2(body []byte, combined, second bool) (*outcome.Cryptogram, error) {
	objects, err := emv.Objects(body)
	if err != nil {
		return nil, outcome.Terminated(clause.GenerateAC, "answer to GENERATE AC is malformed", err)
	}
	t.objects.TakeAnswer(body)
	cid, err1 := objects.Get(emv.TagCID, 1)
	atc, err2 := objects.Get(emv.TagATC, 2)
	if err := errors.Join(err1, err2); err != nil {
		return nil, outcome.Terminated(clause.GenerateAC,
			"answer to GENERATE AC lacks what it must have", err)
	}
	c := &outcome.Cryptogram{CID: cid[0], ATC: binary.BigEndian.Uint16(atc)}
	if objects.Has(emv.TagIAD) {
		if c.IAD, err = objects.Find(emv.TagIAD); err != nil || len(c.IAD) > maxIAD {
			return nil, outcome.Terminatedf(clause.GenerateAC, "%s of %d bytes, want at most %d",
				emv.Describe(emv.TagIAD), len(c.IAD), maxIAD)
		}
	}
	if combined && c.Kind() != rules.Decline {
		signed, _ := objects.Find(emv.TagDynamicSignature)
		if t.auth.combined = t.verifyCombined(c, body, signed, second); t.auth.combined == nil {
			return c, nil
		}
		if ac, err := objects.Get(emv.TagCryptogram, len(c.AC)); err == nil {
			c.AC = [8]byte(ac)
		}
		return c, nil
	}
	ac, err := objects.Get(emv.TagCryptogram, len(c.AC))
	if err != nil {
		return nil, outcome.Terminated(clause.GenerateAC,
			"answer to GENERATE AC lacks what it must have", err)
	}
	c.AC = [8]byte(ac)
	return c, nil
}

// combines says whether CDA is asked for with a cryptogram: its keys are known, and it isn't an AAC
// (Book 2, 6.6).
func (t *transaction) combines(ask rules.Decision) bool {
	return t.out.Authentication.Method == outcome.CDA && t.auth.card != nil && !t.auth.failed &&
		ask != rules.Decline
}

// firstCryptogram asks for what the action analysis decided (Book 3, 10.7, 10.8).
func (t *transaction) firstCryptogram(ctx context.Context) error {
	if t.fast != nil {
		t.firstFast()
		return nil
	}
	ask := t.out.Decision
	if t.unprovenRelay(ask) {
		return nil
	}
	c, err := t.generate(ctx, ask, t.combines(ask), false)
	t.out.First = c
	if err != nil {
		return err
	}
	t.out.TSI.Set(rules.DidCardRisk)
	t.combinedDone(c, t.combines(ask))
	switch c.Kind() {
	case rules.Decline:
		if c.CID&reasonMask == notAllowed {
			return outcome.Terminatedf(clause.NotAllowed, "card doesn't allow this service")
		}
		t.declineFirst(ask)
	case rules.Approve:
		t.approveFirst()
	case rules.Online:
	}
	return nil
}

// combinedDone writes down what came of CDA beside a cryptogram.
func (t *transaction) combinedDone(c *outcome.Cryptogram, combined bool) {
	if !combined || c.Kind() == rules.Decline {
		return
	}
	t.out.TSI.Set(rules.DidAuthentication)
	if err := t.auth.combined; err != nil {
		t.auth.failed, t.out.Authentication.Err = true, err
		t.mark(rules.CDAFailed, clause.CDA, "combined data authentication failed: "+err.Error())
	}
}

func (t *transaction) declineFirst(ask rules.Decision) {
	t.code("Z1")
	if ask == rules.Decline {
		t.end(outcome.Declined, clause.Action, "terminal declines: "+t.out.Trail.Action.Why(ask))
		return
	}
	t.end(outcome.Declined, clause.CardAction,
		fmt.Sprintf("card declines: it answered an AAC to a request for %s", ask))
}

func (t *transaction) approveFirst() {
	if t.auth.failed && t.out.Authentication.Method == outcome.CDA && t.auth.combined != nil {
		t.code("Z1")
		t.end(outcome.Declined, clause.CDA, "card's signature beside its TC is wrong")
		return
	}
	t.end(outcome.Approved, clause.CardAction, "card and terminal approve offline")
}
