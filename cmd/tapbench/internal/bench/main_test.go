package bench_test

import (
	"fmt"
	"os"
	"testing"

	"tapbench/cmd/tapbench/internal/bench"
)

// runVariable makes the test's own program run a command as the bench does: its words.
const runVariable = "TAPBENCH_TEST_RUN"

func TestMain(m *testing.M) {
	if words := os.Getenv(runVariable); words != "" {
		command, exit, err := bench.FindCommand("sh", "-c", words)
		if err == nil {
			command.Stdin, command.Stdout, command.Stderr = os.Stdin, os.Stdout, os.Stderr
			exit, err = command.Run()
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
		os.Exit(exit)
	}
	os.Exit(m.Run())
}
