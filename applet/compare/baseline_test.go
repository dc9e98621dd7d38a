package compare_test

import (
	"bufio"
	"strings"
	"testing"
)

// baselineLines reads both texts line by line and compares nothing.
func baselineLines(one, other string) func(*testing.B) {
	return func(b *testing.B) {
		b.SetBytes(int64(len(one) + len(other)))
		for b.Loop() {
			lines := 0
			for _, text := range []string{one, other} {
				s := bufio.NewScanner(strings.NewReader(text))
				for s.Scan() {
					lines++
				}
				if err := s.Err(); err != nil {
					b.Fatal(err)
				}
			}
		}
	}
}
