package banner_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"tapbench/cmd/tapbench/internal/banner"
)

func TestRows(t *testing.T) {
	got := banner.Rows("tap?")
	want := `█████  ███  ████
  █   █   █ █   █
  █   █████ ████
  █   █   █ █
  █   █   █ █`
	if text := strings.Join(got[:], "\n"); text != want {
		t.Errorf("got\n%s\nwant\n%s", text, want)
	}
}

// What a shop shows fits 80 columns, and each of its letters has a glyph.
func TestWordsOfAShop(t *testing.T) {
	for _, word := range []string{
		"READY", "TAP", "HOLD STILL", "REMOVE CARD", "APPROVED", "DECLINED", "REFUNDED", "VOIDED",
		"DAY CLOSED", "NOT DONE", "PENDING", "1234567.890",
	} {
		ink := 0
		for _, row := range banner.Rows(word) {
			ink += strings.Count(row, "█")
			if n := utf8.RuneCountInString(row); n > 80 {
				t.Errorf("%s: %d columns", word, n)
			}
		}
		if ink < 4*len(word) {
			t.Errorf("%s: only %d blocks", word, ink)
		}
	}
	for c := 'A'; c <= 'Z'; c++ {
		if strings.TrimSpace(strings.Join(sliced(string(c)), "")) == "" {
			t.Errorf("%c has no glyph", c)
		}
	}
}

func sliced(text string) []string {
	rows := banner.Rows(text)
	return rows[:]
}
