package kernel

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/entry"
)

// maxRecords is how many records a card's file locator may name in all.
const maxRecords = 16

// cardData is what the card has said so far.
type cardData struct {
	pdol    []byte
	options emv.ProcessingOptions
	relay   message.Relay // the last exchange
	files   []emv.File
	objects emv.ObjectList // of the records

	pan        emv.PAN
	sequence   byte
	expiration [wire.DateLen]byte
	card       message.VCard
	signature  message.Signature   // the TSM's over card
	epoch      message.Certificate // of the key that made it
	first      emv.ACAnswer        // to the first GENERATE AC
}

// processingOptions fills the PDOL and sends GET PROCESSING OPTIONS (EMV 4.3 Book 3, 10.1).
func (t *transaction) processingOptions(ctx context.Context) error {
	return t.step(StepGPO, func() error {
		list, err := tlv.ParseDOL(t.data.pdol)
		if err != nil {
			return badData(err)
		}
		if n := tlv.DOLLen(list); n > apdu.MaxShortNc-3 {
			return contradicts(emv.TagPDOL, fmt.Sprintf("it asks for %d bytes", n))
		}
		filled := tlv.Fill(nil, list, t.value)
		answer, err := t.exchange(ctx, apdu.Command{
			CLA: byte(wire.CLAProprietary), INS: byte(wire.InsGetProcessingOptions),
			Data: tlv.Append(nil, emv.TagCommandTemplate, filled), Ne: apdu.MaxShortNe,
		})
		if errors.Is(err, apdu.SWConditionsNotSatisfied) {
			return fmt.Errorf("%w: %w", ErrNotArmed, err)
		}
		if err != nil {
			return err
		}
		if t.data.options, err = emv.ParseProcessingOptions(answer); err != nil {
			return badData(err)
		}
		return t.data.locate()
	})
}

// locate reads the file locator, before any record is: reading one spends the card.
func (d *cardData) locate() error {
	var err error
	if d.files, err = emv.ParseAFL(d.options.AFL); err != nil {
		return badData(err)
	}
	records := 0
	for _, file := range d.files {
		records += int(file.Last) - int(file.First) + 1
	}
	if records > maxRecords {
		return contradicts(emv.TagAFL, fmt.Sprintf("more than %d records", maxRecords))
	}
	return nil
}

// value returns a data object of the terminal's for a DOL.
func (t *transaction) value(tag tlv.Tag) ([]byte, bool) {
	d := &t.terminal
	switch tag {
	case emv.TagAmount:
		return d.Amount[:], true
	case emv.TagAmountOther:
		return d.AmountOther[:], true
	case emv.TagCountry:
		return d.Country[:], true
	case emv.TagTVR:
		return d.TVR[:], true
	case emv.TagCurrency:
		return d.Currency[:], true
	case emv.TagDate:
		return d.Date[:], true
	case emv.TagTransactionType:
		return []byte{d.Type}, true
	case emv.TagUN:
		return d.UN[:], true
	case emv.TagTerminalType:
		return []byte{d.TerminalType}, true
	case emv.TagMerchant:
		return d.Merchant[:], true
	default:
		value, ok := t.extra[tag]
		return value, ok
	}
}

// readRecords reads all records of the file locator, in its order (EMV 4.3 Book 3, 10.2), and then
// what the profile needs of them.
func (t *transaction) readRecords(ctx context.Context) error {
	return t.step(StepRecords, func() error {
		for _, file := range t.data.files {
			for n := int(file.First); n <= int(file.Last); n++ {
				if err := t.readRecord(ctx, file.SFI, byte(n)); err != nil {
					return fmt.Errorf("record %d of file %d: %w", n, file.SFI, err)
				}
			}
		}
		if err := t.data.parse(); err != nil {
			return badData(err)
		}
		t.out.PAN, t.out.UN = t.data.pan, t.terminal.UN
		return nil
	})
}

func (t *transaction) readRecord(ctx context.Context, sfi, n byte) error {
	answer, err := t.exchange(ctx, entry.ReadRecord(sfi, n))
	if err != nil {
		return err
	}
	body, err := emv.ParseRecord(answer)
	if err != nil {
		return badData(err)
	}
	if err := t.data.objects.Add(body); err != nil {
		return badData(err)
	}
	return nil
}

// parse reads the mandatory objects of the profile out of the records: PAN, expiration date and
// sequence number, both CDOLs, card key, class and the TSM's signature. Track 2 needn't be there,
// but mustn't contradict the PAN.
func (d *cardData) parse() error {
	pan, err1 := d.objects.Get(emv.TagPAN, wire.PANLen)
	expiration, err2 := d.objects.Get(emv.TagExpiration, wire.DateLen)
	sequence, err3 := d.objects.Get(emv.TagSequence, 1)
	key, err4 := d.objects.Get(wire.TagCardKey, wire.PointLen)
	class, err5 := d.objects.Get(wire.TagCardClass, wire.ClassLen)
	signature, err6 := d.objects.Get(wire.TagCardSignature, wire.SignatureLen)
	if err := errors.Join(err1, err2, err3, err4, err5, err6); err != nil {
		return err
	}
	var err error
	if d.pan, err = emv.ParsePAN(pan); err != nil {
		return err
	}
	d.expiration = [wire.DateLen]byte(expiration)
	if _, err := emv.ParseDate(d.expiration); err != nil {
		return err
	}
	d.card = message.VCard{PAN: d.pan.Bytes(), Key: message.PublicKey(key)}
	if d.card.Class, err = emv.ParseClass(class); err != nil {
		return err
	}
	d.signature = message.Signature(signature)
	if sequence[0]>>4 > 9 || sequence[0]&0x0F > 9 {
		return contradicts(emv.TagSequence, "not BCD")
	}
	d.sequence = sequence[0]>>4*10 + sequence[0]&0x0F
	return d.checkProfile()
}

// checkProfile compares what the profile fixes: what the card signs and the issuer checks has one
// layout.
func (d *cardData) checkProfile() error {
	for tag, want := range map[tlv.Tag][]byte{
		emv.TagCDOL1: emv.CDOL1(), emv.TagCDOL2: emv.CDOL2(),
	} {
		got, err := d.objects.Find(tag)
		if err != nil {
			return err
		}
		if string(got) != string(want) {
			return contradicts(tag, "not the profile's")
		}
	}
	if !d.objects.Has(emv.TagTrack2) {
		return nil
	}
	track2, err := d.objects.Get(emv.TagTrack2, emv.Track2Len)
	if err != nil {
		return err
	}
	if emv.Track2(d.pan, d.expiration) != [emv.Track2Len]byte(track2) {
		return contradicts(emv.TagTrack2, "it isn't that of PAN and expiration date")
	}
	return nil
}
