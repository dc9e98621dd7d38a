package redact_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/redact"
	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/testdata"
)

// BenchmarkTraceRecordRedacted records a tap over and over, redacted and with times, into a file.
// The baseline is the same tap without a recorder, and one call of the file for each exchange with
// as many bytes: no line is lost when the process is killed, and that costs this call.
func BenchmarkTraceRecordRedacted(b *testing.B) {
	text, err := testdata.Traces.ReadFile("traces/tap-approved.trace")
	if err != nil {
		b.Fatal(err)
	}
	dialogue, err := trace.Load(bytes.NewReader(text))
	if err != nil {
		b.Fatal(err)
	}
	var commands [][]byte
	for steps := dialogue.Source(); ; {
		step, err := steps.Next()
		if err != nil {
			break
		}
		if command, kept := step.Command.Bytes(); step.Kind == trace.Exchange && kept {
			commands = append(commands, command)
		}
	}
	file, err := os.Create(filepath.Join(b.TempDir(), "trace"))
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	line := make([]byte, len(text)/len(commands))
	run := func(b *testing.B, card pcsc.Card, each func()) {
		b.Helper()
		b.ReportAllocs()
		for n := 0; b.Loop(); n++ {
			if _, err := card.Transmit(b.Context(), commands[n%len(commands)]); err != nil {
				b.Fatal(err)
			}
			each()
		}
	}
	b.Run("ours", func(b *testing.B) {
		card, err := trace.NewRecorder(&repeating{dialogue: dialogue}, file, trace.Options{
			Redact: redact.New(redact.Config{}).Redact, Now: time.Now,
		})
		if err != nil {
			b.Fatal(err)
		}
		run(b, card, func() {})
	})
	b.Run("baseline", func(b *testing.B) {
		run(b, &repeating{dialogue: dialogue}, func() {
			if _, err := file.Write(line); err != nil {
				b.Fatal(err)
			}
		})
	})
}

// repeating plays a dialogue again and again.
type repeating struct {
	*trace.Player
	dialogue *trace.Dialogue
}

func (r *repeating) ATR() []byte             { return r.dialogue.Header().ATR() }
func (r *repeating) Protocol() pcsc.Protocol { return pcsc.ProtocolT1 }

func (r *repeating) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if r.Player == nil || r.Unfinished() == nil {
		r.Player = r.dialogue.Player()
	}
	return r.Player.Transmit(ctx, command)
}
