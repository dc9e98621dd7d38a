package main

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"
	"unicode/utf8"
)

// The limits, in columns and lines. A tab counts as one column.
const (
	maxColumns       = 100
	maxFunctionLines = 70
	maxFileLines     = 500
	maxTestLines     = 800
	maxShellLines    = 60
	maxRecipeLines   = 3
)

// checkLines: no line is longer than can be read at a glance. Generated files, test data, table
// rows of Markdown and whatever a long URL makes long are excepted.
func checkLines(t *tree) []finding {
	var found []finding
	for _, s := range t.files {
		if s.generated || !isProse(s.path) || isFixture(s.dir) || under(s.dir, "testdata") {
			continue
		}
		for n, line := range s.lines {
			row := path.Ext(s.path) == ".md" && strings.HasPrefix(line, "|")
			if columns := utf8.RuneCountInString(line); columns > maxColumns && !row &&
				utf8.RuneCountInString(withoutURLs(line)) > maxColumns {
				text := fmt.Sprintf("%d columns, at most %d", columns, maxColumns)
				found = append(found, finding{path: s.path, line: n + 1, text: text})
			}
		}
	}
	return found
}

// isProse reports whether a file is written by hand, line by line.
func isProse(name string) bool {
	if path.Base(name) == "Makefile" {
		return true
	}
	kinds := []string{".go", ".java", ".md", ".sh", ".txt", ".yml"}
	return slices.Contains(kinds, path.Ext(name))
}

func withoutURLs(line string) string {
	words := strings.Fields(line)
	return strings.Join(slices.DeleteFunc(words, func(word string) bool {
		return strings.Contains(word, "://")
	}), " ")
}

// checkFunctions: a function fits on a screen. The rows of a test's tables aren't counted: they are
// read one by one.
func checkFunctions(t *tree) []finding {
	var found []finding
	for _, s := range t.code() {
		if s.generated {
			continue
		}
		for _, d := range s.syntax.Decls {
			f, ok := d.(*ast.FuncDecl)
			if !ok {
				continue
			}
			first := t.line(f.Pos())
			lines := t.height(f)
			if s.isTest {
				lines -= t.tableRows(f)
			}
			if lines > maxFunctionLines {
				text := fmt.Sprintf("%s has %d lines, at most %d",
					f.Name.Name, lines, maxFunctionLines)
				found = append(found, finding{path: s.path, line: first, text: text})
			}
		}
	}
	return found
}

// height returns how many lines a piece of code spans.
func (t *tree) height(n ast.Node) int { return t.line(n.End()) - t.line(n.Pos()) + 1 }

// tableRows returns how many lines lie inside a function's composite literals.
func (t *tree) tableRows(f *ast.FuncDecl) int {
	rows := 0
	ast.Inspect(f, func(n ast.Node) bool {
		table, ok := n.(*ast.CompositeLit)
		if ok {
			rows += max(0, t.height(table)-2) // without the lines of its braces
		}
		return !ok
	})
	return rows
}

// checkFiles: a file holds one thing.
func checkFiles(t *tree) []finding {
	var found []finding
	for _, s := range t.files {
		limit := maxFileLines
		switch ext := path.Ext(s.path); {
		case s.generated || ext != ".go" && ext != ".java" || isFixture(s.dir):
			continue
		case s.isTest || ext == ".java" && strings.Contains(s.path, "/src/test/"):
			limit = maxTestLines
		}
		if len(s.lines) > limit {
			text := fmt.Sprintf("%d lines, at most %d", len(s.lines), limit)
			found = append(found, finding{path: s.path, line: limit + 1, text: text})
		}
	}
	return found
}
