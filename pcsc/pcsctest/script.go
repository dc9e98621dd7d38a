package pcsctest

import (
	"strings"
	"testing"

	"tapbench/pcsc/trace"
)

// Script returns a card that answers from a trace. Anything but the dialogue in it, and anything of
// it that is left at the end, fails the test. The text may leave out the first line of the grammar;
// an empty first line and tabs at the beginning of lines are taken away, so that it can stand
// indented in the test.
func Script(t testing.TB, text string) *trace.Player {
	t.Helper()
	lines := strings.Split(strings.TrimPrefix(text, "\n"), "\n")
	for i, line := range lines {
		lines[i] = strings.TrimLeft(line, "\t")
	}
	text = strings.Join(lines, "\n")
	if !strings.HasPrefix(text, trace.Magic) {
		text = trace.Magic + "\n" + text
	}
	player, err := trace.NewPlayer(strings.NewReader(text))
	if err != nil {
		t.Fatalf("the script: %v", err)
	}
	t.Cleanup(func() {
		if err := player.Unfinished(); err != nil {
			t.Errorf("the script: %v", err)
		}
	})
	return player
}
