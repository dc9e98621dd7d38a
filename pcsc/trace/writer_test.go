package trace_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"tapbench/pcsc/trace"
)

func TestWriterRefusesWhatNobodyCouldRead(t *testing.T) {
	command := trace.Literal([]byte{0, 0xA4, 4, 0})
	answer := trace.Literal([]byte{0x90, 0})
	for _, row := range []struct {
		name string
		step trace.Step
	}{
		{"no kind", trace.Step{}},
		{"a command of three bytes", trace.Step{
			Kind: trace.Exchange, Command: trace.Literal([]byte{0, 0xA4, 4}), Answer: answer,
		}},
		{"a command without answer", trace.Step{Kind: trace.Exchange, Command: command}},
		{"an answer and a failure", trace.Step{
			Kind: trace.Exchange, Command: command, Answer: answer, Failure: trace.FailureComm,
		}},
		{"an unknown failure", trace.Step{
			Kind: trace.Exchange, Command: command, Failure: "explosion",
		}},
		{"a label in capitals", trace.Step{
			Kind: trace.Exchange, Command: trace.Hidden("PIN", 8), Answer: answer,
		}},
		{"a span of negative length", trace.Step{
			Kind: trace.Exchange, Command: trace.Join(command, trace.Hidden("pin", -1)), Answer: answer,
		}},
		{"a span with bytes", trace.Step{
			Kind: trace.Exchange, Answer: answer,
			Command: trace.Join(command, trace.Message{{Label: "pin", Len: 1, Bytes: []byte{1}}}),
		}},
		{"an empty part", trace.Step{
			Kind: trace.Exchange, Command: trace.Join(command, trace.Message{{}}), Answer: answer,
		}},
		{"a duration of half a microsecond", trace.Step{
			Kind: trace.Exchange, Command: command, Answer: answer, Took: 500 * time.Nanosecond,
		}},
		{"a tear of nothing", trace.Step{Kind: trace.Tear}},
		{"a reset with a duration", trace.Step{Kind: trace.Reset, Took: time.Second}},
		{"a removal that failed", trace.Step{Kind: trace.Remove, Failure: trace.FailureComm}},
		{"an insertion with a command", trace.Step{Kind: trace.Insert, Command: command}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var text bytes.Buffer
			w, err := trace.NewWriter(&text, nil)
			if err != nil {
				t.Fatal(err)
			}
			before := text.Len()
			if err := w.Write(row.step); !errors.Is(err, trace.ErrInvalid) {
				t.Errorf("Write: got %v, want ErrInvalid", err)
			}
			if text.Len() != before {
				t.Errorf("wrote %q", text.String()[before:])
			}
		})
	}
}

func TestWriterRefusesFields(t *testing.T) {
	for _, row := range []struct {
		name   string
		header trace.Header
	}{
		{"an unknown key", trace.Header{{Key: "host", Value: "laptop"}}},
		{"a line end", trace.Header{{Key: trace.KeyReader, Value: "a\nb"}}},
		{"nothing", trace.Header{{Key: trace.KeySpec}}},
		{"a second ATR", trace.Header{
			{Key: trace.KeyATR, Value: "3B 00"}, {Key: trace.KeyATR, Value: "3B 00"},
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var text bytes.Buffer
			if _, err := trace.NewWriter(&text, row.header); !errors.Is(err, trace.ErrInvalid) {
				t.Errorf("NewWriter: got %v, want ErrInvalid", err)
			}
			if text.Len() != 0 {
				t.Errorf("wrote %q", text.String())
			}
		})
	}
}
