package seed_test

import (
	"encoding/hex"
	"io"
	"testing"

	"tapbench/applet/emvcard/seed"
)

// TestReader pins the first bytes: cards were made of them.
func TestReader(t *testing.T) {
	seen := map[string]bool{}
	for _, row := range []struct {
		seed    string
		purpose seed.Purpose
		want    string
	}{
		{"ci", seed.Card, "9ad1c42a5fa5f5b806e8f329e6d9d5f3"},
		{"ci", seed.Issuer, "9412f5bd0fd4390d76796295e2793e8e"},
		{"ci", seed.Authority, "2e8f541bb82a69748e5c73e3ff52a6eb"},
		{"CI", seed.Card, "c3968764e97ce8ef332dfab17d455d09"},
		{"", seed.Card, "12e6e5c99dba9d0752b5a04dd0639e72"},
	} {
		first, again := make([]byte, 16), make([]byte, 16)
		for _, b := range [][]byte{first, again} {
			if _, err := io.ReadFull(seed.Reader(row.seed, row.purpose), b); err != nil {
				t.Fatal(err)
			}
		}
		got := hex.EncodeToString(first)
		if got != row.want || got != hex.EncodeToString(again) || seen[got] {
			t.Errorf("%q for %s: %s, want %s", row.seed, row.purpose, got, row.want)
		}
		seen[got] = true
	}
}
