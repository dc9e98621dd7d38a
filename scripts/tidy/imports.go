package main

import (
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strconv"
	"strings"
)

// imported is one import of a file.
type imported struct {
	path string // as written
	dir  string // the package's folder if it is one of ours, else empty
	line int
}

// imports returns what a Go file imports.
func (t *tree) imports(s *source) []imported {
	var all []imported
	for _, spec := range s.syntax.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // doesn't parse, so the compiler says it
		}
		i := imported{path: name, line: t.line(spec.Pos())}
		if name == module {
			i.dir = "."
		} else if rest, ours := strings.CutPrefix(name, module+"/"); ours {
			i.dir = rest
		}
		all = append(all, i)
	}
	return all
}

// eachImport collects what judge says of every import. An empty answer is praise.
func (t *tree) eachImport(judge func(*source, imported) string) []finding {
	var found []finding
	for _, s := range t.code() {
		for _, i := range t.imports(s) {
			if text := judge(s, i); text != "" {
				found = append(found, finding{path: s.path, line: i.line, text: text})
			}
		}
	}
	return found
}

// checkFloors: imports go down only, and each room imports of the others what it knows.
func checkFloors(t *tree) []finding {
	return t.eachImport(func(s *source, i imported) string {
		if i.dir == "" {
			return ""
		}
		from, known := roomNamed(roomOf(s.dir))
		switch {
		case !known:
			return fmt.Sprintf("%s is no room of this house: see scripts/tidy/house.go", s.dir)
		case from.mayImport(i.dir, s.isTest):
			return ""
		default:
			return fmt.Sprintf("%s doesn't know %s", from.name, i.dir)
		}
	})
}

// checkPurity: a pure package imports only the pure parts of the standard library and other pure
// packages, and never asks for the time.
func checkPurity(t *tree) []finding {
	isPure := func(dir string) bool { return slices.Contains(purePackages(), dir) }
	found := t.eachImport(func(s *source, i imported) string {
		switch {
		case !isPure(s.dir) || s.isTest:
			return ""
		case i.dir != "":
			if !isPure(i.dir) {
				return fmt.Sprintf("%s is pure and %s isn't", s.dir, i.dir)
			}
		case isForeign(i.path):
			if !hasHome(i.path, s.dir) {
				return fmt.Sprintf("%s is pure: it imports nobody's library", s.dir)
			}
		case slices.ContainsFunc(impure(), func(top string) bool { return under(i.path, top) }):
			return fmt.Sprintf("%s is pure: it leaves %s alone", s.dir, i.path)
		}
		return ""
	})
	for _, s := range t.code() {
		if isPure(s.dir) && !s.isTest {
			found = append(found, t.clockUses(s)...)
		}
	}
	return found
}

// clockUses returns every use of the clock in a file.
func (t *tree) clockUses(s *source) []finding {
	name := ""
	for _, spec := range s.syntax.Imports {
		if spec.Path.Value == `"time"` {
			name = "time"
			if spec.Name != nil {
				name = spec.Name.Name
			}
		}
	}
	if name == "" {
		return nil
	}
	var found []finding
	ast.Inspect(s.syntax, func(n ast.Node) bool {
		selector, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		x, ok := selector.X.(*ast.Ident)
		if ok && x.Name == name && slices.Contains(clocks(), selector.Sel.Name) {
			text := fmt.Sprintf("%s is pure: it is told the time and doesn't ask with time.%s",
				s.dir, selector.Sel.Name)
			found = append(found, finding{path: s.path, line: t.line(n.Pos()), text: text})
		}
		return true
	})
	return found
}

// isForeign reports whether an import path is neither ours nor the standard library's.
func isForeign(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return first != module && strings.Contains(first, ".")
}

// hasHome reports whether a foreign library lives where the importing package is.
func hasHome(importPath, dir string) bool {
	return slices.ContainsFunc(libraries(), func(l library) bool {
		return under(importPath, l.path) && under(dir, l.home)
	})
}

// checkLibraries: a library that has a home is imported there only.
func checkLibraries(t *tree) []finding {
	return t.eachImport(func(s *source, i imported) string {
		for _, l := range libraries() {
			if under(i.path, l.path) && !under(s.dir, l.home) {
				return fmt.Sprintf("%s belongs to %s: %s", l.path, l.home, l.why)
			}
		}
		return ""
	})
}

// checkTestPackages: what is there for tests is imported by tests only.
func checkTestPackages(t *tree) []finding {
	return t.eachImport(func(s *source, i imported) string {
		isTestLibrary := slices.ContainsFunc(testLibraries(), func(top string) bool {
			return under(i.path, top)
		})
		if !s.isTest && (isTestLibrary || i.dir != "" && isTestPackage(i.dir)) {
			return fmt.Sprintf("%s is for tests and packages whose name ends in test", i.path)
		}
		return ""
	})
}

// checkBaselines: a file that states a baseline (baseline.go, baseline_test.go, or with a name
// before that) imports nothing of ours and doesn't sit inside the package that it is compared to.
// A _test.go file beside a baseline of its name tests it and is none.
func checkBaselines(t *tree) []finding {
	stated := map[string]bool{}
	for _, s := range t.code() {
		stated[s.path] = isBaseline(s.path)
	}
	isStated := func(s *source) bool {
		program, isTest := strings.CutSuffix(s.path, "_test.go")
		return stated[s.path] && (!isTest || !stated[program+".go"])
	}
	found := t.eachImport(func(s *source, i imported) string {
		if isStated(s) && i.dir != "" {
			return fmt.Sprintf("a baseline imports nothing of ours, and this is %s", i.path)
		}
		return ""
	})
	for _, s := range t.code() {
		inside := strings.HasSuffix(s.path, "_test.go") &&
			!strings.HasSuffix(s.syntax.Name.Name, "_test")
		if isStated(s) && inside {
			found = append(found, finding{
				path: s.path, line: t.line(s.syntax.Package),
				text: "a baseline stands outside: name its package " + s.syntax.Name.Name + "_test",
			})
		}
	}
	return found
}

// isBaseline reports whether a Go file is named as one that states a baseline.
func isBaseline(name string) bool {
	stem := strings.TrimSuffix(strings.TrimSuffix(path.Base(name), ".go"), "_test")
	return stem == "baseline" || strings.HasSuffix(stem, "_baseline")
}
