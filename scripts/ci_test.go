package scripts_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestCIPageRuns takes each job of docs/ci.md, reads its YAML, and runs its shell steps in a
// project of its own. Stand-ins take the place of what would change the machine or needs a network:
// sudo, apt-get, sysctl, and git clone, which copies this repository. Set-up, build, doctor and
// bench are real.
func TestCIPageRuns(t *testing.T) {
	needTools(t, "make", "pcscd", "swtpm", "opensc-tool", "tpm2_getrandom")
	page, err := os.ReadFile(filepath.Join("..", "docs", "ci.md"))
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)<!-- job: ([a-z-]+) -->\n```yaml\n(.*?)```").
		FindAllStringSubmatch(string(page), -1)
	if all := strings.Count(string(page), "```yaml"); len(blocks) != all || all != 3 {
		t.Fatalf("%d of %d YAML blocks have a name, want 3", len(blocks), all)
	}
	for _, block := range blocks {
		t.Run(block[1], func(t *testing.T) {
			job, err := readYAML(block[2])
			if err != nil {
				t.Fatal(err)
			}
			steps := shellSteps(job)
			if len(steps) < 4 {
				t.Fatalf("only the steps %q", steps)
			}
			if block[1] == "gitlab-shared" {
				// It changes the machine's pcscd; a bench of its own shows what is left of it.
				steps[len(steps)-1] = strings.Replace(steps[len(steps)-1], "--system-pcscd ", "", 1)
			}
			runJob(t, steps)
		})
	}
}

// needTools skips the test without a tool, or fails it where all are required.
func needTools(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		_, err := exec.LookPath(name)
		if _, sbin := os.Stat("/usr/sbin/" + name); err == nil || sbin == nil {
			continue
		}
		if os.Getenv("TAPBENCH_REQUIRE") == "all" {
			t.Fatalf("%s is missing: run make setup", name)
		}
		t.Skipf("light path: %s is missing", name)
	}
}

// shellSteps returns what a job runs, in order: GitHub's "run", GitLab's scripts.
func shellSteps(job any) []string {
	var steps []string
	switch v := job.(type) {
	case map[string]any:
		for _, key := range []string{"jobs", "cards", "steps", "card tests", "card tests, shared runner"} {
			steps = append(steps, shellSteps(v[key])...)
		}
		if run, ok := v["run"].(string); ok {
			steps = append(steps, run)
		}
		for _, key := range []string{"before_script", "script"} {
			lines, _ := v[key].([]any)
			for _, line := range lines {
				steps = append(steps, fmt.Sprint(line))
			}
		}
	case []any:
		for _, item := range v {
			steps = append(steps, shellSteps(item)...)
		}
	}
	return steps
}

// standIns are programs that a job calls and that may not do their work here.
func standIns(root string) map[string]string {
	copied := "cp -r " + strings.Join([]string{
		"applet", "backend", "cmd", "go.mod", "go.sum", "Makefile", "pcsc", "scripts", "terminal",
		"testdata", "tpm", "wallet",
	}, " ") + ` "$here/tapbench" && ln -s '` + root + `/build' "$here/tapbench/build"`
	return map[string]string{
		"sudo":    `[ "$1" != -E ] || shift; exec "$@"`,
		"apt-get": `[ "$1" = update ] || { echo "apt-get $*: not in a test" >&2; exit 1; }`,
		"sysctl":  `[ "$1" = -w ]`,
		"git": `case $1 in
			clone) here=$PWD; mkdir tapbench; cd '` + root + `' && ` + copied + ` ;;
			*) echo test ;;
			esac`,
	}
}

// runJob runs steps one after the other, as CI systems do, in a project that wants a test bed.
func runJob(t *testing.T, steps []string) {
	t.Helper()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write := func(name, text string, mode os.FileMode) {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range standIns(root) {
		write("bin/"+name, "#!/bin/sh\n"+text+"\n", 0o755)
	}
	write("project/Makefile", "test:\n\topensc-tool -a >atr\n\ttpm2_getrandom --hex 8 >random\n", 0o644)
	script := "set -e\n"
	if !strings.Contains(strings.Join(steps, "\n"), "git clone") { // actions/checkout has
		script += "git clone\n"
	}
	for _, step := range steps {
		script += step + "\n[ ! -s \"$GITHUB_PATH\" ] || PATH=$(cat \"$GITHUB_PATH\"):$PATH\n"
	}
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script)
	cmd.Dir = filepath.Join(dir, "project")
	cmd.Env = append(os.Environ(), "SETUP=no", "GITHUB_PATH="+filepath.Join(dir, "path"),
		"TAPBENCH=here", "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"atr", "random"} {
		if text, err := os.ReadFile(filepath.Join(dir, "project", name)); err != nil || len(text) < 8 {
			t.Errorf("the project's test left %s = %q, %v\n%s", name, text, err, out)
		}
	}
}
