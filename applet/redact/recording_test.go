package redact_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"testing"

	"tapbench/applet/redact"
	"tapbench/pcsc/trace"
)

// script returns a dialogue as a trace, byte for byte.
func script(t testing.TB, dialogue []pair) *bytes.Buffer {
	t.Helper()
	var file bytes.Buffer
	w, err := trace.NewWriter(&file, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range dialogue {
		s := trace.Step{
			Kind: trace.Exchange, Command: trace.Literal(p.command), Answer: trace.Literal(p.answer),
		}
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	return &file
}

// recorded has a card that answers as in the dialogue, records what is said to it, and returns the
// recording and its warnings.
func recorded(t testing.TB, c redact.Config, dialogue []pair) (file, warnings string) {
	t.Helper()
	card, err := trace.NewPlayer(script(t, dialogue))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	r := redact.New(c)
	recorder, err := trace.NewRecorder(card, &b, trace.Options{Redact: r.Redact})
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range dialogue {
		answer, err := recorder.Transmit(context.Background(), p.command)
		if err != nil || !bytes.Equal(answer, p.answer) {
			t.Fatalf("% X: % X, %v", p.command, answer, err)
		}
	}
	if err := recorder.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String(), strings.Join(r.Warnings(), "\n")
}

// steps returns the exchanges of a recording.
func steps(t testing.TB, file string) []trace.Step {
	t.Helper()
	r, err := trace.NewReader(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var all []trace.Step
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, s)
	}
}

// TestOwnRecording: a recording of our own card, from its first command to the end of a tap, plays
// as the card did.
func TestOwnRecording(t *testing.T) {
	dialogue, _ := ownDialogue(t)
	file, _ := recorded(t, redact.Config{}, dialogue)
	card, err := trace.NewPlayer(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range dialogue {
		answer, err := card.Transmit(context.Background(), p.command)
		if err != nil || !bytes.Equal(answer, p.answer) {
			t.Fatalf("% X: % X, %v; not % X", p.command, answer, err, p.answer)
		}
	}
	if err := card.Unfinished(); err != nil {
		t.Error(err)
	}
}

// TestReplay: a recording with stand-ins has all its bytes, so that it can be put to a card that
// answers as the first one did.
func TestReplay(t *testing.T) {
	dialogue := foreignDialogue()
	file, _ := recorded(t, redact.Config{}, dialogue)
	steps, err := trace.NewReader(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	card, err := trace.NewPlayer(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	target := &trace.Target{Card: card, StandIns: trace.SendAllStandIns}
	if err := trace.Replay(context.Background(), steps, target); err != nil {
		t.Error(err)
	}
}
