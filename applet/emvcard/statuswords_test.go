package emvcard_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/pcsc/apdu"
)

// noEntropy is a random source that fails.
type noEntropy struct{}

func (noEntropy) Read([]byte) (int, error) { return 0, os.ErrClosed }

// TestStatusWords holds EMV.md to the code: each status word that the page names is given by a row
// of hostileTables, and those give none that the page doesn't name.
func TestStatusWords(t *testing.T) {
	named := documented(t)
	given := map[string]bool{}
	for _, table := range hostileTables() {
		for _, r := range table.rows {
			for sw := range table.run(t, r) {
				given[generic(sw)] = true
			}
		}
	}
	for _, d := range emvcardtest.New(t, emvcardtest.Contactless).Personalisations(t) {
		given[d.Want.String()] = true // TestPersonalisation holds the card to them
	}
	given[withoutEntropy(t).String()] = true
	if diff := cmp.Diff(sorted(named), sorted(given)); diff != "" {
		t.Errorf("status words (-EMV.md +given):\n%s", diff)
	}
}

// generic is how the page writes a status word with a number in it.
func generic(sw apdu.SW) string {
	text := sw.String()
	switch sw.SW1() {
	case 0x61, 0x6C:
		return text[:2] + "xx"
	case 0x63:
		if _, counts := sw.Counter(); counts {
			return "63Cx"
		}
	}
	return text
}

func sorted(set map[string]bool) []string { return slices.Sorted(maps.Keys(set)) }

// withoutEntropy is what a card answers whose random source fails.
func withoutEntropy(t *testing.T) apdu.SW {
	t.Helper()
	h := newHostile(t, emvcardtest.New(t, emvcardtest.Contact))
	card, err := emvcard.New(emvcard.Config{Image: h.fixture.Image, Rand: noEntropy{}})
	if err != nil {
		t.Fatal(err)
	}
	card.PowerOn()
	h.card = card
	h.word("select")
	h.word("gpo")
	sw := h.word("dda").SW
	if got := h.word("ac1:TC").SW; got != apdu.SWINSNotSupported {
		t.Errorf("the session isn't lost: got %s", got)
	}
	return sw
}
