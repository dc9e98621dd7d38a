package trace_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
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
		if got != row.text {
			t.Errorf("%s isn't as it is written: %s", row.name, cmp.Diff(row.text, got))
		}
		complete(t, row.name, row.text)
	}
	lines := strings.Count(blocks[0], "\n")
	if last := fmt.Sprintf("\n| %d |", lines); !bytes.Contains(page, []byte(last)) {
		t.Errorf("the example has %d lines, and the table below doesn't end there", lines)
	}
	var names []string
	for _, key := range []trace.Key{
		trace.KeySpec, trace.KeyExpect, trace.KeyComment, trace.KeyATR, trace.KeyProtocol,
		trace.KeyReader, trace.KeyOrigin, trace.KeyRedaction,
	} {
		names = append(names, "| `"+string(key)+"` |")
	}
	for _, failure := range []trace.Failure{
		trace.FailureNoService, trace.FailureNoReader, trace.FailureNoCard, trace.FailureRemoved,
		trace.FailureReset, trace.FailureSharing, trace.FailureBadAnswer,
		trace.FailureNotSupported, trace.FailureComm, trace.FailureCancelled,
	} {
		names = append(names, "`"+string(failure)+"`")
	}
	for _, value := range []string{
		trace.RedactionStandIns, trace.RedactionHidden, trace.RedactionNone,
	} {
		names = append(names, "`"+value+"`")
	}
	for _, name := range names {
		if !bytes.Contains(page, []byte(name)) {
			t.Errorf("the page doesn't explain %s", name)
		}
	}
}

// complete wants an example to have every kind of step and every mark.
func complete(t *testing.T, name, text string) {
	t.Helper()
	in, err := trace.Open(strings.NewReader(text))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	steps, marks, failed := map[trace.Kind]bool{}, map[trace.Mark]bool{}, false
	for {
		step, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		steps[step.Kind] = true
		failed = failed || step.Failure != ""
		for _, part := range trace.Join(step.Command, step.Answer) {
			marks[part.Mark] = true
		}
	}
	if len(steps) != 6 || len(marks) != 4 || !failed {
		t.Errorf("%s has %d of 6 kinds of steps, %d of 4 marks, and a failure: %t",
			name, len(steps), len(marks), failed)
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
