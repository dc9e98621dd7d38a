package main

import (
	"regexp"
	"slices"
	"strings"
)

// mark says in which variants a line stands: (*+F*) only in F, (*-F*) only outside of F.
var mark = regexp.MustCompile(`\(\*([+-])([A-Z0-9]+)\*\)`)

// variant returns the source's text with the lines of one variant. A line with several marks
// stands where all of them agree.
func variant(source string, flags []string) string {
	var kept []string
	for _, line := range strings.Split(source, "\n") {
		stands := true
		for _, m := range mark.FindAllStringSubmatch(line, -1) {
			stands = stands && slices.Contains(flags, m[2]) == (m[1] == "+")
		}
		if stands {
			kept = append(kept, line)
		}
	}
	return strings.Join(kept, "\n")
}
