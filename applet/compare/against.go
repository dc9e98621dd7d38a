package compare

import (
	"errors"
	"fmt"
	"io"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// ErrNoExchange means that a trace has no exchange at a line.
var ErrNoExchange = errors.New("no exchange at this line")

// Against compares the exchange that begins at a line of a trace, the header's lines counted, with
// a command and an answer that came instead. Without an answer the trace's own stands in its place.
// It reads the trace up to that line, so that the bytes have their names. The item is the trace's.
func Against(steps trace.Source, line int, command, answer []byte) (Item, []Element, error) {
	recorded, got := decode.New(), decode.New()
	for number := 1; ; number++ {
		step, err := steps.Next()
		switch {
		case errors.Is(err, io.EOF) || err == nil && step.Line > line:
			return Item{}, nil, fmt.Errorf("line %d: %w", line, ErrNoExchange)
		case err != nil:
			return Item{}, nil, fmt.Errorf("reading the trace: %w", err)
		}
		if !happens(step.Kind) {
			continue
		}
		var a, b entry
		a.load(recorded, step, number)
		if step.Line < line {
			b.load(got, step, number)
			continue
		}
		if step.Kind != trace.Exchange {
			return a.Item, nil, fmt.Errorf("line %d: %w", line, ErrNoExchange)
		}
		other := step
		if command != nil {
			other.Command = trace.Literal(command)
		}
		if answer != nil {
			other.Answer, other.Failure = trace.Literal(answer), ""
		}
		b.load(got, other, number)
		return a.Item, pair(nil, &a, &b), nil
	}
}
