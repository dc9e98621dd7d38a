package bank_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/bank"
)

// TestDrawnStates holds docs/accounts.md against the code.
func TestDrawnStates(t *testing.T) {
	page, err := os.ReadFile("../../docs/accounts.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(page), "| of | from | to | by |\n|---|---|---|---|\n")
	table, _, _ := strings.Cut(section, "\n\n")
	var want []string
	for _, arrow := range bank.Transitions() {
		row := fmt.Sprintf("| %s | %s | %s | %s |", arrow.Of, arrow.From, arrow.To, arrow.By)
		want = append(want, strings.ReplaceAll(row, "|  |", "| |"))
	}
	if diff := cmp.Diff(strings.Join(want, "\n"), table); diff != "" {
		t.Errorf("docs/accounts.md (-code +page):\n%s", diff)
	}
}
