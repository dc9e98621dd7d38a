package moneytest

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"testing"
	"time"
)

// SoakVariable says for how long a test goes on.
const SoakVariable = "TAPBENCH_SOAK"

// Enough returns what says whether a test has done enough: done, or if the environment asks for a
// soak, that its time is over or that somebody has interrupted it.
func Enough(t testing.TB, done func() bool) func() bool {
	t.Helper()
	text := os.Getenv(SoakVariable)
	if text == "" {
		return done
	}
	long, err := time.ParseDuration(text)
	if err != nil {
		t.Fatalf("%s: %v", SoakVariable, err)
	}
	soak, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	t.Cleanup(stop)
	soak, cancel := context.WithTimeout(soak, long)
	t.Cleanup(cancel)
	return func() bool { return soak.Err() != nil }
}
