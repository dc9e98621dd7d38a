package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// linterConfig is the linter's configuration. Between the two marks it holds, for depguard, what
// house.go says.
const (
	linterConfig  = ".golangci.yml"
	depguardBegin = "    # depguard: written by scripts/tidy from house.go, make generate renews it\n"
	depguardEnd   = "    # depguard: end\n"
)

// guard is one of depguard's rules. In depguard a more specific entry of allow wins over deny in
// mode lax; in mode original all must be allowed and nothing denied.
type guard struct {
	name  string
	mode  string
	files []string
	allow []string
	deny  []string
	why   string
}

// guards returns the house's rules as depguard knows them.
func (t *tree) guards() []guard {
	const tests = "!$test"
	testPackages := "!" + inRepository("**test/*.go")
	var all []guard
	for _, r := range rooms() {
		code := r.guard(false)
		code.files = []string{inRepository(r.name + "/**"), tests, testPackages}
		inTests := r.guard(true)
		inTests.files = []string{
			inRepository(r.name + "/**_test.go"), inRepository(r.name + "/**test/*.go"),
		}
		all = append(all, code, inTests)
	}
	all = append(all, pureGuard())
	for _, l := range libraries() {
		all = append(all, guard{
			name: "library-" + filepath.Base(l.path), mode: "lax",
			files: []string{"$all", "!" + inRepository(l.home+"/**")},
			deny:  []string{l.path}, why: l.why,
		})
	}
	return append(all, guard{
		name: "for-tests", mode: "lax", files: []string{"$all", tests, testPackages},
		deny: append(testLibraries(), t.testPackages()...),
		why:  "for tests and packages whose name ends in test",
	})
}

// guard returns what depguard refuses to a room's code or to its tests.
func (r room) guard(inTest bool) guard {
	g := guard{name: "room-" + r.name, mode: "lax", why: r.name + " doesn't know this"}
	if inTest {
		g.name += "-tests"
	}
	for _, other := range rooms() {
		if !r.mayImport(other.name, inTest) {
			g.deny = append(g.deny, module+"/"+other.name)
		}
	}
	if !inTest {
		for _, known := range r.knows {
			if strings.Contains(known, "/") {
				g.allow = append(g.allow, module+"/"+known)
			}
		}
	}
	return g
}

// pureGuard returns what depguard refuses to the pure packages.
func pureGuard() guard {
	g := guard{
		name: "pure", mode: "original", deny: impure(),
		allow: []string{"$gostd"}, why: "a pure package leaves this alone",
	}
	for _, dir := range purePackages() {
		g.files = append(g.files, inRepository(dir+"/*.go"))
		g.allow = append(g.allow, module+"/"+dir+"$")
	}
	g.files = append(g.files, "!$test")
	for _, l := range libraries() {
		inHome := func(dir string) bool { return under(dir, l.home) }
		if slices.ContainsFunc(purePackages(), inHome) {
			g.allow = append(g.allow, l.path)
		}
	}
	return g
}

// testPackages returns the import paths of the packages that are there for tests.
func (t *tree) testPackages() []string {
	paths := []string{module + "/testdata$"}
	for _, s := range t.code() {
		if isTestPackage(s.dir) && !under(s.dir, "testdata") {
			paths = append(paths, module+"/"+s.dir)
		}
	}
	slices.Sort(paths)
	return slices.Compact(paths)
}

// inRepository returns a depguard pattern that is bound to the repository's top folder.
func inRepository(pattern string) string { return "${base-path}/" + pattern }

// depguard returns the part of the linter's configuration, marks included.
func (t *tree) depguard() string {
	var b strings.Builder
	list := func(key string, entries []string) {
		if len(entries) == 0 {
			return
		}
		fmt.Fprintf(&b, "          %s:\n", key)
		for _, entry := range entries {
			fmt.Fprintf(&b, "            - %q\n", entry)
		}
	}
	b.WriteString(depguardBegin + "    depguard:\n      rules:\n")
	for _, g := range t.guards() {
		if len(g.deny) == 0 {
			continue
		}
		fmt.Fprintf(&b, "        %s:\n          list-mode: %s\n", g.name, g.mode)
		list("files", g.files)
		list("allow", g.allow)
		b.WriteString("          deny:\n")
		for _, denied := range g.deny {
			fmt.Fprintf(&b, "            - pkg: %q\n              desc: %s\n", denied, g.why)
		}
	}
	b.WriteString(depguardEnd)
	return b.String()
}

// renewed returns the linter's configuration with depguard's part as it should be.
func (t *tree) renewed(config string) (string, error) {
	before, rest, found := strings.Cut(config, depguardBegin)
	_, after, ended := strings.Cut(rest, depguardEnd)
	if !found || !ended {
		return "", fmt.Errorf("%s lacks the marks of depguard's part", linterConfig)
	}
	return before + t.depguard() + after, nil
}

// checkDepguard: the linter's configuration says what house.go says.
func checkDepguard(t *tree) []finding {
	for _, s := range t.files {
		if s.path != linterConfig {
			continue
		}
		config, err := t.renewed(s.text)
		switch {
		case err != nil:
			return []finding{{path: linterConfig, line: 1, text: err.Error()}}
		case config != s.text:
			text := "depguard's part isn't what house.go says: run make generate"
			return []finding{{path: linterConfig, line: 1, text: text}}
		}
		return nil
	}
	return []finding{{path: linterConfig, line: 1, text: "isn't there"}}
}

// writeDepguard renews depguard's part of the linter's configuration in place.
func writeDepguard(root string, t *tree) error {
	name := filepath.Join(root, linterConfig)
	old, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("reading the linter's configuration: %w", err)
	}
	config, err := t.renewed(string(old))
	if err != nil {
		return err
	}
	if err := os.WriteFile(name, []byte(config), 0o644); err != nil { //nolint:gosec // is public
		return fmt.Errorf("writing the linter's configuration: %w", err)
	}
	return nil
}
