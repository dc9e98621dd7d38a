package payout_test

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/api"
)

// TestPage compares the table of docs/offline.md with the refusals of claims.
func TestPage(t *testing.T) {
	text, err := os.ReadFile("../../docs/offline.md")
	check(t, err)
	_, section, found := strings.Cut(string(text), "\n## Payout\n")
	if !found {
		t.Fatal("docs/offline.md has no such section")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	var got []api.ClaimRefusal
	row := regexp.MustCompile("(?m)^\\| `([a-z-]+)` \\| .* \\|$")
	for _, m := range row.FindAllStringSubmatch(section, -1) {
		got = append(got, api.ClaimRefusal(m[1]))
	}
	if diff := cmp.Diff(api.ClaimRefusals(), got); diff != "" {
		t.Errorf("refusals (-code +page):\n%s", diff)
	}
}
