package capture

import (
	"bytes"
	"errors"
	"io"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
)

// opener opens a writer of one of the two kinds.
type opener func(io.Writer, trace.Header, WriterOptions) (*Writer, error)

func openers() map[string]opener {
	return map[string]opener{"iso14443": NewISO14443Writer, "gsmtap": NewGSMTAPWriter}
}

// written returns the capture of a trace and what was lost.
func written(
	t testing.TB, open opener, header trace.Header, steps []trace.Step,
) (file []byte, lost []string) {
	t.Helper()
	var out bytes.Buffer
	w, err := open(&out, header, WriterOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range steps {
		if err := w.Write(s); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), slices.DeleteFunc(w.Losses(), func(what string) bool {
		return strings.HasPrefix(what, lostToDissectors) // only to others
	})
}

// read returns the trace of a capture as text, what was lost, and the error that ended it.
func read(t testing.TB, file []byte) (text string, lost []string, err error) {
	t.Helper()
	r, err := NewReader(bytes.NewReader(file), ReaderOptions{})
	if err != nil {
		return "", nil, err
	}
	var out strings.Builder
	w, err := trace.NewWriter(&out, r.Header())
	if err != nil {
		t.Fatal(err)
	}
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out.String(), r.Losses(), nil
		}
		if err != nil {
			return out.String(), r.Losses(), err
		}
		if err := w.Write(s); err != nil {
			t.Fatalf("%+v: %v", s, err)
		}
	}
}

// parsed returns header and steps of a text.
func parsed(t testing.TB, text string) (trace.Header, []trace.Step) {
	t.Helper()
	r, err := trace.NewReader(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var steps []trace.Step
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return r.Header(), steps
		}
		if err != nil {
			t.Fatal(err)
		}
		steps = append(steps, s)
	}
}

func TestRoundTripLosesNothing(t *testing.T) {
	tests := []struct{ name, text string }{
		{"no step", "# tapbench-apdu v1\n"},
		{"an exchange", "# tapbench-apdu v1\natr: 3B 80 80 01 01\n> 00 A4 04 00\n< 90 00\n"},
		{"every kind of step", `# tapbench-apdu v1
spec: ISO/IEC 7816-4:2005, 7.5.6
expect: pin-blocked
comment: the third wrong PIN blocks
atr: 3B 85 80 01 41 42 43 44 45 05
protocol: T=1
reader: a reader
> 00 20 00 01 06 [pin 6]
< 63 C1
took 85 us
reset
> 00 84 00 00 08
< (any 11 22 33 44 55 66 77 88) 90 00
tear 3
remove
insert
reset
! removed
> 00 B2 01 0C 00
! removed
took 1200 us
> 00 B2 01 0C 00
! comm
> 00 B2 01 0C 00
< 70 03 {pan 11 22 33} 90 00
tear 1
`},
		{"events out of place", `# tapbench-apdu v1
insert
remove
remove
> 00 A4 04 00
< 90 00
reset
insert
insert
reset
tear 1
reset
`},
		{"an ambiguous payload", "# tapbench-apdu v1\n> 80 32 00 00 02\n< 11 22 90 00\n"},
		{"an unknown status word", "# tapbench-apdu v1\n> 80 32 00 00 02\n< 11 22\n"},
	}
	for _, tt := range tests {
		for kind, open := range openers() {
			t.Run(tt.name+" as "+kind, func(t *testing.T) {
				header, steps := parsed(t, tt.text)
				file, lost := written(t, open, header, steps)
				got, lostAgain, err := read(t, file)
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(tt.text, got); diff != "" {
					t.Errorf("trace (-written +read):\n%s", diff)
				}
				if len(lost)+len(lostAgain) > 0 {
					t.Errorf("lost: %q %q", lost, lostAgain)
				}
			})
		}
	}
}

func TestRoundTripOfRandomStepsLosesNothing(t *testing.T) {
	for seed := range uint64(200) {
		random := rand.New(rand.NewPCG(seed, 14443))
		header := randomHeader(random)
		var steps []trace.Step
		for range random.IntN(30) {
			steps = append(steps, randomStep(random))
		}
		for kind, open := range openers() {
			var want strings.Builder
			w, err := trace.NewWriter(&want, header)
			if err != nil {
				t.Fatal(err)
			}
			for _, s := range steps {
				if err := w.Write(s); err != nil {
					t.Fatalf("seed %d: %+v: %v", seed, s, err)
				}
			}
			file, lost := written(t, open, header, steps)
			got, lostAgain, err := read(t, file)
			if err != nil || len(lost)+len(lostAgain) > 0 {
				t.Fatalf("seed %d as %s: %v, lost %q %q", seed, kind, err, lost, lostAgain)
			}
			if diff := cmp.Diff(want.String(), got); diff != "" {
				t.Fatalf("seed %d as %s (-written +read):\n%s", seed, kind, diff)
			}
		}
	}
}

func randomHeader(random *rand.Rand) trace.Header {
	var header trace.Header
	if random.IntN(2) == 0 {
		header = append(header, trace.Field{Key: trace.KeyATR, Value: "3B 80 80 01 01"})
	}
	if random.IntN(2) == 0 {
		header = append(header, trace.Field{Key: trace.KeyComment, Value: "drawn at random"})
	}
	return header
}

func randomStep(random *rand.Rand) trace.Step {
	switch random.IntN(12) {
	case 0:
		return trace.Step{Kind: trace.Reset}
	case 1:
		return trace.Step{Kind: trace.Reset, Failure: trace.FailureComm}
	case 2:
		return trace.Step{Kind: trace.Tear, Write: 1 + random.IntN(9)}
	case 3:
		return trace.Step{Kind: trace.Remove}
	case 4:
		return trace.Step{Kind: trace.Insert}
	case 5, 6:
		took := time.Duration(1+random.IntN(9999)) * time.Microsecond
		return trace.Step{Kind: trace.Idle, Took: took}
	}
	s := trace.Step{Kind: trace.Exchange, Command: randomMessage(random, 4, 600)}
	if random.IntN(2) == 0 {
		s.Took = time.Duration(random.IntN(9999)) * time.Microsecond
	}
	if random.IntN(6) == 0 {
		s.Failure = trace.FailureRemoved
		return s
	}
	s.Answer = randomMessage(random, 2, 600)
	return s
}

// randomMessage returns a message whose parts differ from their neighbours in their marks.
func randomMessage(random *rand.Rand, least, most int) trace.Message {
	n := least
	if random.IntN(2) == 0 {
		n += random.IntN(20)
	} else {
		n += random.IntN(most - least)
	}
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(random.Uint32N(256))
	}
	if random.IntN(3) > 0 || n < 6 {
		return trace.Literal(b)
	}
	cut := 1 + random.IntN(n-4)
	marks := []trace.Message{
		trace.Hidden("data", 2), trace.Marked(trace.Varying, "un", b[cut:cut+2]),
		trace.Marked(trace.StandIn, "pan", b[cut:cut+2]),
	}
	return trace.Join(
		trace.Literal(b[:cut]), marks[random.IntN(len(marks))], trace.Literal(b[cut+2:]))
}
