package applettest

import (
	"context"
	"slices"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/trace"
	"tapbench/testdata"
)

// dialogueFolder is where the dialogues with a fresh card lie in the tree of testdata.Vectors.
const dialogueFolder = "vectors/applet"

// testDialogues replays every dialogue that the backend can follow, each on a fresh card.
func testDialogues(t *testing.T, b Backend) {
	for _, d := range pcsctest.LoadDialogues(t, testdata.Vectors, dialogueFolder) {
		if b.Tear == nil && slices.Contains(d.Needs(), trace.Tear) {
			continue
		}
		t.Run(d.Name, func(t *testing.T) { replay(t, b, d) })
	}
}

// RunDialogue replays one dialogue, named without its ending, on a fresh card.
func RunDialogue(t *testing.T, b Backend, name string) {
	t.Helper()
	for _, d := range pcsctest.LoadDialogues(t, testdata.Vectors, dialogueFolder) {
		if d.Name == name {
			replay(t, b, d)
			return
		}
	}
	t.Errorf("no dialogue %s", name)
}

func replay(t *testing.T, b Backend, d pcsctest.Dialogue) {
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
	d.Replay(t, target)
}
