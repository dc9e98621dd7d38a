package cli

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestRoomsNameTheirPackages: the text of a room's own package names each package below it, but for
// those for tests, which end in test.
func TestRoomsNameTheirPackages(t *testing.T) {
	for room, doc := range map[string]string{
		"pcsc": "doc.go", "tpm": "doc.go", "applet": "doc.go", "backend": "doc.go", "wallet": "doc.go",
		"terminal": "doc.go", "cmd/tapbench/internal": "../main.go",
	} {
		dir := filepath.Join(repository, filepath.FromSlash(room))
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(dir, doc), nil,
			parser.PackageClauseOnly|parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		text := file.Doc.Text()
		for _, name := range packagesBelow(t, dir) {
			if !regexp.MustCompile(`\b` + regexp.QuoteMeta(name) + `\b`).MatchString(text) {
				t.Errorf("%s/%s doesn't name package %s", room, doc, name)
			}
		}
	}
}

// packagesBelow are the packages below a folder that aren't for tests, by their paths from there.
func packagesBelow(t *testing.T, dir string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") ||
			strings.HasSuffix(name, "_test.go") {
			return err
		}
		at, err := filepath.Rel(dir, filepath.Dir(name))
		at = filepath.ToSlash(at)
		if at != "." && !strings.Contains(at+"/", "test/") && !strings.Contains(at, "testdata") {
			all = append(all, at)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(all)
	return slices.Compact(all)
}
