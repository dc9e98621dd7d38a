package emvtwintest_test

import (
	"flag"
	"testing"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvtwintest"
	"tapbench/applet/jcardsim"
	"tapbench/pcsc/apdu"
)

var (
	casesFlag = flag.Int("emvtwins.cases", 150, "run so many cases of 40 commands")
	seedFlag  = flag.Uint64("emvtwins.seed", 1, "choose them by another chance")
)

// relayed is a card with relay resistance.
func relayed(a *image.Application) {
	a.Relay, a.AIP[1] = &image.Relay{Min: 1, Max: 0x0203, Transmission: 4}, 1
}

// TestTwins asks both the same by chance.
func TestTwins(t *testing.T) {
	t.Parallel()
	f := newFuzzer(t, machine(t))
	n := 0
	for ; n < *casesFlag || len(scarce(f.Hits)) > 0; n++ {
		if err := f.Case(uint64(n)); err != nil {
			t.Fatal(err)
		}
		if n > mostCases+*casesFlag {
			t.Fatalf("not hit %d times: %v", leastHits, scarce(f.Hits))
		}
	}
	t.Logf("%d cases", n)
}

// newFuzzer returns one that begins with a personalised card, a blank one with a key, and one whose
// transaction counter is about to end.
func newFuzzer(t *testing.T, m *jcardsim.Machine) *emvtwintest.Fuzzer {
	t.Helper()
	open := func() *emvtwintest.Twins {
		t.Helper()
		twins, err := emvtwintest.New(m, emvcardtest.AID())
		if err != nil {
			t.Fatal(err)
		}
		return twins
	}
	f := &emvtwintest.Fuzzer{
		Fixture: emvcardtest.New(t, emvcardtest.Contactless, relayed), Seed: *seedFlag,
		Blank: []bool{false, true, false}, Hits: map[emvtwintest.Cell]int{},
	}
	f.Blocks = emvcardtest.StoreAll(t, f.Fixture.Groups(t))
	personalised, keyed := open(), open()
	personalised.Personalise(t, f.Fixture)
	keyed.Must(t, emvcardtest.SelectName(emvcardtest.AID()))
	keyed.Must(t, emvcardtest.GenerateKey())
	initiate(t, personalised, f.Fixture.App(), values())
	old, err := personalised.At(0xFFFD)
	if err != nil {
		t.Fatal(err)
	}
	f.Bases = []*emvtwintest.Twins{personalised, keyed, old}
	return f
}

const (
	leastHits = 2
	mostCases = 1500
)

// scarce are the cells of EMV.md that haven't been hit often enough.
func scarce(hits map[emvtwintest.Cell]int) (cells []emvtwintest.Cell) {
	for _, row := range []struct {
		blank bool
		ins   byte
		words []apdu.SW
	}{
		{false, 0xA4, []apdu.SW{0x9000, 0x6100, 0x6700, 0x6A82, 0x6A86}},
		{false, 0xA8, []apdu.SW{0x9000, 0x6100, 0x6700, 0x6882, 0x6985, 0x6A80, 0x6A86, 0x6E00}},
		{false, 0xB2, []apdu.SW{0x9000, 0x6100, 0x6700, 0x6882, 0x6A82, 0x6A83, 0x6A86}},
		{false, 0x88, []apdu.SW{0x9000, 0x6100, 0x6700, 0x6882, 0x6985, 0x6A86}},
		{false, 0xAE, []apdu.SW{0x9000, 0x6100, 0x6700, 0x6882, 0x6985, 0x6A80, 0x6A86, 0x6D00}},
		{false, 0xCA, []apdu.SW{0x9000, 0x6100, 0x6700, 0x6882, 0x6A88}},
		{false, 0xEA, []apdu.SW{0x9000, 0x6100, 0x6700, 0x6882, 0x6985, 0x6A86}},
		{false, 0xC0, []apdu.SW{0x9000, 0x6100, 0x6700, 0x6882, 0x6985, 0x6A86}},
		{false, 0xE2, []apdu.SW{0x6D00}},
		{true, 0xA4, []apdu.SW{0x9000, 0x6A82}},
		{true, 0xA8, []apdu.SW{0x6D00}},
		{true, 0xAE, []apdu.SW{0x6D00}},
		{true, 0xC0, []apdu.SW{0x6985}},
		{true, 0xE2, []apdu.SW{0x9000, 0x6700, 0x6882, 0x6985, 0x6A80, 0x6A86, 0x6A88}},
	} {
		for _, sw := range row.words {
			if c := (emvtwintest.Cell{Blank: row.blank, INS: row.ins, SW: sw}); hits[c] < leastHits {
				cells = append(cells, c)
			}
		}
	}
	return cells
}
