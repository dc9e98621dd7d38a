package card_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/cli/shell"
)

var update = flag.Bool("update", false, "write the README's matrix of cards anew")

// repository is the repository's root, from here.
var repository = filepath.Join("..", "..", "..", "..", "..")

// The marks around the matrix in README.md.
const (
	matrixBegin = "<!-- cards -->\n"
	matrixEnd   = "<!-- end -->\n"
)

// TestMatrixOfTheReadme: the README's matrix says what the reports in testdata/cards say.
func TestMatrixOfTheReadme(t *testing.T) {
	d := newDesk(t)
	if exit := d.run("card", "matrix", filepath.Join(repository, "testdata", "cards")); exit != 0 {
		t.Fatal(d.said.String())
	}
	page := contents(t, filepath.Join(repository, "README.md"))
	before, rest, found := strings.Cut(page, matrixBegin)
	old, after, ended := strings.Cut(rest, matrixEnd)
	if !found || !ended {
		t.Fatalf("README.md has no %q … %q", matrixBegin, matrixEnd)
	}
	table := "\n" + d.out.String() + "\n"
	switch {
	case old == table:
	case *update:
		page = before + matrixBegin + table + matrixEnd + after
		if err := os.WriteFile(filepath.Join(repository, "README.md"), []byte(page), 0o600); err != nil {
			t.Fatal(err)
		}
	default:
		t.Errorf("README.md's matrix isn't what testdata/cards says; write it anew:\n" +
			"  go test ./cmd/tapbench/internal/cli/card -run TestMatrixOfTheReadme -update")
	}
}

func TestCardMatrixRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		files map[string]string
		said  string
	}{
		"nothing":          {nil, "no report lies there"},
		"no report":        {map[string]string{"a.json": "{}"}, "a.json: not a card report"},
		"a member of ours": {map[string]string{"a.json": `{"uid":"04"}`}, `unknown field "uid"`},
		"a table's sign":   {map[string]string{"wanted.json": `{"cards":["a|b"]}`}, `"a|b" isn't`},
	} {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			for file, text := range row.files {
				if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			d := newDesk(t)
			if exit := d.run("card", "matrix", folder); exit != shell.ExitFailed {
				t.Errorf("exit code %d", exit)
			}
			if !strings.Contains(d.said.String(), row.said) {
				t.Errorf("%q isn't in %s", row.said, d.said.String())
			}
		})
	}
}
