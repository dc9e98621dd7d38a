package shell

import (
	"fmt"
	"strings"
	"time"
)

// Milliseconds is a time as it is printed, to a hundredth of a millisecond.
func Milliseconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Microsecond)) / float64(time.Millisecond)
}

// Indent moves a block of text to the right.
func Indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n  ") + "\n"
}

// Count writes how many there are of something.
func Count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// Digits writes bytes as profiles do.
func Digits(b []byte) string { return fmt.Sprintf("%X", b) }
