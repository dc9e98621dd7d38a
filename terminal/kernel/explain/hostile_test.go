package explain_test

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"tapbench/terminal/kernel/explain"
	"tapbench/terminal/kernel/generaltest"
)

// FuzzExplain: whatever a card answers, the explanation is text that shows no account number, and
// the same as JSON.
func FuzzExplain(f *testing.F) {
	bench := generaltest.NewBench(f)
	for kind := range byte(8) {
		f.Add([]byte{kind, 0, 0, 0, 0})
		f.Add(append([]byte{kind % 2, 0, 0, 0, 0}, make([]byte, kind)...))
		f.Add([]byte{kind % 2, 0, 0, 0, 0, 0, 0, 0xFF, kind, kind, 3, 5, 1, 2, 3, 4, 5})
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		paid := bench.PayStream(t, stream)
		e := explain.Of(paid.Outcome, paid.Err)
		text := render(t, e)
		raw, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		for _, shown := range []string{text, string(raw)} {
			if pan := paid.Outcome.PAN.Reveal(); len(pan) > 4 && strings.Contains(shown, pan) {
				t.Errorf("the account number is shown in\n%s", shown)
			}
		}
		for _, r := range text {
			if r != '\n' && !unicode.IsPrint(r) {
				t.Errorf("%q in\n%s", r, text)
				break
			}
		}
		if len(e.Phases) < 13 || !strings.HasPrefix(text, strings.ToUpper(e.Result)) {
			t.Errorf("%d phases:\n%s", len(e.Phases), text)
		}
		if err := paid.Err; err != nil && e.Error != err.Error() {
			t.Errorf("%q for %v", e.Error, err)
		}
	})
}

// TestACardCanNotWriteOnTheScreen: what a card says is text, whatever it says.
func TestACardCanNotWriteOnTheScreen(t *testing.T) {
	o := online()
	o.Selected.Label, o.Selected.Directory = "\x1B[2J", "\x07"
	o.Why.Text, o.Notes[0].Text = "a\rb", "c\x1B]0;d\x07"
	if text := render(t, explain.Of(o, nil)); strings.ContainsAny(text, "\x1B\x07\r") {
		t.Errorf("%s", hex.Dump([]byte(text)))
	}
}
