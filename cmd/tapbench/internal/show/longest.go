package show

import (
	"context"
	"errors"
	"io"
	"time"

	"tapbench/pcsc/trace"
)

// Longest returns the time of the longest exchange of a trace, or 0 if it says none. It reads all
// of it, and stops early with [context.Canceled] once stop reports true.
func Longest(r io.Reader, stop func() bool) (time.Duration, error) {
	reader, err := trace.Open(r)
	if err != nil {
		return 0, err
	}
	var longest time.Duration
	for {
		step, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return longest, nil
		case err != nil:
			return 0, err
		case stop():
			return 0, context.Canceled
		}
		if step.Kind == trace.Exchange {
			longest = max(longest, step.Took)
		}
	}
}
