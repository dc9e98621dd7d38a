package tsm_test

import (
	"testing"

	"golang.org/x/sys/unix"
)

// meter counts what the process's threads have worked: beside other processes on the same cores it
// says more of a payment's cost than the clock.
type meter struct{ start unix.Timespec }

// startMeter starts the benchmark's clock anew, and a meter with it.
func startMeter(b *testing.B) meter {
	b.Helper()
	b.ResetTimer()
	return meter{worked(b)}
}

// report reports the rate, and the microseconds of work for each of b.N operations.
func (m meter) report(b *testing.B, rate string) {
	b.Helper()
	end := worked(b)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), rate)
	b.ReportMetric(float64(end.Nano()-m.start.Nano())/1e3/float64(b.N), "cpu-µs/op")
}

// worked returns the processor time of the process.
func worked(b *testing.B) unix.Timespec {
	b.Helper()
	var t unix.Timespec
	check(b, unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t))
	return t
}
