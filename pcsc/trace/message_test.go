package trace_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
)

// numbered returns n bytes: 00, 01, 02, …
func numbered(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(i)
	}
	return b
}

// hexOf writes bytes as a line of a message does.
func hexOf(b []byte) string { return fmt.Sprintf("% X", b) }

// TestMarksInTheText holds each message to the one text that it has.
func TestMarksInTheText(t *testing.T) {
	b := numbered(40)
	varying := func(b []byte) trace.Message { return trace.Marked(trace.Varying, "un", b) }
	standIn := func(b []byte) trace.Message { return trace.Marked(trace.StandIn, "pan", b) }
	for _, row := range []struct {
		name    string
		command trace.Message
		text    string
	}{
		{"all of it", varying(b[:4]), "(un 00 01 02 03)"},
		{"one byte", trace.Join(trace.Literal(b[:3]), standIn(b[3:4])), "00 01 02 {pan 03}"},
		{
			"one beside another", trace.Join(varying(b[:2]), varying(b[2:3]), standIn(b[3:5])),
			"(un 00 01) (un 02) {pan 03 04}",
		},
		{
			"beside what wasn't kept", trace.Join(varying(b[:2]), trace.Hidden("pin", 2), varying(b[4:5])),
			"(un 00 01) [pin 2] (un 04)",
		},
		{
			"over the end of a line", trace.Join(trace.Literal(b[:30]), varying(b[30:34]), standIn(b[34:35])),
			hexOf(b[:30]) + " (un 1E 1F\n  20 21) {pan 22}",
		},
		{
			"closed at the end of a line", trace.Join(trace.Literal(b[:30]), standIn(b[30:32])),
			hexOf(b[:30]) + " {pan 1E 1F}",
		},
		{
			"opened at the beginning of one", trace.Join(trace.Literal(b[:32]), standIn(b[32:34])),
			hexOf(b[:32]) + "\n  {pan 20 21}",
		},
		{
			"a label of 16", trace.Marked(trace.Varying, "a234567890-23456", b[:4]),
			"(a234567890-23456 00 01 02 03)",
		},
		{
			"longer than a line", standIn(bytes.Repeat([]byte{0xAA}, 65)),
			"{pan " + strings.Repeat("AA ", 31) + "AA\n  " + strings.Repeat("AA ", 31) + "AA\n  AA}",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			want := magic + "> " + row.text + "\n< 90 00\n"
			step := trace.Step{
				Kind: trace.Exchange, Command: row.command, Answer: trace.Literal([]byte{0x90, 0}),
			}
			if got := write(t, nil, []trace.Step{step}); got != want {
				t.Errorf("written: got %q, want %q", got, want)
			}
			_, steps, err := read(want)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.command, steps[0].Command); diff != "" {
				t.Errorf("read (-want +got):\n%s", diff)
			}
		})
	}
}

// TestMessageMatch: the first byte that differs, where only plain bytes can.
func TestMessageMatch(t *testing.T) {
	plain := func(b ...byte) trace.Message { return trace.Literal(b) }
	for _, mark := range []struct {
		name   string
		middle trace.Message
		kept   bool
	}{
		{"absent", trace.Hidden(trace.LabelAny, 2), false},
		{"varying", trace.Marked(trace.Varying, "un", []byte{3, 4}), true},
		{"stand-in", trace.Marked(trace.StandIn, "pan", []byte{3, 4}), true},
	} {
		pattern := trace.Join(plain(1, 2), mark.middle, plain(0x90, 0))
		for _, row := range []struct {
			name string
			b    []byte
			want int
		}{
			{"nothing", nil, 0},
			{"another first byte", []byte{9, 2, 3, 4, 0x90, 0}, 0},
			{"the end within the bytes", []byte{1}, 1},
			{"the end before the part", []byte{1, 2}, 2},
			{"the end within the part", []byte{1, 2, 3}, 3},
			{"the end behind the part", []byte{1, 2, 3, 4}, 4},
			{"another byte behind the part", []byte{1, 2, 3, 4, 0x6A, 0}, 4},
			{"a byte too many", []byte{1, 2, 3, 4, 0x90, 0, 0}, 6},
			{"other bytes in the part", []byte{1, 2, 0xFF, 0xFF, 0x90, 0}, -1},
			{"equal", []byte{1, 2, 3, 4, 0x90, 0}, -1},
		} {
			t.Run(mark.name+": "+row.name, func(t *testing.T) {
				if got := pattern.Match(row.b); got != row.want {
					t.Errorf("Match(% X): got %d, want %d", row.b, got, row.want)
				}
			})
		}
		b, kept := pattern.Bytes()
		if kept != mark.kept || pattern.Len() != 6 {
			t.Errorf("%s: kept %t, Len %d", mark.name, kept, pattern.Len())
		}
		if want := []byte{1, 2, 3, 4, 0x90, 0}; kept && !bytes.Equal(b, want) {
			t.Errorf("%s: got % X, want % X", mark.name, b, want)
		}
	}
}

// TestBytesAreACopy: who changes what a message's bytes are leaves the message as it was.
func TestBytesAreACopy(t *testing.T) {
	m := trace.Marked(trace.Varying, "un", []byte{1, 2})
	b, _ := m.Bytes()
	clear(b)
	if again, _ := m.Bytes(); !bytes.Equal(again, []byte{1, 2}) {
		t.Errorf("got % X", again)
	}
	if trace.Marked(trace.StandIn, "pan", nil) != nil || trace.Hidden("pin", 0) != nil {
		t.Error("a message of nothing has a part")
	}
}
