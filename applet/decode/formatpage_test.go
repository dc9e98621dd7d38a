package decode_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tapbench/applet/decode"
)

// TestFormatPage: docs/trace-format.md lists the labels that recordings use.
func TestFormatPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "trace-format.md"))
	if err != nil {
		t.Fatal(err)
	}
	labels := []string{}
	for v := decode.Constant; v <= decode.ProtocolStatus; v++ {
		labels = append(labels, v.Label())
	}
	for s := decode.Unknown; s <= decode.Secured; s++ {
		labels = append(labels, s.Label())
	}
	for _, label := range labels {
		if label != "" && !strings.Contains(string(page), "`"+label+"`") {
			t.Errorf("the page doesn't list the label %s", label)
		}
	}
	if len(labels) != 18 {
		t.Errorf("%d reasons to mark a value, want 18", len(labels))
	}
}
