package main

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
)

var makeTarget = regexp.MustCompile(`^([a-zA-Z][\w./-]*):([^=]|$)`)

// checkMakefile: the Makefile names commands and holds no logic: at most three lines a target, and
// each target says what it is for.
func checkMakefile(t *tree) []finding {
	var found []finding
	for _, s := range t.files {
		if path.Base(s.path) != "Makefile" {
			continue
		}
		target, lines := "", 0
		for n, line := range s.lines {
			if match := makeTarget.FindStringSubmatch(line); match != nil {
				target, lines = match[1], 0
				if !strings.Contains(line, "## ") {
					text := target + " doesn't say what it is for: add ## and a few words"
					found = append(found, finding{path: s.path, line: n + 1, text: text})
				}
			}
			if strings.HasPrefix(line, "\t") {
				lines++
			}
			if lines == maxRecipeLines+1 && strings.HasPrefix(line, "\t") {
				text := fmt.Sprintf("%s has more than %d lines: move them to scripts",
					target, maxRecipeLines)
				found = append(found, finding{path: s.path, line: n + 1, text: text})
			}
		}
	}
	return found
}

// checkShell: a shell script is short, is POSIX sh and stops at the first error.
func checkShell(t *tree) []finding {
	var found []finding
	for _, s := range t.files {
		if path.Ext(s.path) != ".sh" {
			continue
		}
		add := func(line int, text string) {
			found = append(found, finding{path: s.path, line: line, text: text})
		}
		if len(s.lines) > maxShellLines {
			add(maxShellLines+1, fmt.Sprintf("%d lines, at most %d: logic is written in Go",
				len(s.lines), maxShellLines))
		}
		if s.lines[0] != "#!/bin/sh" {
			add(1, "begins with #!/bin/sh")
		}
		if !slices.Contains(s.lines, "set -eu") {
			add(1, "lacks set -eu")
		}
	}
	return found
}
