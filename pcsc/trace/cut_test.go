package trace_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
)

// allLines is a trace with each kind of line, and with parts that go over the end of a line.
func allLines() string {
	return magic + "spec: x\natr: 3B 00\nreset\n! comm\nidle 12 us\n" +
		"> 00 20 00 80 08 [pin 8]\n! cancelled\n" +
		"> 00 84 00 00 (un 01 02) " + strings.Repeat("00 ", 25) + "FF\n  (rid A0 00)\n" +
		"< {pan " + strings.Repeat("54 ", 31) + "54\n  54} [any 4] 90 00\ntook 7 us\n" +
		"tear 12\nremove\ninsert\n"
}

func TestATextThatIsCutOff(t *testing.T) {
	for _, row := range []struct{ name, text, want string }{
		{"in the first line", "# tapbench", "line 1, column 11: the text is cut off: "},
		{"in a field", magic + "spec: ISO", "line 2, column 10: the text is cut off: "},
		{"in a command", magic + "reset\n> 00 A4", "line 3, column 8: the text is cut off: "},
		{
			"behind a command", magic + "> 00 A4 04 00\n",
			"line 2, column 1: the text is cut off: an answer is missing",
		},
		{
			"in brackets", magic + "> (un " + strings.Repeat("00 ", 31) + "00\n",
			"line 2, column 3: the text is cut off: bracket isn't closed with )",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := read(row.text)
			var fault *trace.SyntaxError
			if !errors.As(err, &fault) || !fault.Cut || !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Fatalf("got %v, want a text that is cut off", err)
			}
			if !strings.HasPrefix(err.Error(), row.want) {
				t.Errorf("got %q, want %q", err, row.want)
			}
		})
	}
}

func TestAWrongTextIsNotCutOff(t *testing.T) {
	for _, text := range []string{
		"", magic + "> 00 A4 04\n", magic + "> 00 A4 (un 00\n", magic + "eject\n",
		magic + "comment: " + strings.Repeat("x", 1016), magic + "reset\n! explosion\n",
	} {
		if _, _, err := read(text); err == nil || errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("reading %q: got %v, want a fault that isn't the end", text, err)
		}
	}
}

// TestEveryBeginningHoldsWholeSteps cuts a trace at each of its bytes. The last step that stands
// may have lost lines that it can do without; those before are as they were.
func TestEveryBeginningHoldsWholeSteps(t *testing.T) {
	text := allLines()
	_, all, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n < len(text); n++ {
		_, steps, err := read(text[:n])
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("the first %d bytes: got %v, want a text that is cut off", n, err)
		}
		if len(steps) > len(all) {
			t.Fatalf("the first %d bytes have %d steps", n, len(steps))
		}
		for i := range len(steps) - 1 {
			if diff := cmp.Diff(all[i], steps[i]); diff != "" {
				t.Errorf("the first %d bytes, step %d (-whole +cut):\n%s", n, i+1, diff)
			}
		}
	}
}
