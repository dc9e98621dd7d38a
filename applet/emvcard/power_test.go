package emvcard_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// ledger is what an observer has seen of a card: no counter goes back, and a cryptogram of one
// counter and place is one of a kind.
type ledger struct {
	t    *testing.T
	atc  uint16
	seen map[[3]byte]string // ATC, first or second
}

func (l *ledger) note(place byte, answer map[tlv.Tag][]byte) {
	l.t.Helper()
	raw := answer[emv.TagATC]
	atc := binary.BigEndian.Uint16(raw)
	if atc < l.atc {
		l.t.Errorf("the counter went back from %d to %d", l.atc, atc)
	}
	l.atc = atc
	key := [3]byte{raw[0], raw[1], place}
	ac := string(answer[emv.TagCryptogram])
	if was, ok := l.seen[key]; ok && was != ac {
		l.t.Errorf("two cryptograms with counter %d", atc)
	}
	l.seen[key] = ac
}

// steps are transactions of every kind, one command after the other. Each returns false when the
// card gave no answer.
func steps(d *dialogue, l *ledger) []func() bool {
	app := d.fixture.App()
	var first map[tlv.Tag][]byte
	try := func(c apdu.Command) ([]byte, bool) {
		c.Ne = 256
		answer, err := d.session.Exchange(d.t.Context(), c)
		var status *apdu.StatusError
		if err != nil && !errors.As(err, &status) {
			return nil, false
		}
		return answer.Data, true
	}
	open := func() bool {
		if _, ok := try(apdu.Command{INS: 0xA4, P1: 4, Data: emvcardtest.AID()}); !ok {
			return false
		}
		_, ok := try(apdu.Command{CLA: 0x80, INS: 0xA8, Data: []byte{0x83, 0}})
		return ok
	}
	generate := func(place, p1 byte, list []byte) func() bool {
		return func() bool {
			answer, ok := try(apdu.Command{
				CLA: 0x80, INS: 0xAE, P1: p1, Data: d.said.fill(d.t, list),
			})
			if len(answer) > 0 {
				first = objects(d.t, answer)
				l.note(place, first)
				d.atc, d.arqc = [2]byte(first[emv.TagATC]), [8]byte(first[emv.TagCryptogram])
			}
			return ok
		}
	}
	approve := func() bool {
		if first != nil {
			d.online(first, "00", []byte{0, 0x82, 0, 0})
		}
		return true
	}
	verify := func(block string) func() bool {
		return func() bool {
			_, ok := try(apdu.Command{INS: 0x20, P2: 0x80, Data: []byte(block)})
			return ok
		}
	}
	run := func(c func(*dialogue) apdu.Command) func() bool {
		return func() bool { _, ok := try(c(d)); return ok }
	}
	return []func() bool{
		open, generate(1, emv.CIDTC, app.CDOL1),
		open, verify("\x24\x99\x99\xFF\xFF\xFF\xFF\xFF"), verify("\x24\x12\x34\xFF\xFF\xFF\xFF\xFF"),
		generate(1, emv.CIDARQC, app.CDOL1), approve, generate(2, emv.CIDTC, app.CDOL2),
		run(script(0x00, 0xDA, 0x9F, 0x14, []byte{9})), run(script(0x80, 0x24, 0, 0, nil)),
		open, generate(1, emv.CIDAAC, app.CDOL1), open, generate(1, emv.CIDTC, app.CDOL1),
	}
}

func TestPowerCutAtEachWrite(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
		a.Objects = []image.Object{{Tag: 0x9F14, Value: []byte{3}, Put: true}}
	})
	const most = 40
	for _, after := range []bool{false, true} {
		for n := 1; ; n++ {
			if n == most {
				t.Fatal("the writes come to no end")
			}
			store := &saved.Memory{}
			card := fixture.Card(t, store)
			if after {
				card.TearAfter(n)
			} else {
				card.Tear(n)
			}
			if !survives(t, fixture, card, store) {
				if n < 10 {
					t.Errorf("%d writes, expected 10 or more", n-1)
				}
				break
			}
		}
	}
}

// survives runs the steps on a card that is torn, and again on the one that is left. It returns
// false if there was no cut.
func survives(
	t *testing.T, fixture *emvcardtest.Fixture, card *emvcard.Card, store saved.Store,
) (cut bool) {
	t.Helper()
	l := &ledger{t: t, seen: map[[3]byte]string{}}
	d := begin(t, fixture, card)
	for _, step := range steps(d, l) {
		if !step() {
			cut = true
			break
		}
	}
	// What the store holds is the card that is left.
	left := begin(t, fixture, fixture.Card(t, store))
	selected(left)
	if got := left.data(emv.TagATC); got < l.atc {
		t.Errorf("the counter went back from %d to %d", l.atc, got)
	}
	for _, step := range steps(left, l) {
		if !step() {
			t.Error("the card that is left gives no answer")
		}
	}
	return cut
}

func TestPINTryIsCountedBeforeItIsCompared(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	store := &saved.Memory{}
	for range 5 {
		card := fixture.Card(t, store)
		d := begin(t, fixture, card)
		d.open()
		card.TearAfter(1) // whoever cuts the power learns nothing, and has tried
		raw := []byte("\x00\x20\x00\x80\x08\x24\x99\x99\xFF\xFF\xFF\xFF\xFF")
		if answer := card.Process(raw); len(answer) > 0 && answer[0] != 0x69 {
			t.Fatalf("answered % X", answer)
		}
	}
	d := begin(t, fixture, fixture.Card(t, store))
	d.open()
	d.wantStatus("after three cuts", apdu.Command{
		INS: 0x20, P2: 0x80, Data: []byte("\x24\x12\x34\xFF\xFF\xFF\xFF\xFF"),
	}, apdu.SWAuthMethodBlocked)
}

func TestStateOfAnotherCard(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	store := &saved.Memory{}
	d := begin(t, fixture, fixture.Card(t, store))
	d.pay(emv.CIDTC)
	other := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
		a.PAN = "9999990000000011"
	})
	if _, err := emvcard.New(emvcard.Config{Image: other.Image, Store: store}); !errors.Is(err,
		saved.ErrForeign) {
		t.Errorf("another card took the state: %v", err)
	}
	d = begin(t, fixture, fixture.Card(t, store))
	selected(d)
	if got := d.data(emv.TagATC); got != 1 {
		t.Errorf("counter is %d, expected 1", got)
	}
}

func TestCounterAtItsEnd(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contactless, func(a *image.Application) {
		a.ODA, a.PDOL = nil, nil
	})
	card := fixture.Card(t, nil)
	selecting := append([]byte{0, 0xA4, 4, 0, 10}, emvcardtest.AID()...)
	options := []byte{0x80, 0xA8, 0, 0, 2, 0x83, 0, 0}
	for range 65535 {
		card.Process(selecting)
		card.Process(options)
	}
	d := begin(t, fixture, card)
	selected(d)
	if got := d.data(emv.TagATC); got != 65535 {
		t.Fatalf("counter is %d, expected 65535", got)
	}
	d.wantStatus("the next transaction", apdu.Command{CLA: 0x80, INS: 0xA8, Data: []byte{0x83, 0}},
		apdu.SWConditionsNotSatisfied)
}
