package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

// lightPath begins the reason of a test that needs more than Go.
const lightPath = "light path: "

// maxAllowed is how many entries the list of allowed skips may have: it is to stay short.
const maxAllowed = 10

// allowed says which skips are no failures.
type allowed struct {
	light   bool
	entries []entry
}

// entry is one line of the list: a package (for Java a class), a test, and why it may be skipped.
type entry struct {
	suite, test string
	ran         bool
}

// readAllowed reads the list of allowed skips.
func readAllowed(name string) (allowed, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return allowed{}, fmt.Errorf("reading the list of allowed skips: %w", err)
	}
	return parseAllowed(name, string(text))
}

// parseAllowed parses the list: "PACKAGE TEST: why" a line, # begins a comment.
func parseAllowed(name, text string) (allowed, error) {
	var a allowed
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		what, why, explained := strings.Cut(line, ": ")
		suite, test, complete := strings.Cut(what, " ")
		if !explained || !complete || strings.TrimSpace(why) == "" || strings.Contains(test, " ") {
			return allowed{}, fmt.Errorf("%s:%d: got %q, want \"PACKAGE TEST: why\"", name, n, line)
		}
		a.entries = append(a.entries, entry{suite: suite, test: test})
	}
	if len(a.entries) > maxAllowed {
		return allowed{}, fmt.Errorf("%s has %d entries, at most %d: mend tests instead",
			name, len(a.entries), maxAllowed)
	}
	return a, nil
}

// find returns the entry for a test, or nil.
func (a *allowed) find(suite, test string) *entry {
	n := slices.IndexFunc(a.entries, func(e entry) bool {
		return e.suite == suite && e.test == test
	})
	if n < 0 {
		return nil
	}
	return &a.entries[n]
}

// allows reports whether a skip is no failure.
func (a *allowed) allows(s skip) bool {
	return a.light && strings.HasPrefix(s.reason, lightPath) || a.find(s.suite, s.test) != nil
}

// ran notes that a test did run.
func (a *allowed) ran(suite, test string) {
	if e := a.find(suite, test); e != nil {
		e.ran = true
	}
}

// stale returns the entries whose tests did run: they have no business on the list.
func (a *allowed) stale() []string {
	var names []string
	for _, e := range a.entries {
		if e.ran {
			names = append(names, e.suite+" "+e.test)
		}
	}
	return names
}
