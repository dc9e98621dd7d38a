package serve_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/serve"
)

const magic = trace.Magic + "\n"

// load loads a recording.
func load(t *testing.T, text string, config serve.Config) *serve.Card {
	t.Helper()
	card, err := serve.Load(strings.NewReader(magic+text), config)
	if err != nil {
		t.Fatal(err)
	}
	card.PowerOn()
	return card
}

func TestLoadRefusesWhatIsNoTrace(t *testing.T) {
	for _, text := range []string{"", "no trace\n", magic + "> 00\n", magic + "> 00 A4 04 00\n"} {
		_, err := serve.Load(strings.NewReader(text), serve.Config{})
		if fault := new(trace.SyntaxError); !errors.As(err, &fault) {
			t.Errorf("%q: got %v, want a SyntaxError", text, err)
		}
	}
}

// The recording of most tests: two sessions that answer the same commands differently.
const sessions = `> 00 01 00 00
< 01 90 00
> 00 02 00 00
< 02 90 00
> 00 01 00 00
< 03 90 00
reset
> 00 01 00 00
< 04 90 00
> 00 05 00 00
< 05 90 00
`

func TestWhichAnswer(t *testing.T) {
	for _, row := range []struct {
		name string
		ask  string // INS of each command; r: reset, p: power off and on
		want string // the first byte of each answer
	}{
		{"nothing like it", "09", "6D"},
		{"in the recorded order", "01 02 01", "01 02 03"},
		{"one left out", "01 01", "01 03"},
		{"one asked again", "01 02 02 01", "01 02 02 03"},
		{"one asked again behind its last", "01 02 01 01 02", "01 02 03 03 02"},
		{"of the next session", "05", "05"},
		{"of the session before", "r 01 r 05 02", "01 05 02"},
		{"behind a reset", "01 r 01 05", "01 04 05"},
		{"behind power off and on", "01 p 01 05", "01 04 05"},
		{"a reset before any command", "r r 01 02", "01 02"},
		{"behind the last session", "01 r 01 r 01", "01 04 01"},
	} {
		t.Run(row.name, func(t *testing.T) {
			card := load(t, sessions, serve.Config{})
			var got []string
			for _, ask := range strings.Fields(row.ask) {
				switch ask {
				case "r":
					card.Reset()
				case "p":
					card.PowerOff()
					card.PowerOn()
				default:
					answer := card.Process([]byte{0x00, ask[1] - '0', 0x00, 0x00})
					got = append(got, hexByte(answer[0]))
				}
			}
			if diff := cmp.Diff(row.want, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func hexByte(b byte) string {
	const digits = "0123456789ABCDEF"
	return string([]byte{digits[b>>4], digits[b&0x0F]})
}

func TestReport(t *testing.T) {
	var unknown []string
	card := load(t, `> 00 20 00 80 02 [pin 2]
< 63 C1
> 00 84 00 00 02
< [any 2] 90 00
> 00 B0 00 00
! removed
> 00 CA 00 00
< 90 00
`, serve.Config{Unknown: func(command, answer []byte) {
		unknown = append(unknown, hexByte(command[1])+" "+hexByte(answer[0])+hexByte(answer[1]))
	}})
	for _, row := range []struct {
		command, want string
	}{
		{"\x00\x20\x00\x80\x02\x12\x34", "\x63\xC1"},
		{"\x00\x84\x00\x00\x02", "\x00\x00\x90\x00"},
		{"\x00\xB0\x00\x00", ""},
		{"\x00\x20\x00\x80\x03\x12\x34\x56", "\x6D\x00"},
		{"\x00\xA4\x04\x00", "\x6A\x82"},
		{"\x80\xA4\x04\x00", "\x6D\x00"},
	} {
		if got := card.Process([]byte(row.command)); string(got) != row.want {
			t.Errorf("% X: got % X, want % X", row.command, got, row.want)
		}
	}
	want := serve.Report{
		Commands: 6, Unknown: 3, Incomplete: 1, Failures: 1, Unasked: 1, FirstUnasked: 8,
	}
	if diff := cmp.Diff(want, card.Report()); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"20 6D00", "A4 6A82", "A4 6D00"}, unknown); diff != "" {
		t.Error(diff)
	}
}

func TestTimes(t *testing.T) {
	var waited []time.Duration
	card := load(t, "> 00 01 00 00\n< 90 00\ntook 12 us\n> 00 02 00 00\n< 90 00\n",
		serve.Config{Wait: func(d time.Duration) { waited = append(waited, d) }})
	card.Process([]byte{0, 1, 0, 0})
	card.Process([]byte{0, 2, 0, 0})
	card.Process([]byte{0, 3, 0, 0})
	if diff := cmp.Diff([]time.Duration{12 * time.Microsecond}, waited); diff != "" {
		t.Error(diff)
	}
}

func TestATR(t *testing.T) {
	for text, want := range map[string]string{
		"": "\x3B\x80\x80\x01\x01", "atr: 3B 00\n": "\x3B\x00",
	} {
		if got := load(t, text, serve.Config{}).ATR(); string(got) != want {
			t.Errorf("%q: got % X, want % X", text, got, want)
		}
	}
}

// FuzzServe checks that what a recording of plain bytes is asked in its own order it answers as
// recorded.
func FuzzServe(f *testing.F) {
	f.Add([]byte(magic + sessions))
	f.Fuzz(func(t *testing.T, text []byte) {
		card, err := serve.Load(strings.NewReader(string(text)), serve.Config{})
		if err != nil {
			return
		}
		reader, err := trace.NewReader(strings.NewReader(string(text)))
		if err != nil {
			t.Fatal(err)
		}
		plain := true
		for {
			step, err := reader.Next()
			if err != nil {
				break
			}
			switch step.Kind {
			case trace.Exchange:
				command, kept := step.Command.Bytes()
				plain = plain && kept && len(step.Command) == 1 && step.Command[0].Mark == trace.Plain
				if !plain {
					return
				}
				got := card.Process(command)
				if step.Failure == "" && step.Answer.Match(got) >= 0 {
					t.Fatalf("line %d: got % X", step.Line, got)
				}
			default:
				card.Reset()
			}
		}
	})
}

var _ pcsc.Processor = (*serve.Card)(nil)
