package needstest_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoNamesWhatIsLeftOut runs go test over a package beside this one where there are no programs
// but Go's.
func TestGoNamesWhatIsLeftOut(t *testing.T) {
	for name, c := range map[string]struct {
		require string
		fails   bool
		want    string
	}{
		"all required": {"all", true, "FAIL\ttapbench/scripts/needs/tools"},
		"Go alone":     {"", false, "ok  \ttapbench/scripts/needs/tools"},
	} {
		t.Run(name, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), "go", "test", "-count=1", "../tools")
			command.Env = append(command.Environ(),
				"CGO_ENABLED=0", "PATH="+goFolder(t), "TAPBENCH_REQUIRE="+c.require)
			output, err := command.CombinedOutput()
			if (err != nil) != c.fails || !strings.Contains(string(output), c.want) ||
				!c.fails && !strings.Contains(string(output), "[no tests to run]") {
				t.Errorf("got %v, want %q in\n%s", err, c.want, output)
			}
		})
	}
}

// goFolder returns a folder that holds Go's commands and nothing else.
func goFolder(t *testing.T) string {
	t.Helper()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(strings.TrimSpace(string(root)), "bin")
}
