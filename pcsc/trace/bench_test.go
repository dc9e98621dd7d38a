package trace_test

import (
	"bytes"
	"context"
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
	b.Run("baseline", baselineDecode(len(text)))
}

// BenchmarkTraceReplay plays a recording, against looking an answer up and copying it.
func BenchmarkTraceReplay(b *testing.B) {
	dialogue, err := trace.Load(strings.NewReader(recordText()))
	if err != nil {
		b.Fatal(err)
	}
	b.Run("ours", func(b *testing.B) {
		b.ReportAllocs()
		player := dialogue.Player()
		for n := 0; b.Loop(); n++ {
			if n == exchanges {
				player, n = dialogue.Player(), 0
			}
			if _, err := player.Transmit(b.Context(), readRecord()); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "APDU/s")
	})
	b.Run("baseline", baselineLookUp(exchanges, readRecord(), record()))
}

// BenchmarkTraceRecord writes exchanges into a file, against one call that writes as many bytes
// into it for each: no line is lost when the process is killed, and that costs this call. Both say
// how much is added to the bare card.
func BenchmarkTraceRecord(b *testing.B) {
	var text bytes.Buffer
	transmit(b, recording(b, &text), 100)
	perExchange := text.Len() / 100
	b.Run("ours", func(b *testing.B) {
		card := recording(b, create(b))
		b.ReportAllocs()
		b.ResetTimer()
		transmit(b, card, b.N)
		reportAdded(b)
	})
	b.Run("baseline", func(b *testing.B) {
		card := &writing{constantCard(), create(b), make([]byte, perExchange)}
		b.ReportAllocs()
		b.ResetTimer()
		transmit(b, card, b.N)
		reportAdded(b)
	})
}

// reportAdded reports how much longer each exchange took than without anything around the card.
func reportAdded(b *testing.B) {
	b.Helper()
	b.StopTimer()
	begin, card := time.Now(), constantCard()
	transmit(b, card, b.N)
	added := b.Elapsed() - time.Since(begin)
	b.ReportMetric(float64(added.Nanoseconds())/float64(b.N), "ns-added/APDU")
}

// transmit makes n exchanges.
func transmit(b *testing.B, card pcsc.Card, n int) {
	b.Helper()
	command, ctx := readRecord(), b.Context()
	for range n {
		if _, err := card.Transmit(ctx, command); err != nil {
			b.Fatal(err)
		}
	}
}

// recording returns a card that is recorded with its times.
func recording(b *testing.B, w io.Writer) pcsc.Card {
	b.Helper()
	card, err := trace.NewRecorder(constantCard(), w, trace.Options{
		Redact: trace.RevealAll, Now: time.Now,
	})
	if err != nil {
		b.Fatal(err)
	}
	return card
}

// create returns a new file.
func create(b *testing.B) *os.File {
	b.Helper()
	file, err := os.Create(filepath.Join(b.TempDir(), "trace"))
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = file.Close() })
	return file
}

// writing is a card with a call behind each exchange that writes the same bytes.
type writing struct {
	pcsc.Card
	file *os.File
	text []byte
}

func (w *writing) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := w.Card.Transmit(ctx, command)
	if err == nil {
		_, err = w.file.Write(w.text)
	}
	return answer, err
}

// readRecord returns READ RECORD, as short as most commands are.
func readRecord() []byte { return []byte{0x00, 0xB2, 0x01, 0x0C, 0x00} }

// record returns the answer to it, of 100 bytes.
func record() []byte { return bytes.Repeat([]byte{0x5A}, 100) }

// constantCard returns a card that answers every command with one record.
func constantCard() pcsc.Card { return &constant{answer: record()} }

type constant struct{ answer []byte }

func (*constant) ATR() []byte             { return []byte{0x3B, 0x80, 0x80, 0x01, 0x01} }
func (*constant) Protocol() pcsc.Protocol { return pcsc.ProtocolT1 }
func (*constant) Close() error            { return nil }

func (*constant) Reset(context.Context) error { return nil }

func (c *constant) Transmit(context.Context, []byte) ([]byte, error) { return c.answer, nil }
