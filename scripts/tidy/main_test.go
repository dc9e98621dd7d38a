package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// runIn runs the command over a folder and returns what it says and its exit code.
func runIn(t *testing.T, args ...string) (string, int) {
	t.Helper()
	var output strings.Builder
	code := run(t.Context(), args, &output, &output)
	return output.String(), code
}

func TestRun(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "go.mod"), "module tapbench\n\ngo 1.26.0\n")
	write(t, filepath.Join(root, linterConfig), emptyConfig)

	if output, code := runIn(t, "one", "two"); code != 2 {
		t.Errorf("got exit code %d for two folders, want 2:\n%s", code, output)
	}
	output, code := runIn(t, filepath.Join(root, "missing"))
	if code != 1 || !strings.Contains(output, "reading the repository") {
		t.Errorf("got exit code %d for a folder that isn't there, want 1:\n%s", code, output)
	}
	output, code = runIn(t, root)
	if code != 1 || !strings.Contains(output, "run make generate (depguard)") {
		t.Errorf("got exit code %d for a stale configuration, want 1:\n%s", code, output)
	}
	if output, code := runIn(t, "-write", root); code != 0 || output != "" {
		t.Errorf("got exit code %d from -write, want 0 and silence:\n%s", code, output)
	}
	output, code = runIn(t, root)
	if want := "tidy: 2 files are in order\n"; code != 0 || output != want {
		t.Errorf("got exit code %d, want 0 and %q:\n%s", code, want, output)
	}
}

func TestRunRefusesAModuleThatIsNotTidy(t *testing.T) {
	root := t.TempDir()
	write(t, filepath.Join(root, "spare", "go.mod"), "module example.org/spare\n\ngo 1.26.0\n")
	write(t, filepath.Join(root, "go.mod"), "module tapbench\n\ngo 1.26.0\n\n"+
		"require example.org/spare v0.0.0\n\nreplace example.org/spare => ./spare\n")
	output, code := runIn(t, root)
	if code != 1 || !strings.Contains(output, "go mod tidy has something to do") ||
		!strings.Contains(output, "-require example.org/spare") {
		t.Errorf("got exit code %d, want 1 and the diff:\n%s", code, output)
	}
}
