package trace_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// replay puts the steps to a target.
func replay(t testing.TB, steps string, target *trace.Target) error {
	t.Helper()
	r, err := trace.NewReader(strings.NewReader(magic + steps))
	if err != nil {
		t.Fatal(err)
	}
	return trace.Replay(t.Context(), r, target)
}

func TestReplayFindsTheDifference(t *testing.T) {
	for _, row := range []struct {
		name, steps string
		transmit    func([]byte) ([]byte, error)
		err         error
		want        string
	}{
		{
			"another answer", "> 00 A4 04 00\n< 00 A4 04 00 6A 82\n", echo, pcsc.ErrOffScript,
			"line 2: command 00 A4 04 00 (4 bytes) answered otherwise from byte 5 on: " +
				"got 90 00 (6 bytes), want 6A 82 (6 bytes)",
		},
		{
			"a longer answer", "> 00 A4 04 00\n< [any 2] 90 00\n", echo, pcsc.ErrOffScript,
			"line 2: command 00 A4 04 00 (4 bytes) answered otherwise from byte 3 on: " +
				"got 90 00 (6 bytes), want 90 00 (4 bytes)",
		},
		{
			"an answer for a failure", "> 00 A4 04 00\n! removed\n", echo, pcsc.ErrOffScript,
			"line 2: command 00 A4 04 00 (4 bytes) succeeded, want removed",
		},
		{
			"a failure for an answer", "> 00 A4 04 00\n< 90 00\n", broken(pcsc.ErrComm), pcsc.ErrComm,
			"line 2: command 00 A4 04 00 (4 bytes): " +
				"transmitting: communication with the card failed",
		},
		{
			"another failure", "> 00 A4 04 00\n! removed\n", broken(pcsc.ErrComm), pcsc.ErrComm,
			"line 2: command 00 A4 04 00 (4 bytes): want removed, got: " +
				"transmitting: communication with the card failed",
		},
		{
			"a command that can't be sent", "> 00 20 00 80 08 [pin 8]\n< 90 00\n", echo,
			pcsc.ErrOffScript, "line 2: the command has parts that weren't recorded",
		},
		{
			"a reset that works", "reset\n! comm\n", echo, pcsc.ErrOffScript,
			"line 2: reset succeeded, want comm",
		},
		{"no hand to tear", "tear 1\n", echo, pcsc.ErrNotSupported, "line 2: tear: not supported"},
		{"no hand to remove", "remove\n", echo, pcsc.ErrNotSupported, "line 2: remove: not supported"},
		{"no hand to insert", "insert\n", echo, pcsc.ErrNotSupported, "line 2: insert: not supported"},
		{
			"a fault in the text", "reset\nnonsense\n", echo, nil,
			"reading the trace: line 3, column 1: command or event expected",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			err := replay(t, row.steps, &trace.Target{Card: &card{transmit: row.transmit}})
			if err == nil || err.Error() != row.want || row.err != nil && !errors.Is(err, row.err) {
				t.Errorf("Replay: got %v, want %q around %v", err, row.want, row.err)
			}
		})
	}
}

func TestReplayKeepsAnswersOutOfItsText(t *testing.T) {
	target := &trace.Target{Card: &card{transmit: echo}}
	err := replay(t, "> 00 A4 04 00\n< 12 34 56 78 90 00\n", target)
	var mismatch *trace.MismatchError
	if !errors.As(err, &mismatch) {
		t.Fatalf("Replay: got %v, want a MismatchError", err)
	}
	if strings.Contains(err.Error(), "12 34") {
		t.Errorf("the text holds data: %v", err)
	}
	if want, _ := mismatch.Want.Bytes(); want[0] != 0x12 || mismatch.Got[1] != 0xA4 {
		t.Errorf("got % X, want % X", mismatch.Got, want)
	}
}

func TestReplayUsesItsHands(t *testing.T) {
	var acts []string
	first := &card{transmit: broken(pcsc.ErrCardRemoved)}
	second := &card{transmit: echo}
	target := &trace.Target{
		Card:   first,
		Tear:   func(n int) error { acts = append(acts, "tear"); return nil },
		Remove: func() error { acts = append(acts, "remove"); return nil },
		Insert: func(context.Context) (pcsc.Card, error) {
			acts = append(acts, "insert")
			return second, nil
		},
	}
	err := replay(t, "tear 4\n> 00 A4 04 00\n! removed\nremove\ninsert\n"+
		"> 00 A4 04 00\n< [any 4] 90 00\nreset\n", target)
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(acts, " "); got != "tear remove insert" {
		t.Errorf("acts: got %s", got)
	}
	if target.Card != pcsc.Card(second) {
		t.Error("the card that was inserted isn't the target")
	}
	target.Insert = func(context.Context) (pcsc.Card, error) {
		return nil, &pcsc.Error{Op: "connecting", Err: pcsc.ErrNoCard}
	}
	if err := replay(t, "insert\n", target); !errors.Is(err, pcsc.ErrNoCard) {
		t.Errorf("an insertion that fails: got %v, want ErrNoCard", err)
	}
	if target.Card != pcsc.Card(second) {
		t.Error("an insertion that failed replaced the card")
	}
}

// TestARecordingPlaysAndReplays closes the circle: what a recorder wrote, a player answers, and a
// replay against that player finds no difference.
func TestARecordingPlaysAndReplays(t *testing.T) {
	var text bytes.Buffer
	options := trace.Options{Redact: trace.RevealAll}
	r, err := trace.NewRecorder(&card{transmit: echo}, &text, options)
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{4, 5, 300} {
		if _, err := r.Transmit(t.Context(), make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		if err := r.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	player, err := trace.NewPlayer(bytes.NewReader(text.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	steps, err := trace.NewReader(bytes.NewReader(text.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	if err := trace.Replay(t.Context(), steps, &trace.Target{Card: player}); err != nil {
		t.Error(err)
	}
	if err := player.Close(); err != nil {
		t.Error(err)
	}
}
