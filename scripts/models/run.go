package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"
)

// options is what the command was called with.
type options struct {
	name   *regexp.Regexp
	json   string // a file for the verdicts, or empty
	limit  time.Duration
	models string // the folder of the models
}

// The results of a model.
const (
	same    = "same"
	differs = "differs"
	failed  = "failed"
	notRun  = "not run"
)

// outcome is what became of one model.
type outcome struct {
	Prover   string   `json:"prover"`
	Model    string   `json:"model"`
	Expected []string `json:"expected"`
	Found    []string `json:"found"` // null: none
	Result   string   `json:"result"`
	Claim    string   `json:"claim"`
	why      string   // of failed and not run
}

// errResult means that not all is as expected.
var errResult = errors.New("the models don't say what they must")

// run is the command without the process around it. It returns the exit code.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if err != nil {
		return 2
	}
	if err := check(ctx, o, provers(o.models), stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "models:", err)
		return 1
	}
	return 0
}

func parseOptions(args []string, stderr io.Writer) (options, error) {
	var o options
	var name string
	flags := flag.NewFlagSet("models", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.StringVar(&name, "name", "", "only models whose name matches this")
	flags.StringVar(&o.json, "json", "", "write the verdicts into this file too")
	flags.StringVar(&o.models, "models", filepath.Join("testdata", "models"), "their folder")
	flags.DurationVar(&o.limit, "limit", 5*time.Minute, "how long one model may take")
	err := flags.Parse(args)
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
		fmt.Fprintln(stderr, "models:", err)
	}
	if err != nil {
		return options{}, err
	}
	if o.name, err = regexp.Compile(name); err != nil {
		fmt.Fprintln(stderr, "models:", err)
	}
	return o, err
}

// check runs the chosen models and reports.
func check(
	ctx context.Context, o options, provers map[string]prover, stdout, stderr io.Writer,
) error {
	text, err := os.ReadFile(filepath.Join(o.models, "models.txt"))
	if err != nil {
		return fmt.Errorf("reading the table of models: %w", err)
	}
	all, err := parseTable(string(text))
	if err != nil {
		return fmt.Errorf("models.txt: %w", err)
	}
	var outcomes []outcome
	for _, m := range all {
		if !o.name.MatchString(m.name) {
			continue
		}
		outcomes = append(outcomes, m.outcome(ctx, o.limit, provers[m.prover]))
		if last := outcomes[len(outcomes)-1]; last.Result != notRun {
			fmt.Fprintf(stderr, "models: %s: %s\n", last.Model, last.Result)
		}
	}
	if len(outcomes) == 0 {
		return errors.New("no model of that name")
	}
	if err := report(stdout, outcomes); err != nil {
		return err
	}
	if o.json != "" {
		if err := writeJSON(o.json, outcomes); err != nil {
			return err
		}
	}
	return judge(outcomes)
}

// outcome runs one model.
func (m model) outcome(ctx context.Context, limit time.Duration, p prover) outcome {
	o := outcome{Prover: m.prover, Model: m.name, Expected: m.expect, Claim: m.claim}
	if tool := p.missing(); tool != "" {
		o.Result, o.why = notRun, "no "+tool+" on the PATH"
		return o
	}
	folder, err := os.MkdirTemp("", "tapbench-model-")
	if err == nil {
		defer func() { _ = os.RemoveAll(folder) }()
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
		o.Found, err = p.prove(ctx, folder, m)
	}
	switch {
	case err != nil:
		o.Result, o.why = failed, err.Error()
	case m.asExpected(o.Found):
		o.Result = same
	default:
		o.Result = differs
	}
	return o
}

// report writes a table of what ran and names what didn't.
func report(w io.Writer, outcomes []outcome) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "MODEL\tPROVER\tEXPECTED\tFOUND\tRESULT")
	idle := make(map[string][]string)
	var reasons []string
	for _, o := range outcomes {
		if o.Result == notRun {
			if idle[o.why] == nil {
				reasons = append(reasons, o.why)
			}
			idle[o.why] = append(idle[o.why], o.Model)
			continue
		}
		found := strings.Join(o.Found, " ")
		if o.Result == failed {
			found = o.why
		}
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", o.Model, o.Prover,
			strings.Join(o.Expected, " "), found, o.Result)
	}
	if err := table.Flush(); err != nil {
		return fmt.Errorf("writing the table: %w", err)
	}
	for _, why := range reasons {
		if _, err := fmt.Fprintf(w, "\nnot run, %s (%d): %s\n", why, len(idle[why]),
			strings.Join(idle[why], " ")); err != nil {
			return fmt.Errorf("writing the table: %w", err)
		}
	}
	return nil
}

// judge returns errResult unless every model that ran said what it must, and one did run.
func judge(outcomes []outcome) error {
	count := make(map[string]int)
	for _, o := range outcomes {
		count[o.Result]++
	}
	if count[differs]+count[failed] > 0 || count[same] == 0 {
		return fmt.Errorf("%w: %d as expected, %d differ, %d failed, %d not run", errResult,
			count[same], count[differs], count[failed], count[notRun])
	}
	return nil
}

func writeJSON(name string, outcomes []outcome) error {
	text, err := json.MarshalIndent(outcomes, "", "  ")
	if err != nil {
		return fmt.Errorf("writing the verdicts: %w", err)
	}
	if err := os.WriteFile(name, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing the verdicts: %w", err)
	}
	return nil
}
