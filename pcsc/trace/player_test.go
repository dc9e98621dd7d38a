package trace_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// play returns a player of the steps.
func play(t testing.TB, steps string) *trace.Player {
	t.Helper()
	p, err := trace.NewPlayer(strings.NewReader(magic + steps))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestNewPlayerRefusesWhatIsNoTrace(t *testing.T) {
	var fault *trace.SyntaxError
	if _, err := trace.NewPlayer(strings.NewReader("<html>\n")); !errors.As(err, &fault) {
		t.Errorf("NewPlayer: got %v, want a SyntaxError", err)
	}
}

// TestPlayerRefusesTheWrongDialogue puts 00 A4 04 00 to players that expect something else.
func TestPlayerRefusesTheWrongDialogue(t *testing.T) {
	command := []byte{0x00, 0xA4, 0x04, 0x00}
	for _, row := range []struct{ name, steps, want string }{
		{"a trace without steps", "", "line 2: the trace has ended"},
		{"a reset instead", "reset\n", "line 2: the trace has reset here"},
		{"an insertion instead", "insert\n", "line 2: the trace has insert here"},
		{
			"another command", "> 00 A4 04 0C\n< 90 00\n",
			"line 2: the trace has command 00 A4 04 0C (4 bytes) here, " +
				"got 00 A4 04 00 (4 bytes), from byte 4 on",
		},
		{
			"a longer command", "> 00 A4 04 00 00\n< 90 00\n",
			"line 2: the trace has command 00 A4 04 00 (5 bytes) here, " +
				"got 00 A4 04 00 (4 bytes), from byte 5 on",
		},
		{
			"a hidden answer", "> 00 A4 04 00\n< [pan 8] 90 00\n",
			"line 2: the answer has parts that weren't recorded",
		},
		{
			"a fault in the text", "> 00 A4 04 00\n", "not what was recorded: " +
				"line 2, column 1: the text is cut off: an answer is missing",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := play(t, row.steps)
			for try := range 2 {
				_, err := p.Transmit(t.Context(), command)
				if !errors.Is(err, pcsc.ErrOffScript) {
					t.Fatalf("try %d: got %v, want ErrOffScript", try, err)
				}
				if want := "transmitting: " + row.want; err.Error() != want {
					t.Errorf("try %d: got %q, want %q", try, err, want)
				}
			}
			if err := p.Unfinished(); !errors.Is(err, pcsc.ErrOffScript) {
				t.Errorf("Unfinished: got %v, want the mismatch", err)
			}
			if err := p.Close(); err != nil {
				t.Errorf("Close after the mismatch: %v", err)
			}
			if _, err := p.Transmit(t.Context(), command); !errors.Is(err, pcsc.ErrClosed) {
				t.Errorf("after Close: got %v, want ErrClosed", err)
			}
		})
	}
}

func TestPlayerNamesWhatNobodyAskedFor(t *testing.T) {
	for _, row := range []struct{ name, steps, want string }{
		{
			"a command", "> 00 A4 04 00\n< 90 00\n",
			"line 2: nobody asked for command 00 A4 04 00 (4 bytes)",
		},
		{
			"a command with a hidden header", "> [data 9]\n< 90 00\n",
			"line 2: nobody asked for command with a hidden header (9 bytes)",
		},
		{"an event", "remove\n", "line 2: nobody asked for remove"},
		{"a fault in the text", "nonsense\n", "not what was recorded: " +
			"line 2, column 1: command or event expected"},
	} {
		t.Run(row.name, func(t *testing.T) {
			p := play(t, row.steps)
			err := p.Close()
			if !errors.Is(err, pcsc.ErrOffScript) || err.Error() != "closing: "+row.want {
				t.Errorf("Close: got %v, want %q", err, row.want)
			}
			if err := p.Close(); err != nil {
				t.Errorf("second Close: %v", err)
			}
			if err := p.Unfinished(); !errors.Is(err, pcsc.ErrOffScript) {
				t.Errorf("Unfinished after Close: got %v, want ErrOffScript", err)
			}
		})
	}
}

func TestPlayerPlaysFailures(t *testing.T) {
	for _, name := range []string{
		"no-service", "no-reader", "no-card", "removed", "reset", "sharing", "bad-answer",
		"not-supported", "comm", "cancelled",
	} {
		t.Run(name, func(t *testing.T) {
			p := play(t, "> 00 A4 04 00\n! "+name+"\nreset\n! "+name+"\n")
			_, err := p.Transmit(t.Context(), []byte{0, 0xA4, 4, 0})
			want := trace.Failure(name).Err()
			if want == nil || !errors.Is(err, want) {
				t.Errorf("Transmit: got %v, want %v", err, want)
			}
			if name == "cancelled" {
				want = pcsc.ErrClosed
			}
			if err := p.Reset(t.Context()); !errors.Is(err, want) {
				t.Errorf("Reset: got %v, want %v", err, want)
			}
		})
	}
}

func TestPlayerPlaysADialogue(t *testing.T) {
	p := play(t, "atr: 3B 00\nprotocol: T=0\n"+
		"> 00 20 00 80 08 [pin 8]\n< 63 C2\ntook 5 us\nreset\ntear 3\n> 80 01 00 00\n! removed\n"+
		"remove\ninsert\n> 80 02 00 00\n< AB 90 00\nremove\ninsert\n")
	verify := append([]byte{0, 0x20, 0, 0x80, 8}, make([]byte, 8)...)
	say := func(want string, answer []byte, err error) {
		t.Helper()
		if got := fmt.Sprintf("% X %v", answer, err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	answer, err := p.Transmit(cancelled, verify)
	say(" transmitting: context canceled", answer, err)
	answer, err = p.Transmit(t.Context(), []byte{1})
	say(" transmitting: malformed command: 1 bytes, not 4 to 65544", answer, err)
	answer, err = p.Transmit(t.Context(), verify)
	say("63 C2 <nil>", answer, err)
	say(" <nil>", nil, p.Reset(t.Context()))
	answer, err = p.Transmit(t.Context(), []byte{0x80, 1, 0, 0})
	say(" transmitting: card removed", answer, err)
	answer, err = p.Transmit(t.Context(), []byte{0x80, 2, 0, 0})
	say(" transmitting: card removed", answer, err)
	say(" resetting: card removed", nil, p.Reset(t.Context()))
	say(" <nil>", nil, p.Insert(t.Context()))
	answer, err = p.Transmit(t.Context(), []byte{0x80, 2, 0, 0})
	say("AB 90 00 <nil>", answer, err)
	say(" <nil>", nil, p.Insert(t.Context()))
	say(" <nil>", nil, p.Close())
	say(" <nil>", nil, p.Unfinished())
	if p.Protocol() != pcsc.ProtocolT0 || p.ATR()[1] != 0 || p.Header().ATR() == nil {
		t.Errorf("got %s, ATR % X", p.Protocol(), p.ATR())
	}
}

func TestPlayerDoesNotWaitAtTheEnd(t *testing.T) {
	p := play(t, "reset\nidle 5 us\nidle 6 us\n")
	if err := p.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := p.Unfinished(); err != nil {
		t.Error(err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}

func TestPlayerStaysRemovedAtTheEnd(t *testing.T) {
	p := play(t, "remove\n")
	for range 2 {
		if err := p.Reset(t.Context()); !errors.Is(err, pcsc.ErrCardRemoved) {
			t.Errorf("Reset: got %v, want ErrCardRemoved", err)
		}
	}
	if err := p.Insert(t.Context()); !errors.Is(err, pcsc.ErrOffScript) {
		t.Errorf("Insert: got %v, want ErrOffScript", err)
	}
}
