package main

import (
	"fmt"
	"go/format"
	"path"
	"slices"
	"strings"
)

// checkSyntax: every Go file parses. The other rules pass over one that doesn't.
func checkSyntax(t *tree) []finding {
	var found []finding
	for _, s := range t.files {
		if s.broken != nil {
			found = append(found, finding{path: s.path, line: 1, text: s.broken.Error()})
		}
	}
	return found
}

// checkFormat: every Go file is as gofmt writes it.
func checkFormat(t *tree) []finding {
	var found []finding
	for _, s := range t.code() {
		formatted, err := format.Source([]byte(s.text))
		if err == nil && string(formatted) != s.text {
			found = append(found, finding{path: s.path, line: 1, text: "not as gofmt writes it"})
		}
	}
	return found
}

// checkPackageNames: a package is named after what it holds.
func checkPackageNames(t *tree) []finding {
	banned := []string{
		"base", "common", "helper", "helpers", "manager", "misc", "types", "util", "utils",
	}
	var found []finding
	seen := ""
	for _, s := range t.code() {
		if s.dir == seen {
			continue
		}
		seen = s.dir
		name := strings.TrimSuffix(s.syntax.Name.Name, "_test")
		for _, word := range []string{name, path.Base(s.dir)} {
			if slices.Contains(banned, word) {
				text := fmt.Sprintf("%q says nothing: name the package after what it holds", word)
				found = append(found, finding{path: s.path, line: 1, text: text})
				break
			}
		}
	}
	return found
}

// checkPackageDocs: every package says in doc.go what it is; a command may say it in main.go. A
// folder that holds tests alone needs none.
func checkPackageDocs(t *tree) []finding {
	first := map[string]*source{} // a package's folder and its first file
	documented := map[string]bool{}
	var dirs []string
	for _, s := range t.code() {
		if strings.HasSuffix(s.path, "_test.go") {
			continue
		}
		if first[s.dir] == nil {
			first[s.dir] = s
			dirs = append(dirs, s.dir)
		}
		base := path.Base(s.path)
		place := base == "doc.go" || base == "main.go" && s.syntax.Name.Name == "main"
		documented[s.dir] = documented[s.dir] || place && s.syntax.Doc != nil
	}
	var found []finding
	for _, dir := range dirs {
		if !documented[dir] {
			text := "no doc.go that says what the package is"
			found = append(found, finding{path: first[dir].path, line: 1, text: text})
		}
	}
	return found
}
