package main

import (
	"slices"
	"strings"
	"testing"
)

// FuzzTable: what is accepted has a prover that is known, verdicts that it may say and at least one
// that was noted, and no name twice.
func FuzzTable(f *testing.F) {
	f.Add("spin a a - F,G holds | claim\nmaude b b - - none,found | claim")
	f.Add("proverif a src/a x+y - true,? | claim")
	f.Fuzz(func(t *testing.T, text string) {
		all, err := parseTable(text)
		if err != nil {
			return
		}
		names := make(map[string]bool)
		for _, m := range all {
			noted := slices.ContainsFunc(m.expect, func(v string) bool { return v != anyVerdict })
			for _, v := range m.expect {
				noted = noted && slices.Contains(verdicts(m.prover), v)
			}
			if !noted || names[m.name] || m.claim == "" {
				t.Errorf("accepted: %+v", m)
			}
			names[m.name] = true
		}
	})
}

// FuzzVariant: a variant has lines of its source only, in their order, and all that have no mark.
func FuzzVariant(f *testing.F) {
	f.Add("a\nb (*+F*)\nc (*-F*)\n", "F")
	f.Fuzz(func(t *testing.T, source, flag string) {
		rest := strings.Split(source, "\n")
		kept := variant(source, []string{flag})
		if kept == "" {
			return
		}
		for _, line := range strings.Split(kept, "\n") {
			at := slices.Index(rest, line)
			if at < 0 {
				t.Fatalf("%q isn't in what is left of the source", line)
			}
			for _, dropped := range rest[:at] {
				if !mark.MatchString(dropped) {
					t.Errorf("%q has no mark and is gone", dropped)
				}
			}
			rest = rest[at+1:]
		}
	})
}

// FuzzVerdict: nobody is told of a verdict that the prover can't give.
func FuzzVerdict(f *testing.F) {
	f.Add("RESULT a is true.\n")
	f.Add("search x\nNo solution.\nState-vector 1 byte, errors: 0\n")
	f.Fuzz(func(t *testing.T, output string) {
		for prover, read := range map[string]func(string) ([]string, error){
			"proverif": readProVerif, "spin": readSpin, "maude": readMaude,
		} {
			found, err := read(output)
			if (err == nil) != (len(found) > 0) {
				t.Errorf("%s: %v with %v", prover, found, err)
			}
			for _, v := range found {
				if v == anyVerdict || !slices.Contains(verdicts(prover), v) {
					t.Errorf("%s says %q", prover, v)
				}
			}
		}
	})
}
