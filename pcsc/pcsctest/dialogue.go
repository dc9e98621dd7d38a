package pcsctest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"path"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/tracetest"
	"tapbench/testdata"
)

// DialogueDir is where the contract card's dialogues lie in the tree of testdata.Vectors.
const DialogueDir = "vectors/pcsc"

// Dialogue is a file in the grammar of tapbench/pcsc/trace.
type Dialogue struct {
	// Name is the file's name without folder and ending.
	Name string
	text []byte
}

// LoadDialogues returns every file of a folder. The test fails if there is none, and for a file
// that doesn't end in .apdu, isn't a trace, has no steps, or doesn't say in its header what
// prescribes it, what it shows and why.
func LoadDialogues(t testing.TB, files fs.FS, dir string) []Dialogue {
	t.Helper()
	entries, err := fs.ReadDir(files, dir)
	if err != nil {
		t.Fatalf("dialogues: %v", err)
	}
	var dialogues []Dialogue
	for _, e := range entries {
		name, found := strings.CutSuffix(e.Name(), ".apdu")
		if !found || e.IsDir() {
			t.Errorf("%s: %s isn't a dialogue", dir, e.Name())
			continue
		}
		text, err := fs.ReadFile(files, path.Join(dir, e.Name()))
		if err != nil {
			t.Fatalf("dialogues: %v", err)
		}
		d := Dialogue{Name: name, text: text}
		d.check(t)
		dialogues = append(dialogues, d)
	}
	if len(dialogues) == 0 {
		t.Fatalf("%s: no dialogue", dir)
	}
	return dialogues
}

// check reads the whole file.
func (d Dialogue) check(t testing.TB) {
	t.Helper()
	steps, err := trace.NewReader(bytes.NewReader(d.text))
	if err != nil {
		t.Errorf("%s.apdu: %v", d.Name, err)
		return
	}
	for _, key := range []trace.Key{trace.KeySpec, trace.KeyExpect, trace.KeyComment} {
		if steps.Header().Get(key) == "" {
			t.Errorf("%s.apdu: no %s in the header", d.Name, key)
		}
	}
	for n := 0; ; n++ {
		_, err := steps.Next()
		switch {
		case errors.Is(err, io.EOF) && n > 0:
			return
		case err != nil:
			t.Errorf("%s.apdu: after %d steps: %v", d.Name, n, err)
			return
		}
	}
}

// Text returns the file.
func (d Dialogue) Text() string { return string(d.text) }

// Needs returns the kinds of steps for which a card isn't enough, so that a [trace.Target] needs
// hands: Tear, Remove and Insert, those that the dialogue has.
func (d Dialogue) Needs() []trace.Kind {
	steps, err := trace.NewReader(bytes.NewReader(d.text))
	if err != nil {
		return nil
	}
	found := map[trace.Kind]bool{}
	for {
		step, err := steps.Next()
		if err != nil {
			break
		}
		found[step.Kind] = true
	}
	var needs []trace.Kind
	for _, kind := range []trace.Kind{trace.Tear, trace.Remove, trace.Insert} {
		if found[kind] {
			needs = append(needs, kind)
		}
	}
	return needs
}

// Replay puts the dialogue to a target and fails the test at the first difference, which it shows.
func (d Dialogue) Replay(t testing.TB, target *trace.Target) {
	t.Helper()
	tracetest.ReplayText(t, d.Name+".apdu", d.Text(), target)
}

// replaysDialogues replays every dialogue that the backend has the hands for.
func replaysDialogues(t *testing.T, b Backend) {
	for _, d := range LoadDialogues(t, testdata.Vectors, DialogueDir) {
		if len(d.Needs()) > 0 && !hands(b) {
			continue
		}
		t.Run(d.Name, func(t *testing.T) {
			b.putBack(t)
			target := &trace.Target{
				Card: b.Open(t),
				Tear: func(n int) error { b.Contract.Tear(n); return nil },
			}
			t.Cleanup(func() {
				b.Contract.Tear(0)
				if err := target.Card.Close(); err != nil {
					t.Errorf("Close: %v", err)
				}
			})
			if hands(b) {
				target.Remove = func() error { b.RemoveCard(t); return nil }
				target.Insert = func(context.Context) (pcsc.Card, error) {
					if err := target.Card.Close(); err != nil {
						return nil, err
					}
					b.InsertCard(t)
					return b.Open(t), nil
				}
			}
			d.Replay(t, target)
		})
	}
}
