package acquirer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// Completion is field 55 of an advice: what the issuer needs to check the card's last cryptogram,
// as card and terminal exchanged it. It names no card.
type Completion struct {
	Terminal   emv.CDOL1Data // as the terminal sent it in the first GENERATE AC
	ARC        [2]byte       // as it sent it in the second one
	IssuerAuth [emv.IssuerAuthLen]byte
	AIP        [2]byte
	ATC        uint16
	CID        byte
	TC         [wire.CryptogramLen]byte
	Relay      message.Relay // as in the authorisation
	IAD        []byte        // at most 32 bytes, of the second answer
}

// Cryptogram returns the TC that the card with this master key would have made. The caller compares
// it with TC in constant time.
func (c Completion) Cryptogram(key emv.MasterKey) [wire.CryptogramLen]byte {
	second := emv.CDOL2Data{
		ARC: c.ARC, IssuerAuth: c.IssuerAuth, TVR: c.Terminal.TVR, UN: c.Terminal.UN,
	}
	atc := binary.BigEndian.AppendUint16(nil, c.ATC)
	return emv.Cryptogram(emv.SessionKey(key, c.ATC), c.Terminal.Encode(), second.Encode(),
		c.AIP[:], atc, c.IAD)
}

// TapMessage returns what the card key has signed of this payment.
func (c Completion) TapMessage(pan emv.PAN) message.Tap {
	return tapMessage(c.Terminal, c.ATC, c.Relay, pan)
}

// object is a data object of a fixed length and where it lies.
type object struct {
	tag   tlv.Tag
	value []byte
}

// objects returns the completion's data objects but for the IAD, in the order of field 55.
func (c *Completion) objects(atc, cid, kind, terminalType, relay []byte) []object {
	t := &c.Terminal
	return []object{
		{emv.TagAIP, c.AIP[:]},
		{emv.TagARC, c.ARC[:]},
		{emv.TagIssuerAuth, c.IssuerAuth[:]},
		{emv.TagTVR, t.TVR[:]},
		{emv.TagDate, t.Date[:]},
		{emv.TagTransactionType, kind},
		{emv.TagCurrency, t.Currency[:]},
		{emv.TagAmount, t.Amount[:]},
		{emv.TagAmountOther, t.AmountOther[:]},
		{emv.TagMerchant, t.Merchant[:]},
		{emv.TagCountry, t.Country[:]},
		{emv.TagCryptogram, c.TC[:]},
		{emv.TagCID, cid},
		{emv.TagTerminalType, terminalType},
		{emv.TagATC, atc},
		{emv.TagUN, t.UN[:]},
		{wire.TagRelayData, relay},
	}
}

// Encode returns field 55: the objects in a fixed order, the IAD last.
func (c Completion) Encode() []byte {
	var b []byte
	atc := binary.BigEndian.AppendUint16(nil, c.ATC)
	for _, o := range c.objects(atc, []byte{c.CID}, []byte{c.Terminal.Type},
		[]byte{c.Terminal.TerminalType}, emv.EncodeRelay(c.Relay)) {
		b = tlv.Append(b, o.tag, o.value)
	}
	return tlv.Append(b, emv.TagIAD, c.IAD)
}

// ParseCompletion reads field 55 of an advice. It must be what Encode writes, to the byte; else it
// is [ErrFormat].
func ParseCompletion(raw []byte) (Completion, error) {
	found, err := emv.Objects(raw)
	if err != nil {
		return Completion{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldICC, err)
	}
	var (
		c                       Completion
		atc                     [wire.ATCLen]byte
		cid, kind, terminalType [1]byte
		relay                   [wire.RelayLen]byte
	)
	iad, err := found.Find(emv.TagIAD)
	errs := []error{err}
	for _, o := range c.objects(atc[:], cid[:], kind[:], terminalType[:], relay[:]) {
		value, err := found.Get(o.tag, len(o.value))
		copy(o.value, value)
		errs = append(errs, err)
	}
	if err := errors.Join(errs...); err != nil {
		return Completion{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldICC, err)
	}
	c.Relay = message.NewRelay(relay)
	c.ATC, c.CID, c.IAD = binary.BigEndian.Uint16(atc[:]), cid[0], bytes.Clone(iad)
	c.Terminal.Type, c.Terminal.TerminalType = kind[0], terminalType[0]
	if len(c.IAD) > maxIADLen || !bytes.Equal(c.Encode(), raw) {
		return Completion{}, fmt.Errorf("%w: field %d has other objects or another order", ErrFormat,
			fieldICC)
	}
	return c, nil
}
