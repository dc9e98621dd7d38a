package conformance

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"strings"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// dialogueEnding ends the name of a dialogue's file.
const dialogueEnding = ".apdu"

// testDialogues replays every dialogue that the backend can follow, each on a fresh card.
func testDialogues(t T, b Backend) {
	if b.Dialogues == nil {
		return
	}
	names, err := fs.Glob(b.Dialogues, "*"+dialogueEnding)
	if err != nil || len(names) == 0 {
		t.Fatalf("no dialogues: %v", err)
	}
	for _, file := range names {
		text, err := fs.ReadFile(b.Dialogues, file)
		if err != nil {
			t.Fatal(err)
		}
		if b.Tear == nil && tears(t, text) {
			continue
		}
		name := strings.TrimSuffix(file, dialogueEnding)
		t.Run(name, func(t T) { replay(t, b, text) })
	}
}

// RunDialogue replays one dialogue, named without its ending, on a fresh card.
func RunDialogue(t TB, b Backend, name string) {
	t.Helper()
	text, err := fs.ReadFile(b.Dialogues, name+dialogueEnding)
	if err != nil {
		t.Fatal(err)
	}
	replay(t, b, text)
}

// tears reports whether a dialogue needs a card whose power can be cut.
func tears(t TB, text []byte) bool {
	t.Helper()
	steps := trace.Source(load(t, text).Source())
	for {
		step, err := steps.Next()
		if err != nil {
			return false
		}
		if slices.Contains([]trace.Kind{trace.Tear, trace.Remove, trace.Insert}, step.Kind) {
			return true
		}
	}
}

func load(t TB, text []byte) *trace.Dialogue {
	t.Helper()
	d, err := trace.Load(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func replay(t TB, b Backend, text []byte) {
	t.Helper()
	target := &trace.Target{Card: b.Open(t)}
	t.Cleanup(func() {
		if err := target.Card.Close(); err != nil {
			t.Error(err)
		}
	})
	if b.Tear != nil {
		target.Tear = func(n int) error {
			b.Tear(target.Card, n, false)
			return nil
		}
		target.Insert = func(context.Context) (pcsc.Card, error) {
			return b.Again(t, target.Card), nil
		}
	}
	err := trace.Replay(t.Context(), load(t, text).Source(), target)
	mismatch := new(trace.MismatchError)
	switch {
	case errors.As(err, &mismatch) && mismatch.Got != nil:
		t.Errorf("%v\ngot: % X", err, mismatch.Got)
	case err != nil:
		t.Error(err)
	}
}
