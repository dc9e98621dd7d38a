package swtpmtest

import (
	"context"
	"errors"
	"os"
	"testing"

	"tapbench/tpm/swtpm"
)

// Start runs a TPM in a folder of its own until the test ends. Starting it takes a second or two:
// tests that don't hurt each other share one.
//
// If swtpm isn't installed the test is skipped, with a message that begins "light path: ", or fails
// when the environment has TAPBENCH_REQUIRE=all.
func Start(tb testing.TB) *swtpm.Process {
	tb.Helper()
	return StartIn(tb, Dir(tb))
}

// StartIn is Start in a given folder, so that a test can start the same TPM again.
func StartIn(tb testing.TB, dir string) *swtpm.Process {
	tb.Helper()
	// Not the test's context, which ends before its clean-up runs.
	p, err := swtpm.Start(context.Background(), swtpm.Config{Dir: dir})
	Require(tb, err)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := p.Stop(); err != nil && !errors.Is(err, swtpm.ErrDied) {
			tb.Error(err)
		}
	})
	return p
}

// Require skips or fails the test when swtpm is what was missing.
func Require(tb testing.TB, err error) {
	tb.Helper()
	if !errors.Is(err, swtpm.ErrMissing) {
		return
	}
	if os.Getenv("TAPBENCH_REQUIRE") == "all" {
		tb.Fatal(err)
	}
	tb.Skipf("light path: %v", err)
}

// Dir makes a folder for a TPM and removes it after the test. Its path is short enough for a
// socket, which a long test name's TempDir isn't.
func Dir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "swtpm") //nolint:usetesting // see above
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			tb.Error(err)
		}
	})
	return dir
}
