package tsm_test

import (
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// meter counts what the process's threads have worked: beside other processes on the same cores it
// says more of a payment's cost than the clock.
type meter struct {
	start  unix.Timespec
	memory runtime.MemStats
}

// startMeter starts the benchmark's clock anew, and a meter with it.
func startMeter(b *testing.B) meter {
	b.Helper()
	var m meter
	runtime.ReadMemStats(&m.memory)
	b.ResetTimer()
	m.start = worked(b)
	return m
}

// report reports the rate, and time, memory and microseconds of work for each of n operations,
// which may be more than b.N.
func (m meter) report(b *testing.B, n int, rate string) {
	b.Helper()
	end, each := worked(b), float64(n)
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	b.ReportMetric(each/b.Elapsed().Seconds(), rate)
	b.ReportMetric(float64(end.Nano()-m.start.Nano())/1e3/each, "cpu-µs/op")
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/each, "ns/op")
	b.ReportMetric(float64(memory.TotalAlloc-m.memory.TotalAlloc)/each, "B/op")
	b.ReportMetric(float64(memory.Mallocs-m.memory.Mallocs)/each, "allocs/op")
}

// worked returns the processor time of the process.
func worked(b *testing.B) unix.Timespec {
	b.Helper()
	var t unix.Timespec
	check(b, unix.ClockGettime(unix.CLOCK_PROCESS_CPUTIME_ID, &t))
	return t
}
