package main

import (
	"fmt"
	"regexp"
	"strings"
)

var (
	noteToSelf = regexp.MustCompile(`\b(TODO|FIXME|HACK)\b(\(#\d+\))?`)
	// machinePath is a folder of somebody's own machine.
	machinePath = regexp.MustCompile(`(^|[^\w.])/(home|Users|work)/|/tmp/b(g|rief)\b`)
	// registryHost is the address of a package registry. Clients know theirs, and users have
	// mirrors.
	registryHost = regexp.MustCompile(`\b((proxy|sum)\.golang\.org|(deb|security)\.debian\.org|` +
		`repo1?\.maven(\.apache)?\.org|registry\.npmjs\.org|pypi\.org)\b`)
)

// checkNotes: a note that something is still to be done names the issue that will do it.
func checkNotes(t *tree) []finding {
	return t.eachLine(func(s *source, line string) string {
		for _, match := range noteToSelf.FindAllStringSubmatch(line, -1) {
			if match[2] == "" && s.path != "scripts/tidy/words.go" {
				return match[1] + " without its issue: write " + match[1] + "(#12) or do it"
			}
		}
		return ""
	})
}

// checkPlaces: nothing depends on one machine's folders or on one registry's address.
func checkPlaces(t *tree) []finding {
	return t.eachLine(func(_ *source, line string) string {
		if match := machinePath.FindString(line); match != "" {
			return fmt.Sprintf("%q is a folder of one machine", strings.TrimSpace(match))
		}
		if match := registryHost.FindString(line); match != "" {
			return match + " is one registry's address: leave it to the client's settings"
		}
		return ""
	})
}

// eachLine collects what judge says of every line of text. An empty answer is praise.
func (t *tree) eachLine(judge func(*source, string) string) []finding {
	var found []finding
	for _, s := range t.files {
		for n, line := range s.lines {
			if text := judge(s, line); text != "" {
				found = append(found, finding{path: s.path, line: n + 1, text: text})
			}
		}
	}
	return found
}
