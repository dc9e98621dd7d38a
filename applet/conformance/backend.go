package conformance

import (
	"io/fs"

	"tapbench/pcsc"
)

// Backend is one kind of card under test.
type Backend struct {
	// Name is the backend's name in the tests' names.
	Name string
	// Open returns the connection to a fresh card, powered and without keys. The test closes it.
	Open func(t TB) pcsc.Card
	// Tear has the power cut before the n-th store of state from now or, with after, after the n-th
	// write, which is all that a command changes; 0 means never. The command then ends in
	// pcsc.ErrCardRemoved. Nil: the backend can't, and tearing isn't tested.
	Tear func(card pcsc.Card, n int, after bool)
	// Again closes the connection to a card whose power was cut, and returns a new one to the same
	// card, with power. It is needed with Tear.
	Again func(t TB, card pcsc.Card) pcsc.Card
	// Caps say what the way to the card can't do.
	Caps Caps
	// Dialogues are recorded dialogues with a fresh card, in files that end in .apdu (package
	// trace). Nil: none is replayed.
	Dialogues fs.FS
}

// Caps are what a backend can't do. The zero value is a backend that can do everything.
type Caps struct {
	// NoExtended: APDUs with extended length fields don't reach the card.
	NoExtended bool
	// Far: each exchange takes milliseconds. Of the questions with faults on them a share is then
	// asked.
	Far bool
	// Slow: keys and signatures take milliseconds. Random walks are then shorter, and hostile readers
	// come by less often; so also with Far.
	Slow bool
	// Platform is what a Java Card's platform answers in the element's place.
	Platform Platform
	// Stores: a write consists of several stores. Zero: a write is one store.
	Stores bool
	// Synced: each write waits for a disk. Random walks are then shorter, and torn payments fewer.
	Synced bool
}

// part is a part of the suite.
type part struct {
	name string
	run  func(T, Backend)
}

// parts are all of the suite.
func parts() []part {
	return append([]part{
		{"walk", testWalk},
		{"dialogues", testDialogues},
		{"transport", testTransport},
		{"precedence", testPrecedence},
		{"status words", testStatusWords},
		{"launch", testLaunch},
		{"host proof", testProof},
		{"refusals", testRefusals},
		{"slots", testSlots},
		{"closing", testClosing},
		{"tap", testTap},
		{"spending", testSpending},
		{"life of a card", testCardLife},
		{"until expiry", testUntilExpiry},
		{"random taps", testRandomTaps},
		{"tokens", testTokens},
		{"skimming", testSkimming},
		{"tearing", testTearing},
	}, offlineParts()...)
}

// offlineParts are those that pay offline.
func offlineParts() []part {
	return []part{
		{"offline payment", testOffline},
		{"torn offline payments", testTornPayments},
		{"random offline payments", testSpendWalk},
	}
}

// Run runs the whole suite.
func Run(t T, b Backend) { b.run(t, parts()) }

// RunOffline runs what the suite has of offline payments, for who listens in.
func RunOffline(t T, b Backend) { b.run(t, offlineParts()) }

// RunTearing runs what the suite has of power cuts.
func RunTearing(t T, b Backend) {
	b.run(t, []part{
		{"tearing", testTearing},
		{"until expiry", testTornUntilExpiries},
		{"closing", testTornCloses},
		{"reference", testTornReference},
		{"tokens", testTokenTearing},
		{"offline payments", testTornPayments},
		{"dialogues", testDialogues},
		{"random taps", testRandomTaps},
		{"random offline payments", testSpendWalk},
	})
}

func (b Backend) run(t T, parts []part) {
	t.Helper()
	b = b.behind(b.Caps.Platform)
	for _, p := range parts {
		t.Run(p.name, func(t T) { p.run(t, b) })
	}
}

// canTear says whether the power can be cut, and tells the case if it can't.
func (b Backend) canTear(t T) bool {
	t.Helper()
	if b.Tear == nil {
		t.Log("the power can't be cut here")
	}
	return b.Tear != nil
}

// behind returns the backend as it is behind its platform.
func (b Backend) behind(p Platform) Backend {
	open, tear, again := b.Open, b.Tear, b.Again
	b.Open = func(t TB) pcsc.Card {
		t.Helper()
		card := open(t)
		if card.Protocol() == pcsc.ProtocolT0 {
			t.Fatal("the card speaks T=0, where platform and reader split answers: take T=1")
		}
		return p.Element(card)
	}
	if tear != nil {
		b.Tear = func(card pcsc.Card, n int, after bool) { tear(bare(card), n, after) }
	}
	if again != nil {
		b.Again = func(t TB, card pcsc.Card) pcsc.Card { return p.Element(again(t, bare(card))) }
	}
	return b
}

// Parts returns the names of the whole suite's parts, in the order in which they are run.
func Parts() []string {
	var names []string
	for _, p := range parts() {
		names = append(names, p.name)
	}
	return names
}
