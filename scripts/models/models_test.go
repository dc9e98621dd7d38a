package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	registered = regexp.MustCompile(`\b(?:Msg|Cert|Sig|Key)[A-Z]\w*`)
	unnamed    = regexp.MustCompile(`\bt\d+\b`)
	query      = regexp.MustCompile(`(?m)(^|\. )query `)
)

// folder holds the models, from here.
var folder = filepath.Join("..", "..", "testdata", "models")

func read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, filepath.FromSlash(name)))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// file is the name of the model's source.
func (m model) file() string {
	return m.source + map[string]string{"proverif": ".pv", "spin": ".pml", "maude": ".maude"}[m.prover]
}

// TestModels holds the table, the folder and the registry's message types to each other: each
// source is in the table, each model's files are there, and its types are the registry's.
func TestModels(t *testing.T) {
	types := make(map[string]bool)
	for _, name := range registered.FindAllString(read(t, "wire.pvl"), -1) {
		types[name] = true
	}
	all, err := parseTable(read(t, "models.txt"))
	if err != nil {
		t.Fatal(err)
	}
	listed := make(map[string]bool)
	for _, m := range all {
		listed[m.file()] = true
		for _, library := range m.with {
			read(t, library+".pvl")
		}
		checkVariant(t, m, read(t, m.file()))
		if !strings.HasPrefix(m.source, "papers/") { // they are as printed: without types
			checkTypes(t, m, read(t, m.file()), types)
		}
	}
	for _, pattern := range []string{"*.pml", "src/*", "papers/*.pv", "papers/*.maude"} {
		files, err := filepath.Glob(filepath.Join(folder, pattern))
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %d files, %v", pattern, len(files), err)
		}
		for _, file := range files {
			name, err := filepath.Rel(folder, file)
			if err != nil || !listed[filepath.ToSlash(name)] {
				t.Errorf("%s isn't in models.txt (%v)", name, err)
			}
		}
	}
}

func checkTypes(t *testing.T, m model, source string, types map[string]bool) {
	t.Helper()
	for _, word := range registered.FindAllString(source, -1) {
		if !types[word] {
			t.Errorf("%s: %s isn't a message type of applet/wire", m.name, word)
		}
	}
	if word := unnamed.FindString(source); word != "" && m.prover == "proverif" {
		t.Errorf("%s: %s is a type without a name", m.name, word)
	}
}

// checkVariant: the source knows each flag, and ProVerif has a verdict for each query.
func checkVariant(t *testing.T, m model, source string) {
	t.Helper()
	for _, flag := range m.variant {
		if !regexp.MustCompile(`\b` + flag + `\b`).MatchString(source) {
			t.Errorf("%s: the source doesn't know %s", m.name, flag)
		}
	}
	if m.prover != "proverif" {
		return
	}
	queries := len(query.FindAllString(variant(source, m.variant), -1))
	if queries == 0 {
		queries = 1 // an equivalence
	}
	if queries != len(m.expect) {
		t.Errorf("%s: %d queries, %d verdicts", m.name, queries, len(m.expect))
	}
}
