package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestParseTableRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":            "# nothing\n",
		"a field missing":    "spin a a - holds | claim",
		"no claim":           "spin a a - - holds |",
		"another prover":     "tamarin a a - - true | claim",
		"another verdict":    "spin a a - - true | claim",
		"nothing to compare": "proverif a a - - ?,? | claim",
		"a name twice":       "spin a a - - holds | claim\nspin a b - - holds | claim",
	} {
		if _, err := parseTable(text); !errors.Is(err, errTable) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestAsExpected(t *testing.T) {
	m := model{expect: []string{"true", "?"}}
	for found, want := range map[string]bool{
		"": false, "true": false, "false,true": false, "true,false": true, "true,true,true": false,
	} {
		if got := m.asExpected(list(found, ",")); got != want {
			t.Errorf("%q: got %v", found, got)
		}
	}
}

// TestCheck runs models with stand-ins for the provers.
func TestCheck(t *testing.T) {
	says := func(verdicts ...string) prover {
		return prover{prove: func(context.Context, string, model) ([]string, error) {
			return verdicts, nil
		}}
	}
	hangs := prover{prove: func(ctx context.Context, _ string, _ model) ([]string, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	absent := prover{tools: []string{"a-prover-that-nobody-has"}}
	for _, row := range []struct {
		name    string
		spin    prover
		wantErr error
		want    string // in the report
	}{
		{"nothing ran", absent, errResult, "not run, no a-prover-that-nobody-has on the PATH (1): a"},
		{"another verdict", says("violated"), errResult, "differs"},
		{"too many verdicts", says("holds", "holds"), errResult, "differs"},
		{"longer than the limit", hangs, errResult, "deadline exceeded"},
		{"as expected", says("holds"), nil, "same"},
	} {
		t.Run(row.name, func(t *testing.T) {
			o := options{name: regexp.MustCompile(""), models: t.TempDir(), limit: time.Millisecond}
			writeTable(t, o.models, "spin a a - - holds | claim\n")
			var out bytes.Buffer
			err := check(t.Context(), o, map[string]prover{"spin": row.spin}, &out, io.Discard)
			if !errors.Is(err, row.wantErr) {
				t.Errorf("error %v, want %v", err, row.wantErr)
			}
			if !strings.Contains(out.String(), row.want) {
				t.Errorf("no %q in\n%s", row.want, out.String())
			}
		})
	}
}

func writeTable(t *testing.T, folder, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(folder, "models.txt"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestRunRefuses(t *testing.T) {
	for name, args := range map[string][]string{
		"an unknown flag": {"-nothing"}, "an argument": {"p2"}, "no expression": {"-name", "("},
	} {
		if code := run(t.Context(), args, io.Discard, io.Discard); code != 2 {
			t.Errorf("%s: exit code %d", name, code)
		}
	}
	empty := []string{"-models", t.TempDir()}
	if code := run(t.Context(), empty, io.Discard, io.Discard); code != 1 {
		t.Errorf("no table: exit code %d", code)
	}
}

// TestJSON writes the verdicts for a program.
func TestJSON(t *testing.T) {
	name := filepath.Join(t.TempDir(), "verdicts.json")
	err := writeJSON(name, []outcome{{Prover: "spin", Model: "a", Result: notRun}})
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	want := `[
  {
    "prover": "spin",
    "model": "a",
    "expected": null,
    "found": null,
    "result": "not run",
    "claim": ""
  }
]
`
	if diff := cmp.Diff(want, string(text)); diff != "" {
		t.Error(diff)
	}
}
