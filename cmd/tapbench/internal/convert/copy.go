package convert

import (
	"context"
	"errors"
	"io"

	"tapbench/pcsc/trace"
)

// Count says how much was converted.
type Count struct {
	Steps     int `json:"steps"`
	Exchanges int `json:"exchanges"`
}

// Copy hands all steps of a source to a sink and ends it, in the same memory however many there
// are. Each step first goes through change, unless that is nil.
func Copy(ctx context.Context, to Sink, from Source, change func(*trace.Step)) (Count, error) {
	var n Count
	for {
		if err := ctx.Err(); err != nil {
			return n, err
		}
		step, err := from.Next()
		if errors.Is(err, io.EOF) {
			return n, to.Close()
		}
		if err != nil {
			return n, err
		}
		if change != nil {
			change(&step)
		}
		if err := to.Write(step); err != nil {
			return n, err
		}
		n.Steps++
		if step.Kind == trace.Exchange {
			n.Exchanges++
		}
	}
}
