package link_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"tapbench/pcsc/link"
)

// TestPageOfTheModels: docs/reader-models.md shows the models as they are.
func TestPageOfTheModels(t *testing.T) {
	page, err := os.ReadFile("../../docs/reader-models.md")
	if err != nil {
		t.Fatal(err)
	}
	number := func(n int) string {
		if n == 0 {
			return "–"
		}
		return fmt.Sprint(n)
	}
	for _, r := range link.Readers() {
		var protocols []string
		if r.T0 {
			protocols = append(protocols, "T=0")
		}
		if r.T1 {
			protocols = append(protocols, "T=1")
		}
		rate, more := 0, "yes"
		if len(r.Rates) > 0 {
			rate = r.Rates[len(r.Rates)-1]
		}
		if r.NoWTX {
			more = "no"
		}
		row := fmt.Sprintf("| %s | %s | %s | %s | %s | %s | %s | %s | %s |", r.Name, r.Title,
			strings.Join(protocols, ", "), r.Level, number(r.Message), number(r.IFSD), number(r.Frame),
			number(rate), more)
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/reader-models.md doesn't have this row:\n%s", row)
		}
	}
}
