package doublespend_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestPage: docs/double-spending.md names the refusals, in the order of the code.
func TestPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "double-spending.md"))
	check(t, err)
	code, err := os.ReadFile("errors.go")
	check(t, err)
	row := regexp.MustCompile("(?m)^\\| `(Err\\w+)` \\|")
	declared := regexp.MustCompile(`(?m)^\t(Err\w+) = errors\.New`)
	if diff := cmp.Diff(names(declared, code), names(row, page)); diff != "" {
		t.Errorf("the page differs from the code (-code +page):\n%s", diff)
	}
}

func names(pattern *regexp.Regexp, text []byte) (all []string) {
	for _, match := range pattern.FindAllSubmatch(text, -1) {
		all = append(all, string(match[1]))
	}
	return all
}
