package trace_test

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// baselineDecode decodes as many hexadecimal digits as a text of so many bytes has, and nothing
// else. It uses nothing of ours.
func baselineDecode(size int) func(*testing.B) {
	return func(b *testing.B) {
		digits := bytes.Repeat([]byte("5A"), size/3)
		out := make([]byte, len(digits)/2)
		b.SetBytes(int64(size))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := hex.Decode(out, digits); err != nil {
				b.Fatal(err)
			}
		}
	}
}

// baselineLookUp is the least that a replay must do: the next pair in a slice is compared and its
// answer copied for the caller. It uses nothing of ours.
func baselineLookUp(n int, command, answer []byte) func(*testing.B) {
	type pair struct{ command, answer []byte }
	return func(b *testing.B) {
		pairs := make([]pair, n)
		for i := range pairs {
			pairs[i] = pair{bytes.Clone(command), bytes.Clone(answer)}
		}
		b.ReportAllocs()
		total := 0
		for i := 0; b.Loop(); i = (i + 1) % n {
			if !bytes.Equal(pairs[i].command, command) {
				b.Fatal("another command")
			}
			total += len(bytes.Clone(pairs[i].answer))
		}
		if total != b.N*len(answer) {
			b.Fatal(total)
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "APDU/s")
	}
}
