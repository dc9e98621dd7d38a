package stormtest_test

import (
	"fmt"
	"os"
	"testing"
	"time"

	"tapbench/cmd/tapbench/internal/stormtest"
	"tapbench/tpm/swtpm/swtpmtest"
)

// What a storm in make test has to reach at least.
const (
	kills    = 50
	payments = 100
)

// diaryVariable names a file for what breaks off on the way.
const diaryVariable = "TAPBENCH_STORM_LOG"

// diary writes down why acts broke off, if somebody wants to know.
func diary(t *testing.T) func(error) {
	t.Helper()
	path := os.Getenv(diaryVariable)
	if path == "" {
		return nil
	}
	file, err := os.Create(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	return func(err error) { _, _ = fmt.Fprintln(file, time.Now().Format(time.StampMilli), err) }
}

// run runs a storm to its end, or skips the test where there is no swtpm.
func run(t *testing.T, c stormtest.Config) stormtest.Result {
	t.Helper()
	var err error
	if c.Seed, err = stormtest.Seed(); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s=%d", stormtest.SeedVariable, c.Seed)
	c.Dir = swtpmtest.Dir(t)
	c.Failed = diary(t)
	start := time.Now()
	result, err := stormtest.Run(t.Context(), c)
	swtpmtest.Require(t, err)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%v: %s; %d payments stand, %d were taken back", time.Since(start).Round(time.Second),
		result.Tally, result.Report.Payments, result.Report.Reversed)
	return result
}

// Killed at random moments under load, nobody loses an acknowledged payment, and none is doubled.
func TestNothingIsLostOrDoubled(t *testing.T) {
	result := run(t, stormtest.Config{
		Phones: 3, Kills: kills, Payments: payments,
		// Somebody has paid by token, and some terminal was paid for it.
		Until: func(t stormtest.Tally) bool { return t.Offline > 0 && t.Claimed > 0 },
	})
	for _, fault := range result.Faults {
		t.Error(fault)
	}
}
