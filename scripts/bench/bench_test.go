package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

const recorded = `goos: linux
pkg: tapbench/pcsc/apdu
BenchmarkParse/ours-2         	100	 30.0 ns/op	 0 B/op	 0 allocs/op
BenchmarkParse/ours-2         	100	 10.0 ns/op	 0 B/op	 0 allocs/op
BenchmarkParse/ours-2         	100	 12.0 ns/op	 0 B/op	 0 allocs/op
BenchmarkParse/baseline-2     	100	 24.0 ns/op	 8 B/op	 0 allocs/op
BenchmarkAlone                	100	 5 ns/op	 120 taps/s
BenchmarkAlone/not-a-number-2 	broken here x y
PASS
ok  	tapbench/pcsc/apdu	1.2s
`

func ptr(f float64) *float64 { return &f }

func TestCompareRefuses(t *testing.T) {
	pkg := "pkg: tapbench/pcsc/apdu\n"
	for name, c := range map[string]struct{ output, want string }{
		"a benchmark without a figure": {
			pkg + "BenchmarkParser/ours-2 1 1 ns/op\nBenchmarkParser/baseline-2 1 1 ns/op\n",
			"pcsc/apdu/Parse brought no figure",
		},
		"ours without a baseline": {
			pkg + "BenchmarkParse/ours-2 1 1 ns/op\n",
			`pcsc/apdu/Parse has "ours" and no "baseline" in ns/op`,
		},
		"a baseline without ours": {
			pkg + "BenchmarkParse/baseline-2 1 1 ns/op\n",
			`pcsc/apdu/Parse has "baseline" and no "ours" in ns/op`,
		},
		"a baseline in another unit": {
			pkg + "BenchmarkParse/ours-2 1 1 ns/op\nBenchmarkParse/baseline-2 1 1 us/op\n",
			`pcsc/apdu/Parse has "ours" and no "baseline" in ns/op`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			chosen := []benchmark{{dir: "pcsc/apdu", function: "Parse"}}
			got, err := compare(chosen, parse(c.output))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, %v, want %q", got, err, c.want)
			}
		})
	}
}

func TestCompareTakesMediansAndRatios(t *testing.T) {
	chosen := []benchmark{
		{dir: "pcsc/apdu", function: "Parse"}, {dir: "pcsc/apdu", function: "Alone"},
	}
	got, err := compare(chosen, parse(recorded))
	if err != nil {
		t.Fatal(err)
	}
	const parse, alone = "pcsc/apdu/Parse", "pcsc/apdu/Alone"
	want := []result{
		{Name: parse, Value: 12, Unit: "ns/op", Baseline: ptr(24), Ratio: ptr(0.5)},
		{Name: parse, Value: 0, Unit: "B/op", Baseline: ptr(8), Ratio: ptr(0)},
		{Name: parse, Value: 0, Unit: "allocs/op", Baseline: ptr(0)},
		{Name: alone, Value: 5, Unit: "ns/op"},
		{Name: alone, Value: 120, Unit: "taps/s"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var table strings.Builder
	if err := writeTable(&table, got); err != nil {
		t.Fatal(err)
	}
	wantTable := `name             ours  baseline  ratio  unit
pcsc/apdu/Parse  12    24        0.5    ns/op
pcsc/apdu/Parse  0     8         0      B/op
pcsc/apdu/Parse  0     0         -      allocs/op
pcsc/apdu/Alone  5     -         -      ns/op
pcsc/apdu/Alone  120   -         -      taps/s
`
	if diff := cmp.Diff(wantTable, table.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestFind(t *testing.T) {
	const text = "package a\n\nfunc BenchmarkIt(b *testing.B) {}\n\n// func BenchmarkNot(\n"
	got, err := find(fstest.MapFS{
		"a/a_test.go": {Data: []byte(text)}, "a/a.go": {Data: []byte(text)},
		"a/testdata/a_test.go": {Data: []byte(text)}, ".git/a_test.go": {Data: []byte(text)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(got) != 1 || got[0].String() != "a/It" {
		t.Errorf("got %v, want a/It alone", got)
	}
}

func TestRun(t *testing.T) {
	t.Chdir(t.TempDir())
	for name, text := range map[string]string{
		"go.mod": "module m\n\ngo 1.26\n",
		"a/a_test.go": "package a\n\nimport \"testing\"\n\nfunc BenchmarkIt(b *testing.B) {\n" +
			"\tfor _, sub := range []string{\"ours\", \"baseline\"} {\n" +
			"\t\tb.Run(sub, func(b *testing.B) {\n\t\t\tfor b.Loop() {\n\t\t\t}\n\t\t})\n\t}\n}\n",
	} {
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	var output strings.Builder
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"an argument":                 {[]string{"it"}, 2, `unexpected argument "it"`},
		"a name that isn't a pattern": {[]string{"-name", "("}, 2, "missing closing )"},
		"a name that nobody has": {
			[]string{"-name", "other"}, 1, "no benchmark of that name; there are:\n  a/It",
		},
	} {
		output.Reset()
		if code := run(t.Context(), c.args, &output, &output); code != c.code ||
			!strings.Contains(output.String(), c.want) {
			t.Errorf("%s: got exit code %d, want %d and %q in\n%s", name, code, c.code, c.want,
				output.String())
		}
	}
	output.Reset()
	args := []string{"-name", "IT", "-count=1", "-time=1x", "-json=out.json"}
	if code := run(t.Context(), args, &output, &output); code != 0 {
		t.Fatalf("got exit code %d, want 0:\n%s", code, output.String())
	}
	text, err := os.ReadFile("out.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []map[string]any
	if err := json.Unmarshal(text, &list); err != nil || len(list) != 3 || list[0]["name"] != "a/It" {
		t.Errorf("got %v in\n%s\nwant three figures of a/It", err, text)
	}
}
