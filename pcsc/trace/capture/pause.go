package capture

import (
	"time"

	"tapbench/pcsc/trace"
)

// maxTime is the longest time that a trace can say.
const maxTime = 999_999_999 * time.Microsecond

// lostPauses is what a trace can't say of the time between its steps.
const lostPauses = "pauses between steps"

// pauseOf returns how long nothing passed, or 0 for a step that isn't a pause.
func pauseOf(trace.Step) time.Duration { return 0 }

// pause returns the step that says that nothing passed for so long.
func pause(time.Duration) (trace.Step, bool) { return trace.Step{}, false }
