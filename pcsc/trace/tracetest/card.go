package tracetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// Card is a pcsc.Card that answers from a recording, and refuses what isn't next in it with an
// error that wraps pcsc.ErrOffScript. It belongs to one goroutine at a time; only Close may come
// from another.
type Card struct {
	*trace.Player

	left bool   // the dialogue left the recording
	got  []byte // with this command, if it was one
}

var _ pcsc.Card = (*Card)(nil)

// Transmit returns the recorded answer if command is the next one of the recording.
func (c *Card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.Player.Transmit(ctx, command)
	if errors.Is(err, pcsc.ErrOffScript) && !c.left {
		c.left, c.got = true, bytes.Clone(command)
	}
	return answer, err
}

// Reset does as recorded if a reset is next.
func (c *Card) Reset(ctx context.Context) error {
	err := c.Player.Reset(ctx)
	c.left = c.left || errors.Is(err, pcsc.ErrOffScript)
	return err
}

// recording is what a card plays or is asked.
type recording struct {
	name string
	open func() (io.ReadCloser, error)
}

// file is a recording in a file.
func file(path string) recording {
	return recording{path, func() (io.ReadCloser, error) { return os.Open(path) }}
}

// Play returns the card that a recording is of. The test fails at its end unless the recording was
// played from its first to its last step, and at once if it can't be read. The card needn't be
// closed.
func Play(t testing.TB, path string) *Card {
	t.Helper()
	return file(path).play(t)
}

// Script is [Play] for a text that stands in the test. It may leave out the first line of the
// grammar; an empty first line and tabs at the beginning of lines are taken away, so that it can
// stand indented.
func Script(t testing.TB, text string) *Card {
	t.Helper()
	text = strings.TrimPrefix(text, "\n")
	indented := strings.Split(text, "\n")
	for i, line := range indented {
		indented[i] = strings.TrimLeft(line, "\t")
	}
	text = strings.Join(indented, "\n")
	if !strings.HasPrefix(text, trace.Magic) {
		text = trace.Magic + "\n" + text
	}
	return written("the script", text).play(t)
}

func (r recording) play(t testing.TB) *Card {
	t.Helper()
	in, err := r.open()
	if err != nil {
		t.Fatalf("the recording: %v", err)
	}
	t.Cleanup(func() { _ = in.Close() })
	player, err := trace.NewPlayer(in)
	if err != nil {
		t.Fatal(r.place(err))
	}
	card := &Card{Player: player}
	t.Cleanup(func() {
		if err := card.Unfinished(); err != nil {
			t.Error(r.place(err) + r.beside(err, card.got))
		}
	})
	return card
}

// place puts the file's name and the line before what is wrong there, so that editors find it.
func (r recording) place(err error) string {
	mismatch, syntax := new(trace.MismatchError), new(trace.SyntaxError)
	switch {
	case errors.As(err, &mismatch):
		return fmt.Sprintf("%s:%d: %s", r.name, mismatch.Line, mismatch.What)
	case errors.As(err, &syntax):
		return fmt.Sprintf("%s:%d:%d: %s", r.name, syntax.Line, syntax.Column, syntax.What)
	default:
		return fmt.Sprintf("%s: %v", r.name, err)
	}
}

// beside shows the step at which the dialogue left the recording, and the command that came in its
// place.
func (r recording) beside(err error, got []byte) string {
	mismatch := new(trace.MismatchError)
	if !errors.As(err, &mismatch) {
		return ""
	}
	text := ""
	if want := r.step(mismatch.Line); want != "" {
		text = "\nwant:\n" + want
	}
	if got != nil {
		text += fmt.Sprintf("\ngot:\n> % X", got)
	}
	return text
}

// step returns the text of the step that begins at a line, or "".
func (r recording) step(line int) string {
	in, err := r.open()
	if err != nil {
		return ""
	}
	defer func() { _ = in.Close() }()
	steps, err := trace.Open(in)
	for err == nil {
		var step trace.Step
		if step, err = steps.Next(); err == nil && step.Line == line {
			return text(step)
		}
	}
	return ""
}

// text returns a step as the grammar writes it, without the last line end.
func text(s trace.Step) string {
	var out bytes.Buffer
	w, err := trace.NewWriter(&out, nil)
	if err == nil {
		err = w.Write(s)
	}
	if err != nil {
		return ""
	}
	return strings.TrimSuffix(strings.TrimPrefix(out.String(), trace.Magic+"\n"), "\n")
}
