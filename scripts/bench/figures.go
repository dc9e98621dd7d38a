package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
)

// The two sub-benchmarks that are compared.
const (
	ours     = "ours"
	baseline = "baseline"
)

// result is one figure, as the JSON says it.
type result struct {
	Name     string   `json:"name"`
	Value    float64  `json:"value"`
	Unit     string   `json:"unit"`
	Baseline *float64 `json:"baseline"` // in the same unit
	Ratio    *float64 `json:"ratio"`    // value over baseline
}

// figure says what was measured: a benchmark, one of its subs, a unit.
type figure struct {
	name, unit string // name: pcsc/apdu/ParseCommand/ours
}

// figures holds every run's values, in the order of the first run.
type figures struct {
	order  []figure
	values map[figure][]float64
}

// processors is what the testing package puts behind a name: how many ran it.
var processors = regexp.MustCompile(`-\d+$`)

// parse reads what go test prints about benchmarks.
func parse(output string) figures {
	all := figures{values: map[figure][]float64{}}
	dir := ""
	for line := range strings.Lines(output) {
		fields := strings.Fields(line)
		if len(fields) == 2 && fields[0] == "pkg:" {
			_, dir, _ = strings.Cut(fields[1], "/")
		}
		if len(fields) < 4 || !strings.HasPrefix(fields[0], "Benchmark") {
			continue
		}
		name := strings.TrimPrefix(processors.ReplaceAllString(fields[0], ""), "Benchmark")
		for i := 2; i+1 < len(fields); i += 2 {
			value, err := strconv.ParseFloat(fields[i], 64)
			if err != nil {
				break
			}
			all.add(figure{name: dir + "/" + name, unit: fields[i+1]}, value)
		}
	}
	return all
}

func (f *figures) add(key figure, value float64) {
	if f.values[key] == nil {
		f.order = append(f.order, key)
	}
	f.values[key] = append(f.values[key], value)
}

// median returns the middle value of a figure's runs, and false if there is none.
func (f *figures) median(key figure) (float64, bool) {
	values := slices.Sorted(slices.Values(f.values[key]))
	if len(values) == 0 {
		return 0, false
	}
	return values[len(values)/2], true
}

// compare sets each figure beside its baseline. A benchmark without a figure is an error, and so is
// half a pair.
func compare(chosen []benchmark, all figures) ([]result, error) {
	for _, b := range chosen {
		if !slices.ContainsFunc(all.order, func(f figure) bool {
			return f.name == b.String() || strings.HasPrefix(f.name, b.String()+"/")
		}) {
			return nil, fmt.Errorf("%s brought no figure: run go test -v -bench to see why", b)
		}
	}
	var results []result
	for _, key := range all.order {
		value, _ := all.median(key)
		group, sub := key.name, ""
		if cut := strings.LastIndexByte(key.name, '/'); cut >= 0 {
			group, sub = key.name[:cut], key.name[cut+1:]
		}
		other, paired := all.median(figure{name: group + "/" + partner(sub), unit: key.unit})
		switch {
		case partner(sub) == "":
			results = append(results, result{Name: key.name, Value: value, Unit: key.unit})
		case !paired:
			return nil, fmt.Errorf("%s has %q and no %q in %s", group, sub, partner(sub), key.unit)
		case sub == ours:
			r := result{Name: group, Value: value, Unit: key.unit, Baseline: &other}
			if other != 0 {
				ratio := value / other
				r.Ratio = &ratio
			}
			results = append(results, r)
		}
	}
	return results, nil
}

// partner returns what a sub-benchmark is compared with, or nothing.
func partner(sub string) string {
	switch sub {
	case ours:
		return baseline
	case baseline:
		return ours
	}
	return ""
}

// writeTable prints the figures for a person.
func writeTable(w io.Writer, results []result) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "name\tours\tbaseline\tratio\tunit")
	for _, r := range results {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", r.Name, number(&r.Value), number(r.Baseline),
			number(r.Ratio), r.Unit)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	return nil
}

// number returns a figure with the digits that a benchmark can vouch for.
func number(value *float64) string {
	switch {
	case value == nil:
		return "-"
	case *value >= 100 || *value == 0:
		return strconv.FormatFloat(*value, 'f', 0, 64)
	default:
		return strconv.FormatFloat(*value, 'g', 3, 64)
	}
}
