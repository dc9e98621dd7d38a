package capture

import (
	"bytes"
	"errors"
	"io"
	"runtime"
	"testing"

	"tapbench/pcsc/trace"
)

// many writes a capture of n exchanges to w.
func many(open opener, w io.Writer, n int) error {
	c, err := open(w, trace.Header{{Key: trace.KeyATR, Value: "3B 80 80 01 01"}}, WriterOptions{})
	if err != nil {
		return err
	}
	s := trace.Step{
		Kind: trace.Exchange, Command: trace.Literal([]byte{0, 0xB2, 1, 0x0C, 0}),
		Answer: trace.Literal(append(bytes.Repeat([]byte{0x5A}, 120), 0x90, 0)), Took: 500_000,
	}
	for range n {
		if err := c.Write(s); err != nil {
			return err
		}
	}
	return c.Close()
}

// drained reads a capture and returns its steps' number and the most memory that was in use.
func drained(tb testing.TB, r io.Reader) (steps int, peak uint64) {
	tb.Helper()
	c, err := NewReader(r, ReaderOptions{})
	if err != nil {
		tb.Fatal(err)
	}
	for {
		_, err := c.Next()
		if errors.Is(err, io.EOF) {
			return steps, peak
		}
		if err != nil {
			tb.Fatal(err)
		}
		if steps++; steps%10_000 == 0 {
			var m runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapAlloc)
		}
	}
}

func TestLongCapturesNeedNoMoreMemory(t *testing.T) {
	for kind, open := range openers() {
		r, w := io.Pipe()
		go func() { _ = w.CloseWithError(many(open, w, 40_000)) }()
		steps, peak := drained(t, r)
		if steps < 40_000 || peak > 16<<20 {
			t.Errorf("%s: %d steps, %d bytes in use", kind, steps, peak)
		}
	}
}

func BenchmarkCapture(b *testing.B) {
	for kind, open := range openers() {
		b.Run("write/"+kind, func(b *testing.B) {
			b.ReportAllocs()
			if err := many(open, io.Discard, b.N); err != nil {
				b.Fatal(err)
			}
		})
		b.Run("read/"+kind, func(b *testing.B) {
			var file bytes.Buffer
			if err := many(open, &file, b.N); err != nil {
				b.Fatal(err)
			}
			b.ReportAllocs()
			b.ResetTimer()
			drained(b, &file)
		})
	}
}
