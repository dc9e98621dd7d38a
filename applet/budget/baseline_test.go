package budget_test

import (
	"bufio"
	"strings"
	"testing"
)

// baselineLines reads a text line by line and measures nothing.
func baselineLines(text string) func(*testing.B) {
	return func(b *testing.B) {
		b.SetBytes(int64(len(text)))
		for b.Loop() {
			lines, n := bufio.NewScanner(strings.NewReader(text)), 0
			for lines.Scan() {
				n++
			}
			if err := lines.Err(); err != nil || n == 0 {
				b.Fatal(n, err)
			}
		}
	}
}
