package conformance

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// visit is what a hostile reader does while a phone is in its field. It is fixed before it begins,
// so that two phones can be asked the same.
type visit struct {
	kind  string // for the table
	moves []move
	// harmless says that nothing of this visit may spend a card.
	harmless bool
}

// move is one thing of a visit's: a command, or what befalls the field.
type move struct {
	command []byte // nil: not a command
	// terms is what GET PROCESSING OPTIONS says, nil for other commands.
	terms *emv.PDOLData
	what  event
}

// event is what befalls the field.
type event int

const (
	command    event = iota
	fieldLost        // and comes back: a reset
	tearBefore       // the next write is cut off before it happens
	tearAfter        // or right behind it, before the answer
)

// skimmer makes visits. Its choices are the same in each run.
type skimmer struct {
	choose *rand.Rand
	terms  emv.PDOLData
	said   emv.OfflinePDOLData
	seen   []move // commands of earlier visits, for replays
}

func newSkimmer(seed uint64) *skimmer {
	s := &skimmer{choose: rand.New(rand.NewPCG(seed, 2))} //nolint:gosec // the same choices each time
	s.newTerms()
	return s
}

// newTerms draws amount, unpredictable number and merchant; one in eight is in dollars.
func (s *skimmer) newTerms() {
	digits := func() byte { return byte(s.choose.IntN(10)<<4 | s.choose.IntN(10)) }
	s.terms = emv.PDOLData{
		Amount: [6]byte{4: digits() & 0x1F, 5: digits()}, Currency: euro(),
		Date:     [3]byte{0x26, 0x11, 0x21},
		Merchant: [15]byte([]byte(fmt.Sprintf("SKIMMER-%07d", s.choose.IntN(3)))),
	}
	for i := range s.terms.UN {
		s.terms.UN[i] = byte(s.choose.UintN(256))
	}
	if s.choose.IntN(8) == 0 {
		s.terms.Currency = dollar()
	}
}

// send makes a move of a command.
func send(c apdu.Command) move {
	raw, err := c.Encode()
	if err != nil {
		return move{command: []byte{0}} // too short: the card says so
	}
	return move{command: raw}
}

func (s *skimmer) options() move {
	m, terms := send(optionsCommand(s.terms)), s.terms
	m.terms = &terms
	return m
}

func (s *skimmer) first(p1 byte) move {
	tm := terminal{pdol: s.terms}
	tm.follow()
	return send(ownCommand(wire.InsGenerateAC, p1, 0, tm.cdol1.Encode()))
}

func (s *skimmer) second(p1 byte) move {
	tm := terminal{pdol: s.terms}
	return send(ownCommand(wire.InsGenerateAC, p1, 0, tm.cdol2([8]byte{4: 0, 5: 0x82})))
}

// approach is what a terminal begins with.
func approach() []move {
	return []move{send(selectCommand(wire.AIDPPSE)), send(selectCommand(wire.AIDPayment))}
}

// offer is an approach and GET PROCESSING OPTIONS.
func (s *skimmer) offer() []move { return append(approach(), s.options()) }

// tap is all of a tap, as far as its cryptogram.
func (s *skimmer) tap() []move {
	return append(s.offer(), send(recordCommand(1)), send(recordCommand(2)), send(recordCommand(3)),
		s.first(wire.P1ARQC))
}

// told returns the visits that a test wouldn't leave to chance.
func (s *skimmer) told() []visit {
	euros := func() {
		s.newTerms()
		s.terms.Currency = euro()
	}
	euros()
	visits := []visit{
		{kind: "PPSE and SELECT", moves: slices.Concat(approach(), approach()), harmless: true},
		{
			kind: "GPO, and the field lost", harmless: true,
			moves: slices.Concat(s.offer(), []move{{what: fieldLost}}, s.offer(),
				[]move{send(recordCommand(2))}),
		},
		{kind: "a whole tap", moves: append(s.tap(), s.second(wire.P1TC), send(recordCommand(1)))},
	}
	euros()
	visits = append(visits, visit{
		kind:  "the same tap five times",
		moves: slices.Concat(s.tap(), s.tap(), s.tap(), s.tap(), s.tap()),
	})
	euros()
	torn := []move{{what: tearBefore}}
	torn = append(torn, s.tap()...)
	torn = append(torn, move{what: tearAfter})
	torn = append(torn, s.tap()...)
	visits = append(visits, visit{kind: "records torn", moves: append(torn, s.tap()...)})
	euros()
	others, base := s.tap(), s.terms
	for _, change := range []func(*emv.PDOLData){
		func(d *emv.PDOLData) { d.UN[0]++ },
		func(d *emv.PDOLData) { d.Merchant[14]++ },
		func(d *emv.PDOLData) { d.Amount[5] ^= 0x01 },
		func(d *emv.PDOLData) { d.Currency = dollar() },
		func(*emv.PDOLData) {}, // and the first one again
	} {
		s.terms = base
		change(&s.terms)
		others = append(others, s.tap()...)
	}
	return append(visits, visit{kind: "another UN, merchant, amount", moves: others})
}

// visit makes a visit of random moves in random order.
func (s *skimmer) visit() visit {
	v := visit{kind: "random"}
	if s.choose.IntN(8) != 0 {
		v.moves = approach()
	}
	s.newTerms()
	for range 6 + s.choose.IntN(12) {
		v.moves = append(v.moves, s.move()...)
	}
	for _, m := range v.moves {
		if m.command != nil {
			s.seen = append(s.seen, m)
		}
	}
	return v
}

// move makes one or a few random moves.
func (s *skimmer) move() []move {
	switch s.choose.IntN(13) {
	case 0:
		s.newTerms()
		return []move{s.options()}
	case 1, 2:
		return []move{s.options()}
	case 3, 4, 5:
		return []move{send(recordCommand(byte(s.choose.IntN(5))))}
	case 6:
		return []move{s.first([]byte{wire.P1ARQC, wire.P1ARQC, wire.P1TC, wire.P1AAC}[s.choose.IntN(4)])}
	case 7:
		return []move{s.second([]byte{wire.P1TC, wire.P1AAC}[s.choose.IntN(2)])}
	case 8:
		return append([]move{{what: fieldLost}}, approach()...)
	case 9:
		torn := move{what: []event{tearBefore, tearAfter}[s.choose.IntN(2)]}
		return append([]move{torn}, s.offer()...)
	case 10:
		if len(s.seen) == 0 {
			return approach()
		}
		return []move{s.seen[s.choose.IntN(len(s.seen))]}
	case 11:
		return s.tap()
	default:
		return s.probe()
	}
}

// probe asks for what no terminal asks for.
func (s *skimmer) probe() []move {
	data := func(p1, p2 byte) move {
		return send(apdu.Command{INS: byte(wire.InsGetData), P1: p1, P2: p2, Ne: 256})
	}
	management := send(selectCommand(wire.AIDManagement))
	switch s.choose.IntN(6) {
	case 0: // ATC, last online ATC, PIN tries, log format
		return []move{data(0x9F, 0x36), data(0x9F, 0x13), data(0x9F, 0x17), data(0x9F, 0x4F)}
	case 1:
		return []move{management, data(0xDF, 1), data(0xDF, 2), data(0xDF, 3), data(0xDF, 4)}
	case 2:
		return []move{
			management, send(apdu.Command{INS: byte(wire.InsGetChallenge), Ne: wire.NonceLen}),
			send(apdu.Command{INS: byte(wire.InsExternalAuthenticate), Data: make([]byte, wire.MACLen)}),
			send(ownCommand(wire.InsArm, 0, 0, armData())),
		}
	case 3: // a log, if there were one
		return []move{send(apdu.Command{INS: byte(wire.InsReadRecord), P1: 1, P2: 0x5C, Ne: 256})}
	case 4:
		c := optionsCommand(s.terms)
		c.Data = c.Data[:s.choose.IntN(len(c.Data))]
		return []move{send(c)}
	default:
		return []move{send(apdu.Command{
			INS: byte(wire.InsSelect), P1: wire.P1SelectByAID,
			Data: []byte(wire.AIDPayment)[:s.choose.IntN(8)], Ne: 256,
		})}
	}
}

// seenCard is one answer that told of a card.
type seenCard struct {
	terms emv.PDOLData
	// values are the data elements that only this card has, by tag.
	values map[tlv.Tag]string
	record byte // its number; 0: a cryptogram
}

// skim is what a visit brought.
type skim struct {
	visit
	lines    []string   // everything that was seen, with what only one card has masked
	cards    []seenCard // in the order of the answers
	accepted int        // GET PROCESSING OPTIONS
	tries    int        // how many of them were followed by a record that tells of a card
	offered  bool       // the last one wasn't yet
	arqcs    int
	commands int
}

// run makes a visit to a phone.
func (v visit) run(b Backend, h *Host) *skim {
	h.t.Helper()
	if err := h.card.Reset(h.t.Context()); err != nil { // the phone enters the field
		h.t.Fatal(err)
	}
	s := &skim{visit: v}
	s.lines = append(s.lines, "ATR "+hex.EncodeToString(h.card.ATR()))
	var terms emv.PDOLData
	for _, m := range v.moves {
		switch {
		case m.command != nil:
			if m.terms != nil {
				terms = *m.terms
			}
			s.ask(b, h, m, terms)
		case m.what == fieldLost:
			if err := h.card.Reset(h.t.Context()); err != nil {
				h.t.Fatal(err)
			}
		case b.Tear != nil:
			b.Tear(h.card, 1, m.what == tearAfter)
		}
	}
	if b.Tear != nil {
		b.Tear(h.card, 0, false) // the phone leaves the field
	}
	return s
}

// ask sends one command and notes what came.
func (s *skim) ask(b Backend, h *Host, m move, terms emv.PDOLData) {
	h.t.Helper()
	s.commands++
	line := hex.EncodeToString(m.command) + " → "
	raw, err := h.card.Transmit(h.t.Context(), m.command)
	if errors.Is(err, pcsc.ErrCardRemoved) && b.Tear != nil {
		h.card = b.Again(h.t, h.card)
		h.session = pcsc.NewSession(h.card)
		s.lines = append(s.lines, line+"torn, ATR "+hex.EncodeToString(h.card.ATR()))
		return
	}
	if errors.Is(err, pcsc.ErrBadCommand) {
		s.lines = append(s.lines, line+"not sent")
		return
	}
	if err != nil {
		h.t.Fatalf("% X: %v", m.command, err)
	}
	s.note(m, terms, raw)
	if len(m.command) > 1 && m.command[1] == byte(wire.InsGetChallenge) {
		clear(raw[:len(raw)-2])
	}
	s.lines = append(s.lines, line+hex.EncodeToString(raw))
}

// ofOneCard are the data elements that only one card has. All others must be the same for all.
func ofOneCard() []tlv.Tag {
	return []tlv.Tag{
		emv.TagTrack2, emv.TagPAN, emv.TagCryptogram,
		wire.TagCardKey, wire.TagCardSignature, wire.TagTapSignature, emv.TagDynamicSignature,
	}
}

// note counts what an answer brought and masks in it what only one card has.
func (s *skim) note(m move, terms emv.PDOLData, raw []byte) {
	if len(raw) < 2 || !bytes.HasSuffix(raw, []byte{0x90, 0x00}) || len(m.command) < 4 ||
		m.command[1] == byte(wire.InsGetChallenge) { // whose bytes may look like any tag
		return
	}
	body := raw[:len(raw)-2]
	seen := seenCard{terms: terms, values: map[tlv.Tag]string{}}
	_ = tlv.Walk(body, func(e tlv.Element, _ int) error { // what isn't TLV stays as it is
		if slices.Contains(ofOneCard(), e.Tag) {
			seen.values[e.Tag] = string(e.Value)
			clear(e.Value)
		}
		seen.noteToken(e)
		return nil
	})
	switch wire.INS(m.command[1]) {
	case wire.InsGetProcessingOptions:
		s.accepted++
		s.offered = true
	case wire.InsReadRecord:
		seen.record = m.command[2]
		if s.offered && len(seen.values) > 0 {
			s.tries++
			s.offered = false
		}
	case wire.InsGenerateAC:
		if seen.values[wire.TagTapSignature]+seen.values[emv.TagDynamicSignature] != "" {
			s.arqcs++
		}
	case wire.InsTick:
		clear(body)
	default:
	}
	if len(seen.values) > 0 {
		s.cards = append(s.cards, seen)
	}
}
