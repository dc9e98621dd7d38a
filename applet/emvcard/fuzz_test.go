package emvcard_test

import (
	"encoding/binary"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/pcsc/tlv"
)

// stream is what a hostile terminal does, byte by byte.
type stream []byte

func (s *stream) next() byte {
	if len(*s) == 0 {
		return 0
	}
	b := (*s)[0]
	*s = (*s)[1:]
	return b
}

func (s *stream) take(n int) []byte {
	n = min(n, len(*s))
	out := append([]byte(nil), (*s)[:n]...)
	*s = (*s)[n:]
	return out
}

// values fills a list, some of it with bytes of the stream.
func (s *stream) values(t *testing.T, list []byte) []byte {
	out := purchase().fill(t, list)
	if len(out) > 0 && s.next()&1 != 0 {
		out[int(s.next())%len(out)] = s.next()
	}
	return out
}

// command is the next one: any bytes, or one that a card knows with some of it from the stream.
func (s *stream) command(t *testing.T, app *image.Application) []byte {
	short := func(cla, ins, p1, p2 byte, data []byte) []byte {
		out := []byte{cla, ins, p1, p2}
		if len(data) > 0 {
			out = append(append(out, byte(len(data))), data...)
		}
		return append(out, 0)
	}
	switch op := s.next(); op % 10 {
	case 0:
		return append([]byte{s.next(), s.next(), s.next(), s.next()}, s.take(int(s.next()))...)
	case 1:
		return short(0, 0xA4, 4, s.next()&2, emvcardtest.AID()[:5+int(s.next())%6])
	case 2:
		return short(0x80, 0xA8, 0, 0, tlv.Append(nil, emv.TagCommandTemplate, s.values(t, app.PDOL)))
	case 3:
		return short(0x80, 0xAE, s.next()&0xD0, 0, s.values(t, app.CDOL1))
	case 4:
		return short(0x80, 0xAE, s.next()&0xD0, 0, s.values(t, app.CDOL2))
	case 5:
		return short(0, 0xB2, s.next()%4, s.next()%13<<3|4, nil)
	case 6:
		return short(0, 0x20, 0, 0x80, s.take(8))
	case 7:
		return short(0, 0x82, 0, 0, s.take(10))
	case 8:
		return short(0x84, s.next(), 0, s.next()&2, s.take(8))
	default:
		return short(0, 0xC0, 0, 0, nil)
	}
}

// watcher is what nobody may get out of a card without its issuer.
type watcher struct {
	t         *testing.T
	lower     int               // approvals that the card may give of itself
	approvals int               // the first cryptograms that were TCs
	atc       uint16            // the highest one seen
	first     map[uint16]string // the first cryptogram under a counter
}

func (w *watcher) look(answer []byte) {
	body, err := tlv.Find(answer[:len(answer)-2], emv.TagFormat2)
	if err != nil {
		return
	}
	cid, err := tlv.Find(body, emv.TagCID)
	if err != nil {
		return
	}
	raw, err := tlv.Find(body, emv.TagATC)
	if err != nil {
		w.t.Fatal("a cryptogram without its counter")
	}
	atc := binary.BigEndian.Uint16(raw)
	if atc < w.atc {
		w.t.Fatalf("the counter went back from %d to %d", w.atc, atc)
	}
	w.atc = atc
	switch was, ok := w.first[atc]; {
	case !ok:
		w.first[atc] = string(cid)
		if cid[0] == emv.CIDTC {
			w.approvals++
		}
	case was[0] != emv.CIDARQC:
		w.t.Fatalf("two first cryptograms with counter %d", atc)
	case len(was) > 1:
		w.t.Fatalf("three cryptograms with counter %d", atc)
	default:
		w.first[atc] = was + string(cid)
	}
	if w.approvals > w.lower {
		w.t.Fatalf("%d approvals, the limit is %d", w.approvals, w.lower)
	}
}

func FuzzSessions(f *testing.F) {
	f.Add([]byte{1, 0, 5, 2, 0, 3, 0x50, 0, 4, 0x40, 0, 9})
	f.Add([]byte{1, 0, 5, 2, 0, 3, 0x90, 0, 7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 4, 0x40, 0})
	f.Add([]byte{1, 0, 5, 2, 0, 6, 0x24, 0x12, 0x34, 255, 255, 255, 255, 255, 5, 1, 1, 5, 2, 11})
	f.Add([]byte{1, 0, 0, 1, 2, 0, 2, 0, 3, 0x40, 0, 8, 0x1E, 0, 0, 0, 0, 0, 0, 0, 0, 0, 250, 1, 7})
	f.Add([]byte{1, 0, 5, 2, 0, 3, 0x40, 0, 1, 0, 5, 2, 0, 3, 0x40, 0, 1, 0, 5, 2, 0, 3, 0x40, 0})
	fixtures := map[bool]*emvcardtest.Fixture{}
	for _, t0 := range []bool{false, true} {
		fixture := emvcardtest.New(f, emvcardtest.Contact, func(a *image.Application) {
			a.PDOL = []byte("\x9F\x02\x06\x9F\x37\x04")
		})
		fixture.Image.T0 = t0
		fixtures[t0] = fixture
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := stream(raw)
		fixture := fixtures[len(raw)%2 == 1]
		store := &saved.Memory{}
		card := fixture.Card(t, store)
		w := &watcher{t: t, lower: int(*fixture.App().Risk.Lower), first: map[uint16]string{}}
		for i := 0; len(s) > 0 && i < 200; i++ {
			card = step(t, &s, fixture, card, store, w)
		}
		again, err := emvcard.New(emvcard.Config{Image: fixture.Image, Store: store})
		if err != nil {
			t.Fatalf("the state can't be read again: %v", err)
		}
		again.PowerOn()
		if answer := again.Process([]byte{0, 0xA4, 4, 0, 1, 0}); len(answer) != 2 {
			t.Errorf("the card that is left answers % X", answer)
		}
	})
}

// step is one command, or a cut of the power and the card that is left.
func step(
	t *testing.T, s *stream, fixture *emvcardtest.Fixture, card *emvcard.Card, store saved.Store,
	w *watcher,
) *emvcard.Card {
	t.Helper()
	if len(*s) > 1 && (*s)[0] >= 250 {
		if n := int(s.next()); n&1 == 0 {
			card.Tear(1 + int(s.next())%3)
		} else {
			card.TearAfter(1 + int(s.next())%3)
		}
		return card
	}
	answer := card.Process(s.command(t, fixture.App()))
	if len(answer) == 0 {
		return fixture.Card(t, store)
	}
	if len(answer) == 2 && answer[0] == 0x61 { // as T=0 answers
		answer = card.Process([]byte{0, 0xC0, 0, 0, answer[1]})
	}
	if len(answer) == 1 || len(answer) > 258 {
		t.Fatalf("answer of %d bytes", len(answer))
	}
	w.look(answer)
	return card
}
