package conformance

import (
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/message"
)

// heard is a test that writes down what it is told.
type heard struct {
	testing.TB
	said []string
}

func (h *heard) Errorf(format string, args ...any) {
	h.said = append(h.said, fmt.Sprintf(format, args...))
}

// broken is a secure element that does what it is told, for the judge.
type broken struct {
	g   *given
	tok message.Token
}

// sign has it sign units for a payment of that number, or for a commitment.
func (b broken) sign(number byte, from, to, unit uint8, sigma byte) {
	p, record := b.payment(number, from, to, unit)
	a := emv.OfflineAnswer{CID: emv.CIDTC, From: from, To: to, Signature: message.Signature{sigma}}
	if unit == 0 {
		a.Value = &message.Hash{}
	}
	b.g.signed(p, record, a)
}

func (b broken) payment(number byte, from, to, unit uint8) (*purchase, emv.TokenRecord) {
	d := emv.OfflinePDOLData{UN: [4]byte{number}, Unit: unit}
	return &purchase{d: d}, emv.TokenRecord{Token: b.tok, From: from, To: to}
}

func (b broken) tick(number byte, from, to, k byte) {
	p, record := b.payment(number, from, to, 5)
	b.g.ticked(p, record, k, true)
}

// TestGiven: the judge of the walks finds what the controls of spend_meter.pml do, and says nothing
// of an honest element.
func TestGiven(t *testing.T) {
	for _, row := range []struct {
		name, want string // the claim; empty: an honest element
		does       func(b broken)
	}{
		{"LAZY: the index moves by ticks only", "A", func(b broken) {
			b.sign(1, 0, 4, 5, 1)
			b.tick(1, 0, 4, 1)
			b.sign(2, 1, 3, 0, 2)
		}},
		{"LATE: written after the answer, and lost", "A", func(b broken) {
			b.sign(1, 0, 4, 0, 1)
			b.sign(2, 0, 4, 0, 2)
		}},
		{"a statement is signed twice", "A", func(b broken) {
			b.sign(1, 0, 4, 0, 1)
			b.sign(1, 0, 4, 0, 2)
		}},
		{"ASIS: spent behind a commitment", "B", func(b broken) {
			b.sign(1, 0, 4, 5, 1)
			b.sign(2, 4, 6, 0, 2)
		}},
		{"a tick of no commitment", "B", func(b broken) { b.tick(1, 0, 4, 1) }},
		{"a tick past the commitment", "B", func(b broken) {
			b.sign(1, 0, 4, 5, 1)
			b.tick(1, 0, 4, 5)
		}},
		{"closed below a payment", "C", func(b broken) {
			b.sign(1, 0, 4, 0, 1)
			b.g.closedAt(b.tok, 3)
		}},
		{"closed below a tick", "C", func(b broken) {
			b.sign(1, 0, 4, 5, 1)
			b.tick(1, 0, 4, 2)
			b.g.closedAt(b.tok, 1)
		}},
		{"paid behind the close", "C", func(b broken) {
			b.g.closedAt(b.tok, 0)
			b.sign(1, 0, 4, 0, 1)
		}},
		{"ticked behind the close", "C", func(b broken) {
			b.sign(1, 0, 4, 5, 1)
			b.g.closedAt(b.tok, 0)
			b.tick(1, 0, 4, 1)
		}},
		{"closed twice", "C", func(b broken) {
			b.g.closedAt(b.tok, 2)
			b.g.closedAt(b.tok, 1)
		}},
		{"honest", "", func(b broken) {
			b.sign(1, 0, 4, 0, 1)
			b.sign(1, 0, 4, 0, 1)
			b.sign(2, 4, 9, 5, 2)
			b.tick(2, 4, 9, 5)
			b.tick(2, 4, 9, 5)
			b.tick(2, 4, 9, 6)
			b.g.closedAt(b.tok, 6)
			b.g.closedAt(b.tok, 6)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			h := &heard{TB: t}
			row.does(broken{g: newGiven(h), tok: message.Token{Fields: message.TokenFields{Length: 20}}})
			if (len(h.said) == 0) != (row.want == "") {
				t.Fatalf("the judge says %q, want %q", h.said, row.want)
			}
			if len(h.said) > 0 && !strings.HasPrefix(h.said[0], row.want+": ") {
				t.Errorf("the judge says %q, want claim %s", h.said, row.want)
			}
		})
	}
}

// TestGivenAccounts: what merchants can claim of a token, and no more.
func TestGivenAccounts(t *testing.T) {
	b := broken{g: newGiven(t), tok: message.Token{Fields: message.TokenFields{Length: 20}}}
	b.sign(1, 0, 4, 0, 1)
	b.sign(2, 4, 9, 5, 2)
	b.tick(2, 4, 9, 5)
	b.tick(2, 4, 9, 6)
	if got := b.g.of(b.tok).claimed(); got != 6 {
		t.Errorf("%d units can be claimed, want 4 and 2 ticks", got)
	}
}
