package trace_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/testdata"
)

// read reads a whole trace.
func read(text string) (trace.Header, []trace.Step, error) {
	r, err := trace.NewReader(strings.NewReader(text))
	if err != nil {
		return nil, nil, err
	}
	var steps []trace.Step
	for {
		step, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Header(), steps, nil
		}
		if err != nil {
			return r.Header(), steps, err
		}
		steps = append(steps, step)
	}
}

// passOn reads a whole trace into one step again and again, and writes what it read.
func passOn(t testing.TB, text string) (string, error) {
	t.Helper()
	r, err := trace.NewReader(strings.NewReader(text))
	if err != nil {
		return "", err
	}
	var out bytes.Buffer
	w, err := trace.NewWriter(&out, r.Header())
	if err != nil {
		t.Fatalf("NewWriter(%q): %v", r.Header(), err)
	}
	var step trace.Step
	for {
		err := r.Read(&step)
		if errors.Is(err, io.EOF) {
			return out.String(), nil
		}
		if err != nil {
			return out.String(), err
		}
		if err := w.Write(step); err != nil {
			t.Fatalf("Write(%+v): %v", step, err)
		}
	}
}

// write writes a whole trace.
func write(t testing.TB, header trace.Header, steps []trace.Step) string {
	t.Helper()
	var text bytes.Buffer
	w, err := trace.NewWriter(&text, header)
	if err != nil {
		t.Fatalf("NewWriter(%q): %v", header, err)
	}
	for _, s := range steps {
		if err := w.Write(s); err != nil {
			t.Fatalf("Write(%+v): %v", s, err)
		}
	}
	return text.String()
}

const magic = trace.Magic + "\n"

func TestReaderRefuses(t *testing.T) {
	const good = magic + "> 00 A4 04 00\n< 90 00\n"
	many := func(n int, element string) string {
		return strings.TrimSuffix(strings.Repeat(element+" ", n), " ")
	}
	for _, row := range []struct {
		name, text   string
		line, column int
	}{
		{"nothing", "", 1, 1},
		{"another first line", "# a trace\n", 1, 1},
		{"another version", "# tapbench-apdu v2\n", 1, 17},
		{"a second trace behind the first", magic + "reset\n" + magic, 3, 1},
		{"a redaction that isn't one", magic + "redaction: some\n", 2, 1},
		{"an origin of two words", magic + "origin: a pcap\n", 2, 1},
		{"idle without a number", magic + "idle\n", 2, 6},
		{"idle of no time", magic + "idle 0 us\n", 2, 6},
		{"idle in milliseconds", magic + "idle 5 ms\n", 2, 6},
		{"brackets that aren't closed", magic + "> 00 A4 (un 00\n< 90 00\n", 2, 3},
		{"brackets without bytes", magic + "> 00 A4 (un)\n< 90 00\n", 2, 9},
		{"brackets without a label", magic + "> 00 A4 (04 00) 00\n< 90 00\n", 2, 9},
		{"brackets in brackets", magic + "> 00 A4 (un 04 {pan 00})\n< 90 00\n", 2, 16},
		{"brackets closed by others", magic + "> 00 A4 (un 04 00}\n< 90 00\n", 2, 18},
		{"a span in brackets", magic + "> 00 A4 (un [pin 4])\n< 90 00\n", 2, 9},
		{"a first line that isn't ended", trace.Magic, 1, 19},
		{"a line of 1,025 bytes", magic + "comment: " + strings.Repeat("x", 1016) + "\n", 2, 1025},
		{"an unknown key", magic + "host: laptop\n", 2, 1},
		{"a key in capitals", magic + "Spec: x\n", 2, 1},
		{"no space behind a key", magic + "spec:x\n", 2, 6},
		{"a field without text", magic + "spec: \n", 2, 1},
		{"two spaces behind a key", magic + "spec:  x\n", 2, 1},
		{"a space at the end of a field", magic + "spec: x \n", 2, 1},
		{"a control character in a field", magic + "comment: a\x1b[31m\n", 2, 1},
		{"a line end of two characters", magic + "comment: a\r\n", 2, 1},
		{"text that isn't UTF-8", magic + "comment: \xff\n", 2, 1},
		{"a second spec", magic + "spec: x\nspec: y\n", 3, 1},
		{"an expect of two words", magic + "expect: pin blocked\n", 2, 1},
		{"an ATR of one byte", magic + "atr: 3B\n", 2, 1},
		{"an ATR of 34 bytes", magic + "atr: " + many(34, "3B") + "\n", 2, 1},
		{"an ATR in small letters", magic + "atr: 3b 00\n", 2, 1},
		{"an unknown protocol", magic + "protocol: T=15\n", 2, 1},
		{"a field behind a step", good + "comment: late\n", 4, 1},
		{"an empty line", magic + "\n> 00 A4 04 00\n< 90 00\n", 2, 1},
		{"an unknown event", magic + "eject\n", 2, 1},
		{"an event with a space behind it", magic + "reset \n", 2, 1},
		{"a tear without number", magic + "tear\n", 2, 6},
		{"a tear of 0", magic + "tear 0\n", 2, 6},
		{"a tear with a leading zero", magic + "tear 01\n", 2, 6},
		{"a tear too large", magic + "tear 1000000000\n", 2, 6},
		{"an answer without command", magic + "< 90 00\n", 2, 1},
		{"a failure without command", magic + "! removed\n", 2, 1},
		{"a duration without command", magic + "took 5 us\n", 2, 1},
		{"a duration behind a reset", magic + "reset\ntook 5 us\n", 3, 1},
		{"a duration in milliseconds", good + "took 5 ms\n", 4, 6},
		{"a duration of 0", good + "took 0 us\n", 4, 6},
		{"a command at the end", magic + "> 00 A4 04 00\n", 2, 1},
		{"two commands in a row", magic + "> 00 A4 04 00\n> 00 A4 04 00\n", 3, 1},
		{"an unknown failure", magic + "> 00 A4 04 00\n! explosion\n", 3, 3},
		{"a failure without name", magic + "> 00 A4 04 00\n!\n", 3, 3},
		{"no space behind the mark", magic + ">00 A4 04 00\n< 90 00\n", 2, 1},
		{"a mark alone", magic + ">\n< 90 00\n", 2, 2},
		{"a command of three bytes", magic + "> 00 A4 04\n< 90 00\n", 2, 3},
		{"an answer of one byte", magic + "> 00 A4 04 00\n< 90\n", 3, 3},
		{"small letters", magic + "> 00 a4 04 00\n< 90 00\n", 2, 6},
		{"bytes without space", magic + "> 00A4 04 00\n< 90 00\n", 2, 5},
		{"two spaces", magic + "> 00  A4 04 00\n< 90 00\n", 2, 6},
		{"half a byte", magic + "> 00 A4 04 00 0\n< 90 00\n", 2, 15},
		{"a space at the end", magic + "> 00 A4 04 00 \n< 90 00\n", 2, 15},
		{"a span that isn't closed", magic + "> 00 A4 04 00 [pin 4\n< 90 00\n", 2, 15},
		{"a span without label", magic + "> 00 A4 04 00 [4]\n< 90 00\n", 2, 15},
		{"a span without number", magic + "> 00 A4 04 00 [pin]\n< 90 00\n", 2, 15},
		{"a span of 0 bytes", magic + "> 00 A4 04 00 [pin 0]\n< 90 00\n", 2, 15},
		{"a label in capitals", magic + "> 00 A4 04 00 [PIN 4]\n< 90 00\n", 2, 15},
		{"a label of 17 letters", magic + "> [abcdefghijklmnopq 4]\n< 90 00\n", 2, 3},
		{"more than an extended APDU", magic + "> 00 A4 04 00 [data 65541]\n< 90 00\n", 2, 15},
		{"more than an answer holds", magic + "> 00 A4 04 00\n< [data 65537] 90 00\n", 3, 19},
		{"33 elements on a line", magic + "> " + many(33, "00") + "\n< 90 00\n", 2, 99},
		{"a line that goes on too early", magic + "> 00 A4\n  04 00\n< 90 00\n", 2, 3},
		{
			"a line that goes on with nothing",
			magic + "> " + many(32, "00") + "\n  \n< 90 00\n", 3, 3,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, _, err := read(row.text)
			var fault *trace.SyntaxError
			if !errors.As(err, &fault) {
				t.Fatalf("reading %q: got %v, want a SyntaxError", row.text, err)
			}
			if fault.Line != row.line || fault.Column != row.column {
				t.Errorf("reading %q: got %v, want line %d, column %d",
					row.text, fault, row.line, row.column)
			}
		})
	}
}

func TestReader(t *testing.T) {
	text := magic + `spec: ISO/IEC 7816-4:2005, 7.5.6
expect: pin-blocked
comment: one
comment: two: with a colon
atr: 3B 00
protocol: T=0
reader: Virtual PCD 00 00
reset
> 00 20 00 01 06 [pin 6]
< 63 C1
took 1234 us
> 00 84 00 00 08
< [any 8] 90 00
tear 2
> 80 01 00 00
! removed
insert
reset
! comm
remove
`
	want := []trace.Step{
		{Line: 9, Kind: trace.Reset},
		{
			Line: 10, Kind: trace.Exchange, Took: 1234 * time.Microsecond,
			Command: trace.Join(trace.Literal([]byte{0, 0x20, 0, 1, 6}), trace.Hidden("pin", 6)),
			Answer:  trace.Literal([]byte{0x63, 0xC1}),
		},
		{
			Line: 13, Kind: trace.Exchange, Command: trace.Literal([]byte{0, 0x84, 0, 0, 8}),
			Answer: trace.Join(trace.Hidden(trace.LabelAny, 8), trace.Literal([]byte{0x90, 0})),
		},
		{Line: 15, Kind: trace.Tear, Write: 2},
		{
			Line: 16, Kind: trace.Exchange, Command: trace.Literal([]byte{0x80, 1, 0, 0}),
			Failure: trace.FailureRemoved,
		},
		{Line: 18, Kind: trace.Insert},
		{Line: 19, Kind: trace.Reset, Failure: trace.FailureComm},
		{Line: 21, Kind: trace.Remove},
	}
	header, steps, err := read(text)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, steps); diff != "" {
		t.Errorf("steps (-want +got):\n%s", diff)
	}
	if got := header.Get(trace.KeyComment); got != "one" || len(header) != 7 {
		t.Errorf("header: got %q", header)
	}
	if header.Protocol() != pcsc.ProtocolT0 || !bytes.Equal(header.ATR(), []byte{0x3B, 0}) {
		t.Errorf("got %s and ATR % X", header.Protocol(), header.ATR())
	}
	if again := write(t, header, steps); again != text {
		t.Errorf("written again (-want +got):\n%s", cmp.Diff(text, again))
	}
}

func TestLongMessagesGoOnAfter32Elements(t *testing.T) {
	for _, n := range []int{31, 32, 33, 64, 65, 65544} {
		command := bytes.Repeat([]byte{0xA5}, n)
		text := write(t, nil, []trace.Step{{
			Kind: trace.Exchange, Command: trace.Literal(command), Answer: trace.Literal([]byte{0x90, 0}),
		}})
		if lines := strings.Count(text, "\n"); lines != 2+(n+31)/32 {
			t.Errorf("%d bytes: %d lines", n, lines)
		}
		_, steps, err := read(text)
		if err != nil {
			t.Fatalf("%d bytes: %v", n, err)
		}
		if got, plain := steps[0].Command.Bytes(); !plain || !bytes.Equal(got, command) {
			t.Errorf("%d bytes: got %d", n, len(got))
		}
	}
}

func TestAClaimedLengthIsNotAllocated(t *testing.T) {
	text := magic + "> 00 A4 04 00 [data 65536]\n< 90 00\n"
	const rounds = 100
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	for range rounds {
		if _, _, err := read(text); err != nil {
			t.Fatal(err)
		}
	}
	runtime.ReadMemStats(&after)
	if got := (after.TotalAlloc - before.TotalAlloc) / rounds; got > 8192 {
		t.Errorf("reading %d bytes of text allocates %d bytes", len(text), got)
	}
}

func FuzzTraceParse(f *testing.F) {
	err := fs.WalkDir(testdata.Vectors, ".", func(path string, _ fs.DirEntry, err error) error {
		if err == nil && strings.HasSuffix(path, ".apdu") {
			var text []byte
			text, err = testdata.Vectors.ReadFile(path)
			f.Add(string(text))
		}
		return err
	})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(magic)
	f.Add(magic + "spec: x\ncomment: a\ncomment: b\natr: 3B 00\nprotocol: T=1\n" +
		"expect: ok\nreader: R\n")
	f.Add(magic + "> 00 A4 04 00\n< 90 00\ntook 7 us\nreset\n! comm\ntear 12\nremove\ninsert\n")
	f.Add(magic + "> 00 20 00 80 08 [pin 8]\n! cancelled\n" +
		"> 00 84 00 00 08\n< [any 4] [any 4] 90 00\n")
	f.Add(magic + "> " + strings.Repeat("00 ", 31) + "00\n  01 02\n< " +
		strings.Repeat("FF ", 31) + "FF\n")
	f.Add(allLines())
	f.Add(allLines()[:len(allLines())/2])
	f.Add(magic + "redaction: stand-ins\norigin: record\nidle 5 us\n> 00 84 00 00 (un 00)\n" +
		"< {pan 54 13} (un 01) {pan 54} 90 00\ntook 1 us\nidle 999999999 us\nreset\n")
	f.Fuzz(func(t *testing.T, text string) {
		header, steps, err := read(text)
		passed, passErr := passOn(t, text)
		if fmt.Sprint(err) != fmt.Sprint(passErr) {
			t.Fatalf("reading %q: Next ends with %v, Read with %v", text, err, passErr)
		}
		again := write(t, header, steps)
		if passed != again && passed != "" { // empty if there was no reader
			t.Fatalf("reading %q: Next reads %q, Read %q", text, again, passed)
		}
		if err != nil {
			var fault *trace.SyntaxError
			if !errors.As(err, &fault) || fault.Line < 1 || fault.Column < 1 {
				t.Fatalf("reading %q: %v isn't a SyntaxError with its place", text, err)
			}
			return
		}
		if again != text {
			t.Fatalf("%q is written again as %q", text, again)
		}
	})
}
