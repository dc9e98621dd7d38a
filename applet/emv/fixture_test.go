package emv_test

import (
	"strings"
	"testing"
)

// spaced decodes hexadecimal digits with spaces between.
func spaced(t testing.TB, text string) []byte {
	t.Helper()
	return unhex(t, strings.ReplaceAll(text, " ", ""))
}

func zeros(n int) string { return strings.Repeat("00", n) }
