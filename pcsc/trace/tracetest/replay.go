package tracetest

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"tapbench/pcsc/trace"
)

// Replay asks the target what the recording asked, in its order, and fails the test at the first
// answer that differs, which it shows beside the recorded one. What may differ is declared in the
// file, by its marks. See [trace.Replay] for the hands that a target needs, and for what becomes of
// commands with stand-ins: unless the target says otherwise they aren't sent, which fails the test.
func Replay(t testing.TB, path string, target *trace.Target) {
	t.Helper()
	file(path).replay(t, target)
}

// ReplayText is [Replay] for a recording that isn't in a file of its own. name is what the test's
// output calls it.
func ReplayText(t testing.TB, name, text string, target *trace.Target) {
	t.Helper()
	written(name, text).replay(t, target)
}

func (r recording) replay(t testing.TB, target *trace.Target) {
	t.Helper()
	in, err := r.open()
	if err != nil {
		t.Fatalf("the recording: %v", err)
	}
	defer func() { _ = in.Close() }()
	steps, err := trace.Open(in)
	if err != nil {
		t.Fatal(r.place(err))
	}
	err = trace.Replay(t.Context(), steps, target)
	if err == nil {
		return
	}
	said := r.place(err)
	mismatch := new(trace.MismatchError)
	if errors.As(err, &mismatch) && mismatch.Got != nil {
		said += fmt.Sprintf("\nwant:\n%s\ngot:\n< % X", r.step(mismatch.Line), mismatch.Got)
	}
	if errors.As(err, &mismatch) && mismatch.Sent != nil {
		said += fmt.Sprintf("\nline %d, byte %d of the command: a stand-in was sent (%s); no signature "+
			"or cryptogram over it is the recorded one",
			mismatch.Sent.Line, mismatch.Sent.Byte, mismatch.Sent.Label)
	}
	t.Error(said)
}

// written is a recording that stands in the test.
func written(name, text string) recording {
	return recording{name, func() (io.ReadCloser, error) {
		return io.NopCloser(strings.NewReader(text)), nil
	}}
}
