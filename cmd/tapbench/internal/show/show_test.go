package show_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"runtime"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"tapbench/cmd/tapbench/internal/show"
	"tapbench/pcsc/trace"
)

func TestDamagedTraceIsRefusedAtItsLine(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"no first line":   "> 00 84 00 00 08\n",
		"no answer":       trace.Magic + "\n> 00 84 00 00 08\n",
		"no hexadecimal":  trace.Magic + "\n> 00 84 0Q 00 08\n< 90 00\n",
		"no end of line":  trace.Magic + "\n> 00 84 00 00 08\n< 90 00",
		"unknown failure": trace.Magic + "\n> 00 84 00 00 08\n! bored\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := new(trace.SyntaxError)
			err := write(io.Discard, strings.NewReader(text), &show.Options{})
			if !errors.As(err, &fault) || fault.Line < 1 || fault.Column < 1 {
				t.Errorf("got %v, want a place", err)
			}
			_, err = show.Longest(strings.NewReader(text), func() bool { return false })
			if !errors.As(err, &fault) {
				t.Errorf("looking for the longest exchange: got %v, want a place", err)
			}
		})
	}
}

func TestSecretsAreHiddenUnlessTheyAreStandIns(t *testing.T) {
	t.Parallel()
	const pan, secret = "54 13 33 00 89 02 00 11", "5413330089020011"
	plain := trace.Magic + "\n> 00 B2 01 0C 00\n< 70 0A 5A 08 " + pan + " 90 00\n"
	standIn := strings.Replace(plain, pan, "{pan "+pan+"}", 1)
	for _, o := range []*show.Options{nil, {}, {Bytes: true}, {Brief: true, Bytes: true}} {
		got := strings.ReplaceAll(shown(t, plain, o), " ", "")
		if strings.Contains(got, secret) {
			t.Errorf("with %+v the PAN is shown:\n%s", o, got)
		}
	}
	if got := shown(t, standIn, nil); !strings.Contains(got, secret) ||
		!strings.Contains(got, `"mark":"stand-in","label":"pan"`) {
		t.Errorf("the stand-in isn't shown as one:\n%s", got)
	}
}

func TestUnknownBytesAreShown(t *testing.T) {
	t.Parallel()
	text := trace.Magic + "\n> B0 12 34 56 03 CA FE 07\n< DF 7E 01 42 90 00\n"
	got := shown(t, text, &show.Options{})
	for _, want := range []string{"CA FE 07", "42"} {
		if !strings.Contains(got, want) || strings.Contains(got, "hidden") {
			t.Errorf("%s isn't shown:\n%s", want, got)
		}
	}
}

func TestLongNamesDontTouchTheirValues(t *testing.T) {
	t.Parallel()
	record := trace.Magic + "\n> 00 A4 04 00 0E 31 50 41 59 2E 53 59 53 2E 44 44 46 30 31 00\n" +
		"< 6F 03 84 01 31 90 00\n> 00 B2 01 0C 00\n< 70 05 61 03 87 01 01 90 00\n"
	for width := 40; width <= 120; width++ {
		got := shown(t, record, &show.Options{Width: width})
		if !strings.Contains(got, "indicator  ") || !strings.Contains(got, "  priority 1") {
			t.Errorf("width %d: want a gap behind the indicator, got:\n%s", width, got)
		}
	}
}

func TestWriterThatFails(t *testing.T) {
	t.Parallel()
	text := trace.Magic + "\n> 00 84 00 00 08\n< 90 00\n"
	if err := write(full{}, strings.NewReader(text), &show.Options{}); !errors.Is(err, errFull) {
		t.Errorf("got %v, want %v", err, errFull)
	}
}

var errFull = errors.New("full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestMemoryStaysConstant shows a long trace that is never in memory as a whole.
func TestMemoryStaysConstant(t *testing.T) {
	r, w := io.Pipe()
	go func() {
		_, err := io.WriteString(w, trace.Magic+"\n")
		for range 30_000 {
			if err != nil {
				break
			}
			_, err = io.WriteString(w, "> 00 B2 01 0C 00\n< 70 03 5F 20 00 90 00\ntook 7 us\n")
		}
		_ = w.CloseWithError(err)
	}()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	if err := write(io.Discard, r, &show.Options{}); err != nil {
		t.Fatal(err)
	}
	runtime.GC()
	runtime.ReadMemStats(&after)
	if grown := int64(after.HeapAlloc) - int64(before.HeapAlloc); grown > 1<<20 {
		t.Errorf("%d bytes are left after 30,000 exchanges", grown)
	}
	if grown := int64(after.HeapSys) - int64(before.HeapSys); grown > 64<<20 {
		t.Errorf("the heap grew by %d bytes", grown)
	}
}

// FuzzShow shows whatever is a trace: nothing reaches a terminal but text, and each line of JSON
// accounts for every byte of its message.
func FuzzShow(f *testing.F) {
	f.Add(trace.Magic + "\n> 00 84 00 00 08\n< [any 8] 90 00\n")
	f.Add(trace.Magic + "\n> 00 A4 04 00 01 {x A0}\n< 6F 03 50 01 1B 61 00\ntook 1 us\nreset\n! comm\n")
	f.Add(trace.Magic + "\n> 80 A8 00 00 [data 3]\n< 77 [x 2] (y 82) 02 39 80 90 00\ntear 7\nremove\n")
	f.Fuzz(func(t *testing.T, text string) {
		for _, o := range []*show.Options{{}, {Brief: true}, {Bytes: true, Width: 1}} {
			var out bytes.Buffer
			_ = write(&out, strings.NewReader(text), o)
			if !utf8.Valid(out.Bytes()) || bytes.ContainsFunc(out.Bytes(), control) {
				t.Fatalf("more than text: %q", out.String())
			}
		}
		var out bytes.Buffer
		_ = write(&out, strings.NewReader(text), nil)
		for line := range bytes.Lines(out.Bytes()) {
			checkLine(t, line)
		}
	})
}

func control(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }

func checkLine(t *testing.T, line []byte) {
	t.Helper()
	var i show.Item
	if err := json.Unmarshal(line, &i); err != nil {
		t.Fatalf("no JSON: %v\n%s", err, line)
	}
	for _, m := range []*show.Message{i.Command, i.Answer} {
		if m == nil {
			continue
		}
		if len(m.Hex) != 2*m.Length {
			t.Errorf("%d digits for %d bytes", len(m.Hex), m.Length)
		}
		covered := make([]bool, m.Length)
		for _, e := range m.Elements {
			for at := e.Start; at < e.Offset+e.Length; at++ {
				covered[at] = true
			}
		}
		for at, c := range covered {
			if !c && i.Name != "" && at >= 4 && at < m.Length-2 {
				t.Errorf("no element has byte %d of %s", at, m.Hex)
			}
		}
	}
}
