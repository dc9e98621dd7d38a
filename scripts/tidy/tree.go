package main

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
)

// tree is the repository as the rules see it.
type tree struct {
	fset  *token.FileSet
	files []*source
}

// source is one file. text and lines are empty for a binary file, syntax is nil for all but Go
// files and for those that don't parse.
type source struct {
	path      string // slash-separated, from the repository's root
	dir       string // path without the last element, "." for the root
	text      string
	lines     []string
	generated bool
	isTest    bool // a _test.go file, or part of a package whose name ends in "test"
	syntax    *ast.File
	broken    error
}

// finding is one thing to mend.
type finding struct {
	path string
	line int
	text string
	rule string
}

// String returns the finding as compilers write theirs.
func (f finding) String() string {
	return fmt.Sprintf("%s:%d: %s (%s)", f.path, f.line, f.text, f.rule)
}

var generatedMark = regexp.MustCompile(`(?m)^\W*Code generated .* DO NOT EDIT\.`)

// load reads every file of the repository but what git ignores.
func load(root fs.FS) (*tree, error) {
	t := &tree{fset: token.NewFileSet()}
	err := fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && isIgnored(name):
			return fs.SkipDir
		case !entry.Type().IsRegular():
			return nil
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		t.add(name, data)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading the repository: %w", err)
	}
	return t, nil
}

// isIgnored reports whether a folder holds nothing of ours.
func isIgnored(dir string) bool {
	return slices.Contains([]string{".git", "bin", "build"}, dir) || path.Base(dir) == "target"
}

func (t *tree) add(name string, data []byte) {
	s := &source{path: name, dir: path.Dir(name)}
	t.files = append(t.files, s)
	if bytes.IndexByte(data, 0) >= 0 {
		return
	}
	s.text = string(data)
	s.lines = strings.Split(strings.TrimSuffix(s.text, "\n"), "\n")
	s.generated = generatedMark.MatchString(head(s.text))
	if path.Ext(name) != ".go" || isFixture(s.dir) {
		return
	}
	s.isTest = strings.HasSuffix(name, "_test.go") || isTestPackage(s.dir)
	s.syntax, s.broken = parser.ParseFile(t.fset, name, data,
		parser.ParseComments|parser.SkipObjectResolution)
	if s.broken != nil {
		s.syntax = nil
	}
}

// head returns the text's beginning, where a generator leaves its mark.
func head(text string) string { return text[:min(len(text), 1000)] }

// isFixture reports whether a folder lies in a room's own testdata, which holds no code of ours.
// The top folder testdata is a room.
func isFixture(dir string) bool {
	return strings.Contains(dir, "/testdata/") || strings.HasSuffix(dir, "/testdata")
}

// isTestPackage reports whether a package is there for tests only: its name ends in "test", or it
// is the room of test data.
func isTestPackage(dir string) bool {
	return strings.HasSuffix(dir, "test") || under(dir, "testdata") && !slices.Contains(shipped(), dir)
}

// under reports whether dir is top or lies below it.
func under(dir, top string) bool {
	return dir == top || strings.HasPrefix(dir, top+"/")
}

// code returns the Go files that parse, in the tree's order.
func (t *tree) code() []*source {
	return slices.Collect(func(yield func(*source) bool) {
		for _, s := range t.files {
			if s.syntax != nil && !yield(s) {
				return
			}
		}
	})
}

// line returns the line of a position.
func (t *tree) line(pos token.Pos) int { return t.fset.Position(pos).Line }
