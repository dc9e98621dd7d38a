package acquirer

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// ICC is field 55 of an authorisation: what the issuer needs to check the card's cryptogram and
// signature, as card and terminal exchanged it.
type ICC struct {
	AID      []byte        // DF name of the application, 5 to 16 bytes
	Sequence byte          // PAN sequence number, n2
	Terminal emv.CDOL1Data // as the terminal sent it in the first GENERATE AC
	AIP      [2]byte
	ATC      uint16
	CID      byte
	ARQC     [wire.CryptogramLen]byte
	IAD      []byte            // at most 32 bytes
	Relay    message.Relay     // the last exchange against relays, or zero
	Tap      message.Signature // SK_V, tap
}

// Cryptogram returns the ARQC that the card with this master key would have made. The caller
// compares it with ARQC in constant time.
func (d ICC) Cryptogram(key emv.MasterKey) [wire.CryptogramLen]byte {
	atc := binary.BigEndian.AppendUint16(nil, d.ATC)
	return emv.Cryptogram(emv.SessionKey(key, d.ATC), d.Terminal.Encode(), d.AIP[:], atc, d.IAD)
}

// IssuerAuth returns the issuer authentication data that answer d's ARQC with a code.
func (d ICC) IssuerAuth(key emv.MasterKey, code Code) [emv.IssuerAuthLen]byte {
	csu := code.CSU()
	return emv.IssuerAuth(emv.ARPC(emv.SessionKey(key, d.ATC), d.ARQC, csu), csu)
}

// TapMessage returns what the card key has signed, by the data that the terminal sent.
func (d ICC) TapMessage(pan emv.PAN) message.Tap {
	return tapMessage(d.Terminal, d.ATC, d.Relay, pan)
}

func tapMessage(t emv.CDOL1Data, atc uint16, relay message.Relay, pan emv.PAN) message.Tap {
	tap := message.Tap{
		Amount: t.Amount, Currency: t.Currency, Date: t.Date, UN: t.UN, Merchant: t.Merchant,
		PAN: sha256.Sum256(pan[:]), Relay: relay,
	}
	binary.BigEndian.PutUint16(tap.ATC[:], atc)
	return tap
}

// maxIADLen is the longest issuer application data (EMV 4.3 Book 3, annex A: b, up to 32).
const maxIADLen = 32

// encode returns field 55. An AID or IAD out of range is [ErrFormat].
func (d ICC) encode() ([]byte, error) {
	if len(d.AID) < 5 || len(d.AID) > 16 || len(d.IAD) > maxIADLen || d.Sequence > 99 {
		return nil, fmt.Errorf("%w: field %d: AID, IAD or sequence number", ErrFormat, fieldICC)
	}
	t := d.Terminal
	var b []byte
	for _, e := range []tlv.Element{
		{Tag: emv.TagAIP, Value: d.AIP[:]},
		{Tag: emv.TagDFName, Value: d.AID},
		{Tag: emv.TagTVR, Value: t.TVR[:]},
		{Tag: emv.TagDate, Value: t.Date[:]},
		{Tag: emv.TagTransactionType, Value: []byte{t.Type}},
		{Tag: emv.TagCurrency, Value: t.Currency[:]},
		{Tag: emv.TagSequence, Value: []byte{emv.BCD(d.Sequence)}},
		{Tag: emv.TagAmount, Value: t.Amount[:]},
		{Tag: emv.TagAmountOther, Value: t.AmountOther[:]},
		{Tag: emv.TagIAD, Value: d.IAD},
		{Tag: emv.TagMerchant, Value: t.Merchant[:]},
		{Tag: emv.TagCountry, Value: t.Country[:]},
		{Tag: emv.TagCryptogram, Value: d.ARQC[:]},
		{Tag: emv.TagCID, Value: []byte{d.CID}},
		{Tag: emv.TagTerminalType, Value: []byte{t.TerminalType}},
		{Tag: emv.TagATC, Value: binary.BigEndian.AppendUint16(nil, d.ATC)},
		{Tag: emv.TagUN, Value: t.UN[:]},
		{Tag: wire.TagRelayData, Value: emv.EncodeRelay(d.Relay)},
		{Tag: wire.TagTapSignature, Value: d.Tap[:]},
	} {
		b = tlv.Append(b, e.Tag, e.Value)
	}
	return b, nil
}

// parseICC reads field 55 of a request. It must be what encode writes, to the byte.
func parseICC(raw []byte) (ICC, error) {
	objects, err := emv.Objects(raw)
	if err != nil {
		return ICC{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldICC, err)
	}
	var (
		d                  ICC
		sequence, cid      [1]byte
		kind, terminalType [1]byte
		relay              [wire.RelayLen]byte
		atc                [wire.ATCLen]byte
		aid, errAID        = objects.Find(emv.TagDFName)
		iad, errIAD        = objects.Find(emv.TagIAD)
		t                  = &d.Terminal
		errs               = []error{errAID, errIAD}
	)
	for _, f := range []struct {
		tag tlv.Tag
		dst []byte
	}{
		{emv.TagAIP, d.AIP[:]},
		{emv.TagTVR, t.TVR[:]},
		{emv.TagDate, t.Date[:]},
		{emv.TagTransactionType, kind[:]},
		{emv.TagCurrency, t.Currency[:]},
		{emv.TagSequence, sequence[:]},
		{emv.TagAmount, t.Amount[:]},
		{emv.TagAmountOther, t.AmountOther[:]},
		{emv.TagMerchant, t.Merchant[:]},
		{emv.TagCountry, t.Country[:]},
		{emv.TagCryptogram, d.ARQC[:]},
		{emv.TagCID, cid[:]},
		{emv.TagTerminalType, terminalType[:]},
		{emv.TagATC, atc[:]},
		{emv.TagUN, t.UN[:]},
		{wire.TagRelayData, relay[:]},
		{wire.TagTapSignature, d.Tap[:]},
	} {
		value, err := objects.Get(f.tag, len(f.dst))
		copy(f.dst, value)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return ICC{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldICC, err)
	}
	d.Relay = message.NewRelay(relay)
	d.AID, d.IAD = bytes.Clone(aid), bytes.Clone(iad)
	d.CID, t.Type, t.TerminalType = cid[0], kind[0], terminalType[0]
	d.Sequence, d.ATC = sequence[0]>>4*10+sequence[0]&0x0F, binary.BigEndian.Uint16(atc[:])
	again, err := d.encode()
	if err != nil {
		return ICC{}, err
	}
	if !bytes.Equal(again, raw) {
		return ICC{}, fmt.Errorf("%w: field %d has other objects or another order", ErrFormat, fieldICC)
	}
	return d, nil
}

// encodeIssuerAuth returns field 55 of an answer.
func encodeIssuerAuth(auth [emv.IssuerAuthLen]byte) string {
	return string(tlv.Append(nil, emv.TagIssuerAuth, auth[:]))
}

// parseIssuerAuth reads field 55 of an answer.
func parseIssuerAuth(raw string) ([emv.IssuerAuthLen]byte, error) {
	objects, err := emv.Objects([]byte(raw))
	if err != nil {
		return [emv.IssuerAuthLen]byte{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldICC, err)
	}
	value, err := objects.Get(emv.TagIssuerAuth, emv.IssuerAuthLen)
	if err != nil {
		return [emv.IssuerAuthLen]byte{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldICC, err)
	}
	auth := [emv.IssuerAuthLen]byte(value)
	if encodeIssuerAuth(auth) != raw {
		return auth, fmt.Errorf("%w: field %d has other objects", ErrFormat, fieldICC)
	}
	return auth, nil
}
