package main

import (
	"cmp"
	"slices"
)

// rule is one thing that holds for the whole repository.
type rule struct {
	name  string
	check func(*tree) []finding // leaves finding.rule empty
}

// rules returns every rule that needs nothing but the files.
func rules() []rule {
	return []rule{
		{"syntax", checkSyntax},
		{"format", checkFormat},
		{"lines", checkLines},
		{"functions", checkFunctions},
		{"files", checkFiles},
		{"packages", checkPackageNames},
		{"docs", checkPackageDocs},
		{"floors", checkFloors},
		{"purity", checkPurity},
		{"libraries", checkLibraries},
		{"test packages", checkTestPackages},
		{"depguard", checkDepguard},
		{"baselines", checkBaselines},
		{"makefile", checkMakefile},
		{"shell", checkShell},
		{"notes", checkNotes},
		{"places", checkPlaces},
	}
}

// check applies every rule and returns what was found, by file and line.
func (t *tree) check() []finding {
	var all []finding
	for _, r := range rules() {
		for _, f := range r.check(t) {
			f.rule = r.name
			all = append(all, f)
		}
	}
	slices.SortStableFunc(all, func(a, b finding) int {
		return cmp.Or(cmp.Compare(a.path, b.path), cmp.Compare(a.line, b.line))
	})
	return all
}
