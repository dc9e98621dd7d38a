package card

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

func TestSendArguments(t *testing.T) {
	for _, row := range []struct {
		name string
		args []string
		want []string // the commands, or the error behind !
	}{
		{"half a byte", []string{"00A4040"}, []string{"!command 1: column 7: byte expected"}},
		{"no digits", []string{"00A40400", "00A4XX00"}, []string{"!command 2: column 5"}},
		{"too short", []string{"00A404"}, []string{"!command 1: malformed command: 3 bytes"}},
		{"single bytes, too few", []string{"00", "A4"}, []string{"!command 1: malformed"}},
		{"one", []string{"00a40400"}, []string{"00 A4 04 00"}},
		{"spaces and colons", []string{"00:A4:04:00", "00 A4 04 01"}, []string{
			"00 A4 04 00", "00 A4 04 01",
		}},
		{"single bytes", []string{"00", "A4", "04", "00"}, []string{"00 A4 04 00"}},
	} {
		t.Run(row.name, func(t *testing.T) {
			steps, err := sendArguments(row.args)
			if text, fails := strings.CutPrefix(row.want[0], "!"); fails {
				if err == nil || !strings.Contains(err.Error(), text) {
					t.Errorf("got %v, want %s", err, text)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, step := range steps {
				got = append(got, fmt.Sprintf("% X", step.command))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// FuzzSendScript checks that commands written out as a script are read again as they were, and that
// every fault has a place within the text.
func FuzzSendScript(f *testing.F) {
	f.Add([]byte("# x\n00 A4 04 00\n< 90 00\nreset\n> 00:84:00:00:08\n< [any 8] 90 00\n"))
	f.Add([]byte(trace.Magic + "\n> 00 A4 04 00\n< 90 00\nreset\n"))
	f.Add([]byte("00A40400\n< 90\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		steps, err := readSendScript(bytes.NewReader(text))
		if fault := new(trace.SyntaxError); errors.As(err, &fault) {
			if fault.Line < 1 || fault.Column < 1 || fault.Line > bytes.Count(text, []byte("\n"))+1 {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		var again strings.Builder
		for _, step := range steps {
			if step.reset {
				again.WriteString("reset\n")
				continue
			}
			if pcsc.CheckCommand(step.command) != nil {
				t.Fatalf("%q: command % X", text, step.command)
			}
			fmt.Fprintf(&again, "%x\n", step.command)
		}
		second, err := readSendScript(strings.NewReader(again.String()))
		if err != nil || len(second) != len(steps) {
			t.Fatalf("%q: %d steps, again %d, %v", text, len(steps), len(second), err)
		}
		for i := range steps {
			if !bytes.Equal(steps[i].command, second[i].command) {
				t.Fatalf("%q: step %d: % X, again % X", text, i, steps[i].command, second[i].command)
			}
		}
	})
}
