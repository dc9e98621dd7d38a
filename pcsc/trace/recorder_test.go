package trace_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// card answers every command with what its function says.
type card struct {
	transmit func(command []byte) ([]byte, error)
	reset    error
	closed   int
}

func (c *card) ATR() []byte                 { return []byte{0x3B, 0x00} }
func (c *card) Protocol() pcsc.Protocol     { return pcsc.ProtocolT0 }
func (c *card) Reset(context.Context) error { return c.reset }
func (c *card) Close() error                { c.closed++; return nil }

func (c *card) Transmit(_ context.Context, command []byte) ([]byte, error) {
	return c.transmit(command)
}

// echo answers with the command and 9000.
func echo(command []byte) ([]byte, error) {
	return append(append([]byte(nil), command...), 0x90, 0x00), nil
}

// broken always answers with a failure.
func broken(cause error) func([]byte) ([]byte, error) {
	return func([]byte) ([]byte, error) { return nil, &pcsc.Error{Op: "transmitting", Err: cause} }
}

const recordedHead = magic + "atr: 3B 00\nprotocol: T=0\n"

func TestRecorderWritesWhatCameOfACommand(t *testing.T) {
	pin := []byte{0x00, 0x20, 0x00, 0x80, 0x02, 0x12, 0x34}
	for _, row := range []struct {
		name     string
		redact   trace.Redactor
		command  []byte
		transmit func([]byte) ([]byte, error)
		want     string
	}{
		{"a command that isn't sent", nil, []byte{1, 2}, broken(pcsc.ErrBadCommand), ""},
		{"a closed connection", nil, pin, broken(pcsc.ErrClosed), ""},
		{
			"a card that left", trace.RevealAll, pin, broken(pcsc.ErrCardRemoved),
			"> 00 20 00 80 02 12 34\n! removed\n",
		},
		{
			"a deadline", nil, pin, broken(fmt.Errorf("waiting: %w", context.DeadlineExceeded)),
			"> 00 20 00 80 02 [data 2]\n! cancelled\n",
		},
		{
			"an error without a name", nil, pin, broken(errors.New("smoke")),
			"> 00 20 00 80 02 [data 2]\n! comm\n",
		},
		{
			"without redactor", nil, pin, echo,
			"> 00 20 00 80 02 [data 2]\n< [data 7] 90 00\n",
		},
		{
			"a redactor that changes lengths",
			func([]byte, []byte) (trace.Message, trace.Message) {
				return trace.Literal([]byte{0, 0x20, 0, 0x80}), trace.Literal([]byte{0x90, 0})
			},
			pin, echo, "> 00 20 00 80 02 [data 2]\n< [data 7] 90 00\n",
		},
		{
			"a redactor that changes bytes",
			func(command, answer []byte) (trace.Message, trace.Message) {
				return trace.Literal(make([]byte, len(command))), trace.Literal(answer)
			},
			pin, echo, "> 00 20 00 80 02 [data 2]\n< [data 7] 90 00\n",
		},
		{
			"a redactor that hides a part",
			func(command, answer []byte) (trace.Message, trace.Message) {
				return trace.Join(trace.Literal(command[:5]), trace.Hidden("pin", 2)),
					trace.Hidden("echo", len(answer))
			},
			pin, echo, "> 00 20 00 80 02 [pin 2]\n< [echo 9]\n",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			var text bytes.Buffer
			inner := &card{transmit: row.transmit}
			r, err := trace.NewRecorder(inner, &text, trace.Options{Redact: row.redact})
			if err != nil {
				t.Fatal(err)
			}
			answer, err := r.Transmit(t.Context(), row.command)
			direct, directErr := row.transmit(row.command)
			if !bytes.Equal(answer, direct) || fmt.Sprint(err) != fmt.Sprint(directErr) {
				t.Errorf("Transmit: got % X, %v, want % X, %v", answer, err, direct, directErr)
			}
			if diff := cmp.Diff(recordedHead+row.want, text.String()); diff != "" {
				t.Errorf("trace (-want +got):\n%s", diff)
			}
			if _, _, err := read(text.String()); err != nil {
				t.Errorf("reading it: %v", err)
			}
			if err := r.Close(); err != nil || inner.closed != 1 {
				t.Errorf("Close: got %v, the card was closed %d times", err, inner.closed)
			}
		})
	}
}

func TestHideData(t *testing.T) {
	for _, row := range []struct {
		name          string
		command       []byte
		want, answers string
	}{
		{"case 1", []byte{0, 1, 2, 3}, "> 00 01 02 03", "< 90 00"},
		{"case 2", []byte{0, 1, 2, 3, 0}, "> 00 01 02 03 00", "< [data 1] 90 00"},
		{"case 3", []byte{0, 1, 2, 3, 1, 9}, "> 00 01 02 03 01 [data 1]", "< 90 00"},
		{"case 4", []byte{0, 1, 2, 3, 1, 9, 0}, "> 00 01 02 03 01 [data 1] 00", "< [data 1] 90 00"},
		{
			"case 4, extended",
			[]byte{0, 1, 2, 3, 0, 0, 1, 9, 1, 0},
			"> 00 01 02 03 00 00 01 [data 1] 01 00", "< 90 00",
		},
		{
			"length fields that lie",
			[]byte{0, 1, 2, 3, 9, 0x12, 0x34},
			"> 00 01 02 03 [data 3]", "< 90 00",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			answer := []byte{0x90, 0}
			if strings.Contains(row.answers, "data") {
				answer = []byte{0x42, 0x90, 0}
			}
			command, hidden := trace.HideData(row.command, answer)
			got := write(t, nil, []trace.Step{{Kind: trace.Exchange, Command: command, Answer: hidden}})
			if want := magic + row.want + "\n" + row.answers + "\n"; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestRecorderTakesTheTimeFromItsClock(t *testing.T) {
	var text bytes.Buffer
	now := time.Unix(0, 0)
	r, err := trace.NewRecorder(&card{transmit: echo}, &text, trace.Options{
		Redact: trace.RevealAll,
		Now:    func() time.Time { now = now.Add(1500 * time.Nanosecond); return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := r.Transmit(t.Context(), []byte{0, 1, 2, 3}); err != nil {
		t.Fatal(err)
	}
	want := recordedHead + "> 00 01 02 03\n< 00 01 02 03 90 00\ntook 2 us\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

func TestRecorderWritesEvents(t *testing.T) {
	var text bytes.Buffer
	inner := &card{transmit: echo}
	r, err := trace.NewRecorder(inner, &text, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	inner.reset = &pcsc.Error{Op: "resetting", Err: pcsc.ErrClosed}
	_ = r.Reset(t.Context())
	inner.reset = &pcsc.Error{Op: "resetting", Err: pcsc.ErrCardRemoved}
	if err := r.Reset(t.Context()); !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Errorf("Reset: got %v, want ErrCardRemoved", err)
	}
	inner.reset = nil
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_ = r.Reset(cancelled)
	_, _ = r.Transmit(cancelled, []byte{0, 1, 2, 3})
	for _, s := range []trace.Step{{Kind: trace.Remove}, {Kind: trace.Insert}} {
		if err := r.Note(s); err != nil {
			t.Error(err)
		}
	}
	if err := r.Note(trace.Step{Kind: trace.Reset}); !errors.Is(err, trace.ErrInvalid) {
		t.Errorf("Note of a reset: got %v, want ErrInvalid", err)
	}
	if err := r.Reset(t.Context()); err != nil {
		t.Error(err)
	}
	want := recordedHead + "reset\n! removed\nremove\ninsert\nreset\n"
	if diff := cmp.Diff(want, text.String()); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
}

// calls keeps what each call has written.
type calls []string

func (c *calls) Write(p []byte) (int, error) {
	*c = append(*c, string(p))
	return len(p), nil
}

func TestRecorderMakesOneCallForAnIdleTimeAndTheExchange(t *testing.T) {
	var written calls
	now := time.Unix(0, 0)
	r, err := trace.NewRecorder(&card{transmit: echo}, &written, trace.Options{
		Redact: trace.RevealAll,
		Now:    func() time.Time { now = now.Add(5 * time.Microsecond); return now },
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := r.Transmit(t.Context(), []byte{0, 0xB0, 0, 0}); err != nil {
			t.Fatal(err)
		}
	}
	const exchange = "> 00 B0 00 00\n< 00 B0 00 00 90 00\ntook 5 us\n"
	want := calls{magic + "atr: 3B 00\nprotocol: T=0\n", exchange, "idle 5 us\n" + exchange}
	if diff := cmp.Diff(want, written); diff != "" {
		t.Errorf("calls (-want +got):\n%s", diff)
	}
}

// full is a writer with room for so many calls.
type full struct {
	bytes.Buffer
	calls int
}

var errFull = errors.New("no space left")

func (f *full) Write(b []byte) (int, error) {
	if f.calls--; f.calls < 0 {
		return 0, errFull
	}
	return f.Buffer.Write(b)
}

func TestAFullDiskEndsTheRecordingAndNotTheDialogue(t *testing.T) {
	if _, err := trace.NewRecorder(&card{}, &full{}, trace.Options{}); !errors.Is(err, errFull) {
		t.Errorf("NewRecorder: got %v, want the writer's error", err)
	}
	disk := &full{calls: 2}
	inner := &card{transmit: echo}
	r, err := trace.NewRecorder(inner, disk, trace.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := r.Transmit(t.Context(), []byte{0, 1, 2, 3}); err != nil {
			t.Errorf("Transmit: %v", err)
		}
	}
	if _, steps, err := read(disk.String()); err != nil || len(steps) != 1 {
		t.Errorf("the file: %d steps, %v, want the one that fitted", len(steps), err)
	}
	if !errors.Is(r.Err(), errFull) {
		t.Errorf("Err: got %v, want the writer's error", r.Err())
	}
	if err := r.Close(); !errors.Is(err, errFull) || inner.closed != 1 {
		t.Errorf("Close: got %v, the card was closed %d times", err, inner.closed)
	}
}
