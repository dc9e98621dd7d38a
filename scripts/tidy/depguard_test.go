package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const emptyConfig = "linters:\n  settings:\n" + depguardBegin + depguardEnd + "    errcheck: {}\n"

func TestDepguardPart(t *testing.T) {
	renewed, err := house(t, linterConfig, emptyConfig).renewed(emptyConfig)
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		files []string
		want  []string
	}{
		"refuses a repository without a configuration": {
			nil, []string{".golangci.yml:1: isn't there"},
		},
		"refuses a configuration without the marks": {
			[]string{linterConfig, "linters:\n"},
			[]string{".golangci.yml:1: .golangci.yml lacks the marks of depguard's part"},
		},
		"refuses a part that was changed by hand": {
			[]string{linterConfig, strings.Replace(renewed, "tapbench/cmd", "tapbench/cmds", 1)},
			[]string{
				".golangci.yml:1: depguard's part isn't what house.go says: run make generate",
			},
		},
		"refuses a part that lacks a new package for tests": {
			[]string{linterConfig, renewed, "tpm/tpmtest/a.go", goFile("tpmtest")},
			[]string{
				".golangci.yml:1: depguard's part isn't what house.go says: run make generate",
			},
		},
		"accepts the part as it is written": {[]string{linterConfig, renewed}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, apply(t, "depguard", c.files...)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestLinterRefusesWhatTidyRefuses plants every room's code, tests and pure packages with imports
// of every kind and has the linter, with the repository's own configuration, judge them: it must
// refuse the very files that the rules of this package refuse.
func TestLinterRefusesWhatTidyRefuses(t *testing.T) {
	linter := linterOrSkip(t)
	config, err := os.ReadFile("../../" + linterConfig)
	if err != nil {
		t.Fatal(err)
	}
	files := planted()
	tree := house(t, files...)
	renewed, err := tree.renewed(string(config))
	if err != nil {
		t.Fatal(err)
	}
	root := t.TempDir()
	files = append(files, plantedModules()...)
	for i := 0; i < len(files); i += 2 {
		write(t, filepath.Join(root, files[i]), files[i+1])
	}
	write(t, filepath.Join(root, linterConfig), renewed)

	var want []string
	for _, r := range rules() {
		if slices.Contains([]string{"floors", "purity", "libraries", "test packages"}, r.name) {
			for _, f := range r.check(tree) {
				want = append(want, f.path)
			}
		}
	}
	slices.Sort(want)
	want = slices.Compact(want)
	if len(want) < 200 {
		t.Fatalf("got %d planted files that tidy refuses, want several hundred", len(want))
	}
	if diff := cmp.Diff(want, refusedByLinter(t, linter, root)); diff != "" {
		t.Errorf("files refused by tidy (-) and by the linter (+):\n%s", diff)
	}
}

// linterOrSkip returns the linter that setup builds.
func linterOrSkip(t *testing.T) string {
	t.Helper()
	linter, err := filepath.Abs("../../build/tools/golangci-lint")
	if err != nil {
		t.Fatal(err)
	}
	if _, err = os.Stat(linter); err != nil {
		if os.Getenv("TAPBENCH_REQUIRE") == "all" {
			t.Fatalf("the linter is missing: run make setup (%v)", err)
		}
		t.Skip("light path: golangci-lint isn't built")
	}
	return linter
}

// planted returns packages that import, in a file of its own each, one thing of every kind.
func planted() []string {
	targets := []string{
		"pcsc", "pcsc/apdu", "pcsc/pcscd", "pcsc/pcsctest", "tpm", "tpm/quote", "applet",
		"applet/wire", "backend", "backend/api", "backend/bank", "wallet", "terminal",
		"cmd/tapbench", "scripts/tidy", "testdata",
	}
	var files, imports []string
	for _, dir := range targets {
		files = append(files, dir+"/doc.go", goFile(filepath.Base(dir)))
		imports = append(imports, module+"/"+dir)
	}
	imports = append(imports, "bytes", "net/http", "os", "testing",
		"github.com/ebfe/scard", "github.com/google/go-cmp/cmp", "github.com/google/go-tpm/tpm2",
		"github.com/rs/zerolog", "github.com/spf13/cobra")
	importers := []string{"pcsc/tlv", "tpm/measure", "terminal/kernel"}
	for _, r := range rooms() {
		if r.name == "testdata" {
			continue // ./... passes over a folder of that name, so only tidy looks there
		}
		importers = append(importers, r.name+"/planted", r.name+"/plantedtest")
	}
	for _, dir := range importers {
		for n, path := range imports {
			pkg := filepath.Base(dir)
			files = append(files,
				fmt.Sprintf("%s/import%02d.go", dir, n), goFile(pkg, path),
				fmt.Sprintf("%s/import%02d_test.go", dir, n), goFile(pkg+"_test", path))
		}
	}
	return files
}

// plantedModules returns a go.mod for the planted packages and a stub of every library.
func plantedModules() []string {
	var files []string
	mod := "module tapbench\n\ngo 1.26.0\n"
	for dir, module := range map[string]string{
		"stubs/scard":    "github.com/ebfe/scard",
		"stubs/cmp/cmp":  "github.com/google/go-cmp",
		"stubs/tpm/tpm2": "github.com/google/go-tpm",
		"stubs/zerolog":  "github.com/rs/zerolog",
		"stubs/cobra":    "github.com/spf13/cobra",
	} {
		top := strings.Join(strings.Split(dir, "/")[:2], "/")
		files = append(files, dir+"/doc.go", goFile(filepath.Base(dir)),
			top+"/go.mod", "module "+module+"\n\ngo 1.26.0\n")
		mod += fmt.Sprintf("\nrequire %s v0.0.0\n\nreplace %s => ./%s\n", module, module, top)
	}
	return append(files, "go.mod", mod)
}

// refusedByLinter returns the files in which depguard refuses an import.
func refusedByLinter(t *testing.T, linter, root string) []string {
	t.Helper()
	command := exec.CommandContext(t.Context(), linter, "run", "--enable-only=depguard",
		"--output.json.path=stdout", "--show-stats=false", "./...")
	command.Dir = root
	command.Env = append(os.Environ(), "GOLANGCI_LINT_CACHE="+t.TempDir(), "GOFLAGS=-mod=mod")
	output, err := command.Output()
	var exit *exec.ExitError
	if err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) {
		t.Fatalf("running the linter: %v\n%s", err, output)
	}
	var report struct {
		Issues []struct {
			FromLinter, Text string
			Pos              struct{ Filename string }
		}
	}
	if err := json.Unmarshal(output, &report); err != nil {
		t.Fatalf("reading the linter's report: %v\n%s", err, output)
	}
	var refused []string
	for _, issue := range report.Issues {
		if issue.FromLinter != "depguard" {
			t.Fatalf("got %s: %s, want findings of depguard only", issue.FromLinter, issue.Text)
		}
		refused = append(refused, filepath.ToSlash(issue.Pos.Filename))
	}
	slices.Sort(refused)
	return slices.Compact(refused)
}

// write writes a file with the folders that it needs.
func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
