package trace_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace"
)

// TestFormatPage holds docs/trace-format.md and the package's documentation to each other and to
// the code: they print the same grammar, and the page's examples are traces.
func TestFormatPage(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "docs", "trace-format.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced(string(page))
	if len(blocks) != 3 {
		t.Fatalf("%d blocks in the page, want an example, the grammar and JSON", len(blocks))
	}
	source, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(productions(string(source), "//\t"), productions(blocks[1], "")); diff != "" {
		t.Errorf("grammar (-doc.go +page):\n%s", diff)
	}
	for _, row := range []struct {
		name, text string
		toJSON     bool
	}{{"the example", blocks[0], false}, {"the JSON example", blocks[2], true}} {
		got, err := rewrite(row.text, row.toJSON)
		if err != nil {
			t.Fatalf("%s: %v", row.name, err)
		}
		if !row.toJSON && got != row.text {
			t.Errorf("%s isn't as it is written: %s", row.name, cmp.Diff(row.text, got))
		}
	}
	for _, key := range []trace.Key{
		trace.KeySpec, trace.KeyExpect, trace.KeyComment, trace.KeyATR, trace.KeyProtocol,
		trace.KeyReader, trace.KeyOrigin, trace.KeyRedaction,
	} {
		if !bytes.Contains(page, []byte("| `"+string(key)+"` |")) {
			t.Errorf("the page doesn't explain the key %s", key)
		}
	}
}

// fenced returns what stands between fences.
func fenced(page string) []string {
	var blocks []string
	for i, part := range strings.Split(page, "```") {
		if i%2 == 1 {
			_, block, _ := strings.Cut(part, "\n")
			blocks = append(blocks, block)
		}
	}
	return blocks
}

// productions returns the lines that begin with a name and an equals sign.
func productions(text, lead string) []string {
	var found []string
	for line := range strings.Lines(text) {
		line, isProduction := strings.CutPrefix(strings.TrimRight(line, "\n"), lead)
		name, _, hasSign := strings.Cut(line, "= ")
		name = strings.TrimSpace(name)
		if isProduction && hasSign && name != "" && !strings.ContainsAny(name, " :,(") {
			found = append(found, line)
		}
	}
	return found
}
