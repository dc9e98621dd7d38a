package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// model is one line of the table: a model, how it is run and what it must say.
type model struct {
	prover  string
	name    string
	source  string // path without its ending
	with    []string
	variant []string
	expect  []string // one verdict for each query, search or run
	claim   string
}

// errTable means that the table of models can't be read.
var errTable = errors.New("malformed table of models")

// anyVerdict stands where no verdict was noted.
const anyVerdict = "?"

// verdicts lists what each prover may say.
func verdicts(prover string) []string {
	switch prover {
	case "proverif":
		return []string{"true", "false", "unproved", anyVerdict}
	case "spin":
		return []string{"holds", "violated"}
	case "maude":
		return []string{"found", "none"}
	}
	return nil
}

// parseTable reads the table. Lines that are empty or begin with # say nothing.
func parseTable(text string) ([]model, error) {
	var all []model
	names := make(map[string]bool)
	for n, line := range strings.Split(text, "\n") {
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		m, err := parseLine(line)
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", n+1, err)
		}
		if names[m.name] {
			return nil, fmt.Errorf("line %d: %w: %s twice", n+1, errTable, m.name)
		}
		names[m.name] = true
		all = append(all, m)
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("%w: no model", errTable)
	}
	return all, nil
}

func parseLine(line string) (model, error) {
	left, claim, _ := strings.Cut(line, "|")
	fields := strings.Fields(left)
	if len(fields) != 6 || strings.TrimSpace(claim) == "" {
		return model{}, fmt.Errorf("%w: want prover model source with variant expected | claim",
			errTable)
	}
	m := model{
		prover: fields[0], name: fields[1], source: fields[2], with: list(fields[3], "+"),
		variant: list(fields[4], ","), expect: list(fields[5], ","), claim: strings.TrimSpace(claim),
	}
	allowed := verdicts(m.prover)
	if allowed == nil {
		return model{}, fmt.Errorf("%w: no prover %s", errTable, m.prover)
	}
	noted := false
	for _, v := range m.expect {
		if !slices.Contains(allowed, v) {
			return model{}, fmt.Errorf("%w: %s says no %q", errTable, m.prover, v)
		}
		noted = noted || v != anyVerdict
	}
	if !noted {
		return model{}, fmt.Errorf("%w: %s expects nothing", errTable, m.name)
	}
	return m, nil
}

// list splits a field; - is the empty list.
func list(field, separator string) []string {
	if field == "-" {
		return nil
	}
	return strings.Split(field, separator)
}

// asExpected reports whether the verdicts are those of the table.
func (m model) asExpected(found []string) bool {
	if len(found) != len(m.expect) {
		return false
	}
	for i, want := range m.expect {
		if want != anyVerdict && want != found[i] {
			return false
		}
	}
	return true
}
