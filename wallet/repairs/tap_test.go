package repairs

import (
	"errors"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// tapped is what a terminal saw of one tap.
type tapped struct {
	answers [][]byte // in the order of the commands, without the status word
	sw      []apdu.SW
	objects emv.ObjectList
}

// value returns a data element of the records.
func (s tapped) value(t *testing.T, tag tlv.Tag) []byte {
	t.Helper()
	v, err := s.objects.Find(tag)
	check(t, err)
	return v
}

// amount is 12.50 euros.
func amount() ([wire.AmountLen]byte, [wire.CurrencyLen]byte) {
	return [wire.AmountLen]byte{4: 0x12, 5: 0x50}, [wire.CurrencyLen]byte{0x09, 0x78}
}

// tap arms the element and taps it; n makes the tap's unpredictable number.
func (p *phone) tap(t *testing.T, n byte) tapped {
	t.Helper()
	sum, currency := amount()
	check(t, p.wallet.Arm(t.Context(), sum, currency))
	return p.read(t, n)
}

// read is what any reader can ask: selection, options, records, cryptogram.
func (p *phone) read(t *testing.T, n byte) tapped {
	t.Helper()
	var s tapped
	send := func(c apdu.Command) []byte {
		c.Ne = 256
		r, err := p.Session.Exchange(t.Context(), c)
		if refusal := new(apdu.StatusError); errors.As(err, &refusal) {
			r.SW = refusal.SW
		} else {
			check(t, err)
		}
		s.answers, s.sw = append(s.answers, r.Data), append(s.sw, r.SW)
		return r.Data
	}
	sum, currency := amount()
	terminal := emv.CDOL1Data{
		Amount: sum, Country: [2]byte{0x02, 0x76}, Currency: currency, Date: emv.Date(p.Now()),
		TerminalType: 0x21, UN: [wire.UNLen]byte{3: n},
		Merchant: [wire.MerchantLen]byte([]byte("MRC00001-SHOP  ")),
	}
	pdol := emv.PDOLData{
		Amount: sum, Currency: currency, Date: terminal.Date, UN: terminal.UN,
		Merchant: terminal.Merchant,
	}
	send(apdu.Command{INS: byte(wire.InsSelect), P1: 4, Data: []byte(wire.AIDPPSE)})
	send(apdu.Command{INS: byte(wire.InsSelect), P1: 4, Data: []byte(wire.AIDPayment)})
	send(apdu.Command{
		CLA: 0x80, INS: byte(wire.InsGetProcessingOptions),
		Data: append([]byte{0x83, emv.PDOLDataLen}, pdol.Encode()...),
	})
	for i := byte(1); i <= 3; i++ {
		raw := send(apdu.Command{INS: byte(wire.InsReadRecord), P1: i, P2: 0x0C})
		if len(raw) == 0 {
			continue
		}
		record, err := emv.ParseRecord(raw)
		check(t, err)
		check(t, s.objects.Add(record))
	}
	send(apdu.Command{
		CLA: 0x80, INS: byte(wire.InsGenerateAC), P1: 0x80, Data: terminal.Encode(),
	})
	return s
}
