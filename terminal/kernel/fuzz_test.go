package kernel_test

import (
	"context"
	"errors"
	"testing"

	"tapbench/applet/emv"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel"
	"tapbench/terminal/terminaltest"
)

// tape answers each command with the next record of a byte stream: one byte of length, then that
// many bytes. A length of 00 lets the command through to a right card.
type tape struct {
	*terminaltest.Card
	bytes []byte
}

func (c *tape) Process(command []byte) []byte {
	if len(c.bytes) == 0 || c.bytes[0] == 0 {
		c.bytes = c.bytes[min(1, len(c.bytes)):]
		return c.Card.Process(command)
	}
	n := min(int(c.bytes[0]), len(c.bytes)-1)
	answer := c.bytes[1 : 1+n]
	c.bytes = c.bytes[1+n:]
	return answer
}

// FuzzPay has a whole payment's answers come from a byte stream. Whatever they are, no payment is
// approved that the issuer hasn't booked, none is booked without being approved or reported for
// reversal, and nothing panics.
func FuzzPay(f *testing.F) {
	record := func(answers ...[]byte) []byte {
		var b []byte
		for _, a := range answers {
			b = append(append(b, byte(len(a))), a...)
		}
		return b
	}
	through := []byte(nil)
	options := ok(emv.ProcessingOptions{AIP: emv.AIP(), AFL: emv.AFL()}.Encode())
	f.Add([]byte{})
	f.Add(record(ok(emv.PaymentPPSE()), ok(emv.PaymentFCI().Encode()), options))
	f.Add(record(through, through, options, through, ok(emv.Record2())))
	f.Add(record(through, through, through, through, through, through, sw(apdu.SWUnknown)))
	f.Add(record(through, through, through, through, through, through, through,
		ok(emv.ACAnswer{CID: emv.CIDTC, ATC: 1, IAD: []byte{1}}.Encode())))
	f.Add(record([]byte{0x61, 0x10}, sw(0x6C05)))
	f.Fuzz(func(t *testing.T, answers []byte) {
		issuer := terminaltest.NewIssuer(t, noon)
		k := newKernel(t, issuer)
		card := &tape{issuer.Card(t), answers}
		out, err := k.Pay(context.Background(), pcsc.NewDirect(card), issuer.Host(), purchase())
		booked := issuer.Booked() > 0
		approved := out.Result == kernel.Approved
		if approved && (!booked || err != nil || out.NeedReversal) {
			t.Errorf("approved, booked: %v, error: %v, reversal: %v", booked, err, out.NeedReversal)
		}
		if booked && !approved && !out.NeedReversal {
			t.Errorf("booked, neither approved nor to be reversed: %+v, %v", out, err)
		}
		if err == nil && out.Result == kernel.Unfinished {
			t.Error("neither a result nor an error")
		}
		if errors.Is(err, kernel.ErrNoApplication) && out.PAN.Valid() {
			t.Error("no application, but a PAN")
		}
	})
}
