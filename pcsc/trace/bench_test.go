package trace_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// exchanges is how many exchanges the text of the benchmarks has.
const exchanges = 10_000

// recordText returns a text of exchanges as a tap has them: short commands, records of 100 bytes.
func recordText() string {
	var text strings.Builder
	text.WriteString(trace.Magic + "\natr: 3B 80 80 01 01\n")
	record := strings.TrimSuffix(strings.Repeat("5A ", 29), " ")
	for range exchanges {
		text.WriteString("> 00 B2 01 0C 00\n< 70 61 9F " + record + "\n")
		for range 2 {
			text.WriteString("  " + strings.Repeat("5A ", 31) + "5A\n")
		}
		text.WriteString("  90 00\ntook 1234 us\n")
	}
	return text.String()
}

// BenchmarkTraceParse reads a text, against decoding as many digits and nothing else.
func BenchmarkTraceParse(b *testing.B) {
	text := recordText()
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		b.ReportAllocs()
		for b.Loop() {
			in, err := trace.NewReader(strings.NewReader(text))
			if err != nil {
				b.Fatal(err)
			}
			var step trace.Step
			for err == nil {
				err = in.Read(&step)
			}
			if !errors.Is(err, io.EOF) {
				b.Fatal(err)
			}
		}
	})
	b.Run("baseline", func(b *testing.B) {
		digits := bytes.Repeat([]byte("5A"), len(text)/3)
		out := make([]byte, len(digits)/2)
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			if _, err := hex.Decode(out, digits); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// BenchmarkTraceReplay plays a recording, against a card that always answers the same.
func BenchmarkTraceReplay(b *testing.B) {
	dialogue, err := trace.Load(strings.NewReader(recordText()))
	if err != nil {
		b.Fatal(err)
	}
	command := []byte{0x00, 0xB2, 0x01, 0x0C, 0x00}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		player := dialogue.Player()
		for n := 0; b.Loop(); n++ {
			if n == exchanges {
				player, n = dialogue.Player(), 0
			}
			if _, err := player.Transmit(b.Context(), command); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "APDU/s")
	})
	b.Run("baseline", func(b *testing.B) {
		card := constantCard()
		for b.Loop() {
			if _, err := card.Transmit(b.Context(), command); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "APDU/s")
	})
}

// BenchmarkTraceRecord writes exchanges into a file, against one call that writes as many bytes
// into it for each: no line is lost when the process is killed, and that costs this call.
func BenchmarkTraceRecord(b *testing.B) {
	command := []byte{0x00, 0xB2, 0x01, 0x0C, 0x00}
	create := func(b *testing.B) *os.File {
		b.Helper()
		file, err := os.Create(filepath.Join(b.TempDir(), "trace"))
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { _ = file.Close() })
		return file
	}
	b.Run("ours", func(b *testing.B) {
		card, err := trace.NewRecorder(constantCard(), create(b), trace.Options{
			Redact: trace.RevealAll, Now: time.Now,
		})
		if err != nil {
			b.Fatal(err)
		}
		b.ReportAllocs()
		for b.Loop() {
			if _, err := card.Transmit(b.Context(), command); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "us/APDU")
	})
	b.Run("baseline", func(b *testing.B) {
		file, line := create(b), make([]byte, 350)
		for b.Loop() {
			if _, err := file.Write(line); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N), "us/APDU")
	})
}

// constantCard returns a card that answers every command with one record.
func constantCard() pcsc.Card { return &constant{answer: bytes.Repeat([]byte{0x5A}, 100)} }

type constant struct{ answer []byte }

func (*constant) ATR() []byte             { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }
func (*constant) Protocol() pcsc.Protocol { return pcsc.ProtocolT1 }
func (*constant) Close() error            { return nil }

func (*constant) Reset(context.Context) error { return nil }

func (c *constant) Transmit(context.Context, []byte) ([]byte, error) { return c.answer, nil }
