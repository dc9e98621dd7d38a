package cli

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

// repository is the repository's root, from here.
var repository = filepath.Join("..", "..", "..", "..")

// TestClaims verifies docs/claims.md: all that it names exists, and no step of a paper is missing.
func TestClaims(t *testing.T) {
	page, err := os.ReadFile(filepath.Join(repository, "docs", "claims.md"))
	if err != nil {
		t.Fatal(err)
	}
	w := newWitnesses(t)
	var ids []string
	for n, line := range strings.Split(string(page), "\n") {
		if err := w.checkLine(line); err != nil {
			t.Errorf("docs/claims.md:%d: %v", n+1, err)
		}
		if id := claimID(line); id != "" {
			ids = append(ids, id)
		}
	}
	for _, id := range claimIDs() {
		if n := len(slices.DeleteFunc(slices.Clone(ids), func(s string) bool { return s != id })); n != 1 {
			t.Errorf("docs/claims.md has %d rows %q", n, id)
		}
	}
}

// claimIDs are the rows that the page must have: the steps of the papers, the repairs, and the
// models of the offline payment.
func claimIDs() []string {
	var ids []string
	numbered := func(prefix string, n int) {
		for i := range n {
			ids = append(ids, fmt.Sprintf("%s%d", prefix, i+1))
		}
	}
	numbered("A 2.3.1-", 7)
	numbered("A 2.3.2-", 6)
	numbered("A 2.4-", 8)
	ids = append(ids, "A 2.5-1a", "A 2.5-1b", "A 2.5-2a", "A 2.5-2b", "A 2.5-2c", "A 2.5-2d",
		"A 2.5-2e", "A 2.5-3a", "A 2.5-3b", "A 2.5-3c", "A 2.5-3d", "A 2.5-4", "A 2.5-T2")
	numbered("A 2.6-", 5)
	numbered("C fig. 1-", 9)
	numbered("C fig. 2-1.", 2)
	numbered("C fig. 2-2.", 4)
	numbered("C fig. 2-3.", 4)
	ids = append(ids, "C fig. 2-4")
	numbered("C fig. 3-", 4)
	numbered("B 4.", 4)
	numbered("B 5.", 5)
	numbered("Repair ", 16)
	ids = append(ids, "spend", "spend_ctl_sigid", "spend_ctl_sigev", "spend_ctl_nom",
		"meter", "meter_ctl_asis", "meter_ctl_lazy", "meter_ctl_closej", "meter_ctl_sametype",
		"spend_meter", "spend_meter_asis", "spend_meter_lazy", "spend_meter_late",
		"se_rollback", "se_rollback_counter", "se_rollback_noctr")
	return append(ids, "authentication", "anonymity", "limited credits", "unlinkability",
		"offline transactions", "double-spending detection", "NFC", "EMV compatible")
}

// claimID is a table row's first cell.
func claimID(line string) string {
	cells := strings.Split(line, "|")
	if len(cells) < 3 || cells[0] != "" {
		return ""
	}
	return strings.TrimSpace(cells[1])
}

var (
	quoted    = regexp.MustCompile("`([^`]*)`")
	testNamed = regexp.MustCompile(`^([a-z0-9/]+)\.((?:Test|Fuzz|Benchmark)\w+)(?:/(\w+))?$`)
)

// witnesses is what can be named.
type witnesses struct {
	tests    map[string]bool // such as wallet.TestRefusals
	names    map[string]bool // names of parts that the test suites have, such as life_of_a_card
	models   map[string]bool
	makefile string
	root     *cobra.Command
}

func newWitnesses(t *testing.T) *witnesses {
	t.Helper()
	a := &shell.App{Streams: shell.System("test")}
	w := &witnesses{
		tests: make(map[string]bool), names: make(map[string]bool), models: make(map[string]bool),
		root: newRoot(a),
	}
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	check(filepath.WalkDir(repository, func(name string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && (entry.Name() == "build" || entry.Name() == "target") {
			return filepath.SkipDir
		}
		return w.add(name)
	}))
	makefile, err := os.ReadFile(filepath.Join(repository, "Makefile"))
	check(err)
	w.makefile = string(makefile)
	models, err := os.ReadFile(filepath.Join(repository, "testdata", "models", "models.txt"))
	check(err)
	for _, line := range strings.Split(string(models), "\n") {
		if fields := strings.Fields(line); len(fields) > 1 && fields[0] != "#" {
			w.models[fields[1]] = true
		}
	}
	return w
}

var partNamed = regexp.MustCompile(`\{"([a-z ]+)", test[A-Z]\w*\}`)

// add takes the tests of a file.
func (w *witnesses) add(name string) error {
	if strings.HasSuffix(name, ".txtar") {
		w.names[strings.TrimSuffix(filepath.Base(name), ".txtar")] = true
	}
	if !strings.HasSuffix(name, ".go") {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	for _, match := range partNamed.FindAllSubmatch(text, -1) {
		w.names[strings.ReplaceAll(string(match[1]), " ", "_")] = true
	}
	if !strings.HasSuffix(name, "_test.go") {
		return nil
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, text, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	dir, err := filepath.Rel(repository, filepath.Dir(name))
	if err != nil {
		return err
	}
	for _, name := range functions(file) {
		w.tests[filepath.ToSlash(dir)+"."+name] = true
	}
	return nil
}

// checkLine checks all that a line names, and that a row of claims names something.
func (w *witnesses) checkLine(line string) error {
	found := 0
	for _, match := range quoted.FindAllStringSubmatch(line, -1) {
		known, err := w.check(match[1])
		if err != nil {
			return err
		}
		if known {
			found++
		}
	}
	cells := strings.Split(line, "|")
	if len(cells) == 6 && slices.Contains(claimIDs(), claimID(line)) && found == 0 &&
		strings.TrimSpace(cells[4]) != "not yet" {
		return fmt.Errorf("nothing shows %q: name it, or write not yet", claimID(line))
	}
	return nil
}

// check says whether something names a test, a command, a target or a model, and whether it exists.
func (w *witnesses) check(name string) (known bool, err error) {
	if match := testNamed.FindStringSubmatch(name); match != nil {
		return true, w.checkTest(match)
	}
	words := strings.Fields(name)
	switch {
	case len(words) < 2 || words[1] == "…" || words[1] == "NAME":
		return false, nil
	case words[0] == "tapbench":
		command, rest, err := w.root.Find(words[1:])
		if err != nil || len(rest) > 0 || command == w.root {
			return true, fmt.Errorf("there is no command %s", name)
		}
		return true, nil
	case words[0] == "make":
		if !strings.Contains(w.makefile, "\n"+words[1]+": ##") {
			return true, fmt.Errorf("there is no target %s", name)
		}
		return true, nil
	case words[0] == "model":
		if !w.models[words[1]] {
			return true, fmt.Errorf("there is no %s", name)
		}
		return true, nil
	}
	return false, nil
}

// checkTest takes a test's folder, its name, and the part of it that is meant, if any.
func (w *witnesses) checkTest(match []string) error {
	if !w.tests[match[1]+"."+match[2]] {
		return fmt.Errorf("there is no test %s in %s", match[2], match[1])
	}
	if match[3] != "" && !w.names[match[3]] {
		return fmt.Errorf("%s.%s has no part %s", match[1], match[2], match[3])
	}
	return nil
}

// functions lists a file's functions.
func functions(file *ast.File) []string {
	var names []string
	for _, declaration := range file.Decls {
		if f, ok := declaration.(*ast.FuncDecl); ok && f.Recv == nil {
			names = append(names, f.Name.Name)
		}
	}
	return names
}
