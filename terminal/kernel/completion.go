package kernel

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
	"tapbench/pcsc/apdu"
)

// requestCryptogram sends the first GENERATE AC, for an ARQC (EMV 4.3 Book 3, 10.7 and 10.8), and
// checks the card key's signature over what the terminal has sent.
func (t *transaction) requestCryptogram(ctx context.Context) error {
	var answer emv.ACAnswer
	err := t.step(StepCryptogram, func() (err error) {
		if answer, err = t.generateAC(ctx, wire.P1ARQC, t.terminal.Encode()); err != nil {
			return err
		}
		t.out.CID, t.out.ATC, t.out.Cryptogram = answer.CID, answer.ATC, answer.AC
		t.out.IAD = answer.IAD
		switch answer.CID & emv.CIDKind {
		case emv.CIDAAC:
			t.decline(ByCard)
			return nil
		case emv.CIDARQC:
		default:
			return contradicts(emv.TagCID, "neither ARQC nor AAC")
		}
		if answer.Tap == nil {
			return contradicts(wire.TagTapSignature, "missing beside an ARQC")
		}
		t.keepEvidence(answer)
		return nil
	})
	if err != nil || t.out.Result == Declined {
		return err
	}
	t.data.first = answer
	return nil
}

// keepEvidence keeps what the card has signed, or declines.
func (t *transaction) keepEvidence(answer emv.ACAnswer) {
	tap := t.tap(answer.ATC)
	if message.Verify(t.data.card.Key, tap.Digest(), *answer.Tap) != nil {
		t.decline(NotAuthentic)
		return
	}
	t.out.Evidence = &dispute.Payment{
		Card: t.data.card, VCard: t.data.signature, Epoch: t.data.epoch,
		Tap: tap, Signed: *answer.Tap,
	}
}

// tap is what the card must have signed: the terminal's own data, not the card's word for it.
func (t *transaction) tap(atc uint16) message.Tap {
	d, pan := t.terminal, t.data.pan.Bytes()
	tap := message.Tap{
		Amount: d.Amount, Currency: d.Currency, Date: d.Date, UN: d.UN, Merchant: d.Merchant,
		PAN: sha256.Sum256(pan[:]), Relay: t.data.relay,
	}
	binary.BigEndian.PutUint16(tap.ATC[:], atc)
	return tap
}

// authorise asks the host, and brings its answer to the card.
func (t *transaction) authorise(ctx context.Context) error {
	var answer Answer
	t.out.Asked, t.out.NeedReversal = true, true // until the host or the card says otherwise
	err := t.step(StepAuthorise, func() (err error) {
		answer, err = t.host.Authorise(ctx, t.request())
		return err
	})
	switch {
	case errors.Is(err, ErrNotSent):
		t.out.Asked, t.out.NeedReversal = false, false
		t.offline(ctx)
		return err
	case err != nil:
		t.offline(ctx)
		return err
	}
	t.out.Answer = &answer
	if answer.Approved {
		return t.complete(ctx, answer)
	}
	t.out.NeedReversal = answer.Uncertain
	t.decline(ByIssuer)
	// The payment is over: what the card makes of the decline changes nothing.
	_ = t.step(StepCompletion, func() error { return t.second(ctx, wire.P1AAC, answer) })
	return nil
}

func (t *transaction) request() Request {
	a := t.data.first
	return Request{
		Amount: t.Amount, PAN: t.data.pan, AID: t.out.AID, Sequence: t.data.sequence,
		Terminal: t.terminal, AIP: t.data.options.AIP, ATC: a.ATC, CID: a.CID, ARQC: a.AC, IAD: a.IAD,
		Relay: t.data.relay, Tap: *a.Tap,
	}
}

// arcOffline is the terminal's own authorisation response code for a decline because it couldn't go
// online (EMV 4.3 Book 4, annex A6: Z3).
func arcOffline() [2]byte { return [2]byte{'Z', '3'} }

// offline asks the card for an AAC when there is no answer. What the card makes of it changes
// nothing.
func (t *transaction) offline(ctx context.Context) {
	_ = t.step(StepCompletion, func() error {
		return t.second(ctx, wire.P1AAC, Answer{ARC: arcOffline()})
	})
}

// complete brings an approval to the card. Only a TC makes the payment; without it the issuer's
// booking must be reversed.
func (t *transaction) complete(ctx context.Context, answer Answer) error {
	err := t.step(StepCompletion, func() error { return t.second(ctx, wire.P1TC, answer) })
	if err != nil {
		return err
	}
	if t.out.CID&emv.CIDKind == emv.CIDTC {
		t.out.Result, t.out.NeedReversal = Approved, false
	} else {
		t.decline(ByCard)
	}
	return nil
}

// second sends the second GENERATE AC (EMV 4.3 Book 3, 10.11).
func (t *transaction) second(ctx context.Context, p1 byte, answer Answer) error {
	data := emv.CDOL2Data{ARC: answer.ARC, TVR: t.terminal.TVR, UN: t.terminal.UN}
	if answer.IssuerAuth != nil {
		data.IssuerAuth = *answer.IssuerAuth
	}
	a, err := t.generateAC(ctx, p1, data.Encode())
	if err != nil {
		return err
	}
	kind := a.CID & emv.CIDKind
	switch {
	case kind != emv.CIDTC && kind != emv.CIDAAC, kind == emv.CIDTC && p1 != wire.P1TC:
		return contradicts(emv.TagCID, "another cryptogram than was asked for")
	case a.ATC != t.out.ATC:
		return contradicts(emv.TagATC, fmt.Sprintf("%d after %d", a.ATC, t.out.ATC))
	}
	t.out.CID, t.out.Cryptogram, t.out.IAD = a.CID, a.AC, a.IAD
	return nil
}

func (t *transaction) generateAC(ctx context.Context, p1 byte, data []byte) (emv.ACAnswer, error) {
	raw, err := t.exchange(ctx, apdu.Command{
		CLA: byte(wire.CLAProprietary), INS: byte(wire.InsGenerateAC), P1: p1, Data: data,
		Ne: apdu.MaxShortNe,
	})
	if err != nil {
		return emv.ACAnswer{}, err
	}
	answer, err := emv.ParseACAnswer(raw)
	if err != nil {
		return emv.ACAnswer{}, badData(err)
	}
	return answer, nil
}
