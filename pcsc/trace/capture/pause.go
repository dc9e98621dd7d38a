package capture

import (
	"time"

	"tapbench/pcsc/trace"
)

// maxTime is the longest time that a trace can say.
const maxTime = 999_999_999 * time.Microsecond

// pauseOf returns how long nothing passed, or 0 for a step that isn't a pause.
func pauseOf(s trace.Step) time.Duration {
	if s.Kind != trace.Idle {
		return 0
	}
	return s.Took
}
