package tsm_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/tsm"
)

// TestDrawnStates holds docs/accounts.md against the code.
func TestDrawnStates(t *testing.T) {
	page, err := os.ReadFile("../../docs/accounts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "| from | to | by |\n|---|---|---|\n")
	table, _, _ := strings.Cut(section, "\n\n")
	var want []string
	for _, arrow := range tsm.Transitions() {
		want = append(want, fmt.Sprintf("| %s | %s | %s |", arrow.From, arrow.To, arrow.By))
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), table); diff != "" {
		t.Errorf("docs/accounts.md (-code +page):\n%s", diff)
	}
}
