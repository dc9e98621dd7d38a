package emvcard_test

import (
	"bytes"
	"io"
	"slices"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/storedata"
	"tapbench/applet/saved"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// FuzzHostilePersonalisation has a stream of bytes change the groupings of a right personalisation,
// and the commands that carry them. A card that refuses is as blank as before; one that takes them
// is a card: it pays, refuses by EMV.md's status words, and comes out of its store again.
func FuzzHostilePersonalisation(f *testing.F) {
	page := documented(f)
	fixture := emvcardtest.New(f, emvcardtest.Contactless)
	right := fixture.Groups(f)
	for at := range byte(len(right)) {
		for change := range byte(6) {
			f.Add([]byte{at, change, at + 1, 3, 0x9F, 0x37, 0x04}, uint16(0), byte(0))
		}
	}
	f.Add([]byte{}, uint16(7), byte(0x80))
	f.Fuzz(func(t *testing.T, stream []byte, at uint16, mask byte) {
		commands := emvcardtest.StoreAll(t, changed(right, stream))
		spoil(commands, int(at), mask)
		store := &saved.Memory{}
		card := blankFor(t, fixture, store)
		h := &hostile{t: t, fixture: fixture, card: card, said: purchase(), seen: map[apdu.SW]bool{}}
		h.raw(emvcardtest.SelectName(fixture.App().AID))
		h.raw(emvcardtest.GenerateKey())
		last := apdu.Response{}
		for _, command := range commands {
			if len(command) >= apdu.MinCommand {
				last = h.raw(command)
			}
		}
		isBlank := h.word("gpo").SW == apdu.SWINSNotSupported
		if stored := last.SW == apdu.SWNormal && ended(commands); stored == isBlank {
			t.Fatalf("the last block was answered %s, and the card is blank: %t", last.SW, isBlank)
		}
		h.card = blankFor(t, fixture, store)
		if !isBlank {
			h.payAll()
		}
		for sw := range h.seen {
			if !page[generic(sw)] || sw == apdu.SWUnknown {
				t.Errorf("%s isn't in EMV.md, or means that the card can't go on", sw)
			}
		}
	})
}

func blankFor(t *testing.T, f *emvcardtest.Fixture, store saved.Store) *emvcard.Card {
	t.Helper()
	card, err := emvcard.NewBlank(emvcard.BlankConfig{
		Name: f.App().AID, ATR: f.Image.ATR, Store: store,
		Key: func(io.Reader) (*oda.PrivateKey, error) { return f.App().ODA, nil },
	})
	if err != nil {
		t.Fatalf("the state can't be read: %v", err)
	}
	card.PowerOn()
	return card
}

// changed are groupings as a stream changes them: which one, how, and with what.
func changed(right []storedata.Group, stream []byte) []storedata.Group {
	groups := slices.Clone(right)
	for len(stream) > 4 && len(groups) > 0 {
		at, other := int(stream[0])%len(groups), int(stream[2])%len(groups)
		n := min(int(stream[3]), len(stream)-4)
		with := stream[4 : 4+n]
		g := &groups[at]
		switch stream[1] % 6 {
		case 0:
			groups = slices.Delete(groups, at, at+1)
		case 1:
			groups = append(groups, *g)
		case 2:
			groups[at], groups[other] = groups[other], groups[at]
		case 3:
			g.Value = slices.Clone(with)
		case 4:
			g.Value = slices.Clone(g.Value)
			for i, b := range with {
				if i < len(g.Value) {
					g.Value[(i+int(stream[2]))%len(g.Value)] ^= b
				}
			}
		case 5:
			g.ID = storedata.DGI(stream[2])<<8 | storedata.DGI(stream[3])
		}
		stream = stream[4+n:]
	}
	return groups
}

// spoil changes one byte of all commands, counted through.
func spoil(commands [][]byte, at int, mask byte) {
	for _, command := range commands {
		if at < len(command) {
			command[at] ^= mask
			return
		}
		at -= len(command)
	}
}

// ended says whether the last command of a personalisation ends one.
func ended(commands [][]byte) bool {
	if len(commands) == 0 {
		return false
	}
	last := commands[len(commands)-1]
	return bytes.Equal(last[:2], []byte{0x80, 0xE2}) && last[2] == storedata.LastBlock
}

// payAll sends what a terminal sends to a card whose lists it reads from the card.
func (h *hostile) payAll() {
	h.t.Helper()
	h.raw(emvcardtest.SelectName([]byte("2PAY.SYS.DDF01")))
	answer := h.raw(emvcardtest.SelectName(h.fixture.App().AID))
	pdol, _ := tlv.Find(answer.Data, emv.TagFCI, emv.TagFCIProprietary, emv.TagPDOL)
	if _, err := tlv.ParseDOL(pdol); err != nil {
		return // the FCI isn't looked into by the card
	}
	options := tlv.Append(nil, emv.TagCommandTemplate, h.fill(pdol))
	if len(options) > apdu.MaxShortNc {
		return
	}
	h.send([4]byte{0x80, 0xA8}, options)
	for file := byte(1); file < 4; file++ {
		h.send([4]byte{0x00, 0xB2, 1, file<<3 | 4}, nil)
	}
	for n := range 256 {
		if answer := h.send([4]byte{0x80, 0xAE, 0x50}, make([]byte, n)); answer.SW == apdu.SWNormal {
			break
		}
	}
	h.send([4]byte{0x00, 0x88}, []byte{1, 2, 3, 4})
	h.send([4]byte{0x80, 0xEA}, []byte{1, 2, 3, 4})
	h.word("80CA9F3600")
}
