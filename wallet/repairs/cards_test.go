package repairs

import (
	"bytes"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// TestRepair05: one virtual card serves until it expires, though "one-time" is claimed (A 2.6, C
// fig. 3, C section 5). Its number, key and certificate are the same at every tap, and merchants
// link. Ours: a card for each tap.
func TestRepair05(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		tid := newPair(t)
		card := join("PAN", string(tid.public(t)), "CERT_TID^TSM").encode(t)
		tap := func(un string) [][]byte {
			return [][]byte{card, tid.sign(t, []byte(un)).signature}
		}
		if first, second := tap("UN1"), tap("UN2"); !bytes.Equal(first[0], second[0]) {
			t.Error("two taps of one phone aren't linked")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		p.ready(t, 3)
		shown := make(map[string]tlv.Tag)
		for n := range byte(3) {
			tap := p.tap(t, n)
			for _, tag := range []tlv.Tag{
				emv.TagPAN, emv.TagTrack2, wire.TagCardKey, wire.TagCardSignature,
			} {
				value := string(tap.value(t, tag))
				if shown[value] != 0 {
					t.Errorf("tap %d shows the %s of an earlier one", n, tag)
				}
				shown[value] = tag
			}
		}
	})
}

// TestRepair13: the terminal shows nothing of itself and the user agrees to nothing, while PAN and
// certificate are in the clear (A 2.6 step 5, C fig. 3 step 4): any reader skims and follows a
// phone. Ours: the element answers no payment unless its owner has armed it, for one tap up to an
// amount, and a skimmed card is one that nobody meets again.
func TestRepair13(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		tid := newPair(t)
		read := func() []byte { return join("PAN", string(tid.public(t))).encode(t) } // READ RECORD
		if monday, friday := read(), read(); !bytes.Equal(monday, friday) {
			t.Error("a reader that nobody has agreed to can't follow the phone")
		}
	})
	t.Run("ours", func(t *testing.T) {
		p := newPhone(t, "alice")
		p.ready(t, 3)
		p.wantSilent(t, "never armed")
		first := p.tap(t, 1)
		p.wantSilent(t, "another reader, while the tap is bound to the first one's number")
		check(t, p.wallet.Disarm(t.Context()))
		p.wantSilent(t, "disarmed")
		second := p.tap(t, 2)
		if !second.tells(emv.TagPAN) {
			t.Error("an armed phone that asks for no certificate shows no card")
		}
		if bytes.Equal(first.value(t, emv.TagPAN), second.value(t, emv.TagPAN)) {
			t.Error("the skimmed card is met again")
		}
		check(t, p.wallet.Disarm(t.Context()))
		sum, currency := amount()
		check(t, p.wallet.Arm(t.Context(), sum, currency, wire.ArmMutual))
		if got := p.read(t, 3); got.tells(emv.TagPAN, wire.TagCardKey, wire.TagTapSignature) {
			t.Error("a reader without a certificate sees the card of a phone that asks for one")
		}
	})
}

// tells says whether an answer holds one of these elements.
func (s tapped) tells(tags ...tlv.Tag) bool {
	for _, answer := range s.answers {
		for _, tag := range tags {
			if _, err := tlv.Find(answer, emv.TagRecord, tag); err == nil {
				return true
			}
			if _, err := tlv.Find(answer, emv.TagFormat2, tag); err == nil {
				return true
			}
		}
	}
	return false
}

// wantSilent: a reader gets nothing but what is the same for all.
func (p *phone) wantSilent(t *testing.T, when string) {
	t.Helper()
	got := p.read(t, 99)
	for i, sw := range got.sw[2:] {
		if sw != apdu.SW(wire.SWConditionsNotSatisfied) || len(got.answers[2+i]) > 0 {
			t.Errorf("%s: command %d is answered with %s and %d bytes", when, 3+i, sw,
				len(got.answers[2+i]))
		}
	}
}

// TestRepair16: what lies below the messages isn't considered: answers to selection, counters,
// lengths, limits and expiries tell phones apart. Ours: all that isn't a card's own is the same for
// all, and what is a card's own begins at the same constants.
func TestRepair16(t *testing.T) {
	t.Parallel()
	t.Run("as printed", func(t *testing.T) {
		counter := uint16(0x0041) // EMV's ATC: one for the application, one more at each tap
		tap := func() uint16 { counter++; return counter }
		if monday, friday := tap(), tap(); friday-monday != 1 {
			t.Error("two taps of one phone don't show by their counters")
		}
	})
	t.Run("ours", func(t *testing.T) {
		alice := newPhone(t, "alice")
		alice.ready(t, 3)
		bob := alice.another(t, "bob")
		bob.ready(t, 1)
		reference := below(t, alice.tap(t, 1))
		for name, got := range map[string][]string{
			"a later tap of the same phone": below(t, alice.tap(t, 1)),
			"another user's phone":          below(t, bob.tap(t, 1)),
		} {
			if diff := cmp.Diff(reference, got); diff != "" {
				t.Errorf("%s looks otherwise:\n%s", name, diff)
			}
		}
	})
}

// below is a tap without what is a card's own: of those data elements only the lengths are left.
func below(t *testing.T, s tapped) []string {
	t.Helper()
	own := map[tlv.Tag]bool{
		emv.TagPAN: true, emv.TagTrack2: true, wire.TagCardKey: true, wire.TagCardSignature: true,
		emv.TagCryptogram: true, wire.TagTapSignature: true,
	}
	var all []string
	for i, answer := range s.answers {
		line := s.sw[i].String()
		check(t, tlv.Walk(answer, func(e tlv.Element, _ int) error {
			switch {
			case e.Tag.Constructed():
				line += " " + e.Tag.String()
			case own[e.Tag]:
				line += " " + e.Tag.String() + " of " + strconv.Itoa(len(e.Value))
			default:
				line += " " + e.Tag.String() + "=" + string(e.Value)
			}
			return nil
		}))
		all = append(all, line)
	}
	return all
}
