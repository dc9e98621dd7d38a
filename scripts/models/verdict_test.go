package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestVerdicts reads what provers print. The files of Spin 6.5.2 and Maude 3.2 are recorded runs;
// ProVerif's is written by hand, after the form that ProVerif 2.05 gives its results.
func TestVerdicts(t *testing.T) {
	read := map[string]func(string) ([]string, error){
		"proverif": readProVerif, "spin": readSpin, "maude": readMaude,
	}
	for _, row := range []struct {
		name, prover, file string
		want               []string // nil: no verdict
	}{
		{"a search that was cut short", "spin", "spin-cut.txt", nil},
		{"another prover's output", "spin", "proverif.txt", nil},
		{"no result", "proverif", "spin-holds.txt", nil},
		{"no search", "maude", "spin-holds.txt", nil},
		{"a module that isn't one", "maude", "maude-broken.txt", nil},
		{"assertions hold", "spin", "spin-holds.txt", []string{"holds"}},
		{"an assertion violated", "spin", "spin-violated.txt", []string{"violated"}},
		{"none, then found", "maude", "maude-none-found.txt", []string{"none", "found"}},
		{"found twice", "maude", "maude-found.txt", []string{"found", "found"}},
		{
			"three queries, one explained", "proverif", "proverif.txt",
			[]string{"true", "false", "unproved"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", row.file))
			if err != nil {
				t.Fatal(err)
			}
			got, err := read[row.prover](string(text))
			if row.want == nil && !errors.Is(err, errNoVerdict) || row.want != nil && err != nil {
				t.Fatalf("error %v", err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestReadProVerif(t *testing.T) {
	for text, want := range map[string][]string{
		"Error: undefined constant":                             nil,
		"RESULT true.\nError: too late":                         nil,
		"RESULT of another kind":                                nil,
		"RESULT Observational equivalence is true.":             {"true"},
		"RESULT Observational equivalence cannot be proved.":    {"unproved"},
		"RESULT not attacker(x) is false.\r\nRESULT (so) is so": {"false"},
	} {
		got, err := readProVerif(text)
		if (err != nil) != (want == nil) {
			t.Errorf("%q: error %v", text, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%q: %s", text, diff)
		}
	}
}

func TestVariant(t *testing.T) {
	const source = "always\nplain (*-F*)\nmarked (*+F*)\nboth (*+F*) (*-G*)\n"
	for _, row := range []struct {
		name  string
		flags []string
		want  string
	}{
		{"none", nil, "always\nplain (*-F*)\n"},
		{"one flag", []string{"F"}, "always\nmarked (*+F*)\nboth (*+F*) (*-G*)\n"},
		{"another flag", []string{"G"}, "always\nplain (*-F*)\n"},
		{"both flags", []string{"F", "G"}, "always\nmarked (*+F*)\n"},
	} {
		if diff := cmp.Diff(row.want, variant(source, row.flags)); diff != "" {
			t.Errorf("%s: %s", row.name, diff)
		}
	}
}
