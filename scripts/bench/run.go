package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strings"
)

// options is what the command was called with.
type options struct {
	name  *regexp.Regexp
	json  string // a file for the figures, or empty
	count string
	time  string
}

// run is the command without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return 2
	}
	results, err := measure(ctx, o, stderr)
	if err == nil {
		err = writeTable(stdout, results)
	}
	if err == nil && o.json != "" {
		err = writeJSON(o.json, results)
	}
	if err != nil {
		fmt.Fprintln(stderr, "bench:", err)
		return 1
	}
	return 0
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	var name string
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&name, "name", "", "only benchmarks whose name matches this")
	flags.StringVar(&o.json, "json", "", "write the figures into this file too")
	flags.StringVar(&o.count, "count", "5", "how often each runs")
	flags.StringVar(&o.time, "time", "200ms", "how long each runs, every time")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
		fmt.Fprintln(stderr, "bench:", err)
	}
	if err != nil {
		return options{}, err
	}
	if o.name, err = regexp.Compile("(?i)" + name); err != nil {
		fmt.Fprintln(stderr, "bench:", err)
	}
	return o, err
}

// measure runs the benchmarks of the module in the current folder and returns their figures.
func measure(ctx context.Context, o options, stderr io.Writer) ([]result, error) {
	all, err := find(os.DirFS("."))
	if err != nil {
		return nil, err
	}
	chosen := slices.DeleteFunc(slices.Clone(all), func(b benchmark) bool {
		return !o.name.MatchString(b.String())
	})
	if len(chosen) == 0 {
		return nil, fmt.Errorf("no benchmark of that name; there are:%s", lines(all))
	}
	var packages, functions []string
	for _, b := range chosen {
		packages = append(packages, "./"+b.dir)
		functions = append(functions, "Benchmark"+b.function)
	}
	slices.Sort(packages)
	arguments := []string{
		"test", "-run=^$", "-bench=^(" + strings.Join(functions, "|") + ")$", "-benchmem",
		"-count=" + o.count, "-benchtime=" + o.time,
	}
	command := exec.CommandContext(ctx, "go", append(arguments, slices.Compact(packages)...)...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, stderr
	if err := command.Run(); err != nil {
		return nil, fmt.Errorf("running the benchmarks: %w\n%s", err, output.String())
	}
	return compare(chosen, parse(output.String()))
}

// lines lists benchmarks, one a line.
func lines(all []benchmark) string {
	var b strings.Builder
	for _, one := range all {
		b.WriteString("\n  " + one.String())
	}
	return b.String()
}

func writeJSON(name string, results []result) error {
	text, err := json.MarshalIndent(results, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the figures: %w", err)
	}
	if err := os.WriteFile(name, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the figures: %w", err)
	}
	return nil
}
