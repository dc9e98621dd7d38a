package needstest

import (
	"os"
	"testing"
)

// LeftOut has the test's package marked "[no tests to run]" if the test is skipped. It is for a
// package with one test.
func LeftOut(t *testing.T) {
	t.Helper()
	t.Cleanup(func() {
		if !t.Skipped() {
			return
		}
		if _, err := os.Stdout.WriteString("\ntesting: warning: no tests to run\n"); err != nil {
			t.Error(err)
		}
	})
}
