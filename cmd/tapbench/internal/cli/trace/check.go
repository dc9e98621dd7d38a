package trace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"tapbench/applet/budget"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/junit"
)

type checkOptions struct {
	budget string
	junit  string
	write  string
	margin string
	force  bool
}

func newCheck(a *shell.App) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check --budget FILE TRACE...",
		Short: "Check traces against a budget of time, APDUs and bytes",
		Long: `check measures what a recorded dialogue costs and compares it with a budget: a gate against
taps that become slower or longer. A budget is a text file, see docs/budgets.md:

  # tapbench-budget v1
  command "GENERATE AC" time 120 ms
  phase initiation bytes 300
  tap apdus 12

A command's budget holds for each of its runs, with the parts of its chain and its GET RESPONSEs. Of
several taps in a trace the dearest counts. Each TRACE is checked for itself (- is standard input).
A limit on what none of the traces has is a failure: it would never say anything.

--write-budget makes a budget of what the traces cost, with --margin more time and bytes. APDUs and
runs get no margin: one more is another protocol. "tapbench trace record" writes times.

The exit code is 0 if the budget is kept, 4 if it isn't, and 1 if a time is limited that a trace
doesn't have.`,
		Example: `  tapbench trace check --budget tap.budget tap.apdu
  tapbench trace check --write-budget tap.budget --margin 10% tap.apdu
  tapbench trace check --budget tap.budget --junit report.xml traces/*.apdu`,
		Args: shell.Takes(1, shell.Many),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if o.write != "" {
				return traceBudget(cmd.Context(), a, args, o)
			}
			return check(cmd.Context(), a, args, o)
		},
	}
	f := cmd.Flags()
	f.StringVar(&o.budget, "budget", "", "the `FILE` that says what may be spent")
	f.StringVar(&o.junit, "junit", "", "write the results as JUnit's XML to this `FILE`")
	f.StringVar(&o.write, "write-budget", "", "make a budget in this `FILE`; - is standard output")
	f.StringVar(&o.margin, "margin", "10%", "how much more than measured --write-budget allows")
	f.BoolVar(&o.force, "force", false, "replace the file if it is there already")
	_ = cmd.RegisterFlagCompletionFunc("margin", cobra.FixedCompletions(
		[]string{"0%", "5%", "10%", "25%"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// check refuses flags that don't fit.
func (o checkOptions) check() error {
	switch {
	case o.budget == "" && o.write == "":
		return shell.Usagef("name a budget with --budget, or make one with --write-budget")
	case o.budget != "" && o.write != "":
		return shell.Usagef("--budget checks and --write-budget makes one: choose")
	case o.write != "" && o.junit != "":
		return shell.Usagef("--junit goes with --budget")
	case o.force && o.write == "" && o.junit == "":
		return shell.Usagef("--force goes with --junit and --write-budget")
	}
	return nil
}

// checked is what a check found.
type checked struct {
	Budget string         `json:"budget"`
	Kept   bool           `json:"kept"`
	Traces []checkedTrace `json:"traces"`
	// Absent are the limits on what no trace has.
	Absent []string `json:"absent,omitempty"`

	exceeded int
	untimed  error
}

type checkedTrace struct {
	Trace   string         `json:"trace"`
	Taps    int            `json:"taps"`
	Results []checkedLimit `json:"results"`
}

type checkedLimit struct {
	BudgetLine int            `json:"budget_line"`
	Subject    string         `json:"subject"`
	Quantity   string         `json:"quantity"`
	Limit      int64          `json:"limit"`
	Measured   int64          `json:"measured"`
	Unit       string         `json:"unit,omitempty"`
	Verdict    budget.Verdict `json:"verdict"`
	Line       int            `json:"line,omitempty"`

	of budget.Result
}

func newCheckedLimit(r budget.Result) checkedLimit {
	l := checkedLimit{
		BudgetLine: r.Limit.Line, Subject: r.Limit.Subject(), Quantity: r.Limit.Quantity.String(),
		Limit: r.Limit.Most, Measured: r.Measured, Verdict: r.Verdict, Line: r.Line, of: r,
	}
	if r.Limit.Quantity == budget.Time {
		l.Unit = "us"
	}
	return l
}

func check(ctx context.Context, a *shell.App, paths []string, o checkOptions) error {
	limits, err := readBudget(o.budget)
	if err != nil {
		return err
	}
	if o.junit != "" {
		if err := shell.CheckOutput(o.junit, o.force); err != nil {
			return err
		}
	}
	result := &checked{Budget: o.budget}
	found := make([]bool, len(limits))
	for _, path := range paths {
		m, err := measureTrace(ctx, a, path)
		if err != nil {
			return err
		}
		t := checkedTrace{Trace: path}
		for n, r := range m.Check(limits) {
			t.Results = append(t.Results, newCheckedLimit(r))
			found[n] = found[n] || r.Verdict != budget.Absent
			result.note(path, r)
		}
		t.Taps = m.Taps()
		result.Traces = append(result.Traces, t)
	}
	for n, l := range limits {
		if !found[n] {
			result.Absent = append(result.Absent, l.String())
		}
	}
	result.Kept = result.exceeded == 0 && len(result.Absent) == 0 && result.untimed == nil
	return endCheck(a, result, limits, o)
}

// note counts a result.
func (c *checked) note(path string, r budget.Result) {
	switch r.Verdict {
	case budget.Exceeded:
		c.exceeded++
	case budget.Untimed:
		if c.untimed == nil {
			c.untimed = device.TraceError(path, fmt.Errorf("line %d: %w of this exchange, and %q limits it",
				r.Line, shell.ErrUntimed, r.Limit.String()))
		}
	case budget.Kept, budget.Absent:
	}
}

// endCheck prints what was found, and says it in the exit code.
func endCheck(a *shell.App, c *checked, limits []budget.Limit, o checkOptions) error {
	if o.junit != "" {
		report := c.junit(o.budget)
		if err := a.WriteFile(o.junit, o.force, report.Write); err != nil {
			return err
		}
	}
	if err := a.Print(c, func(w io.Writer) { c.text(w, limits) }); err != nil {
		return err
	}
	switch {
	case c.exceeded > 0 || len(c.Absent) > 0:
		return shell.ErrDiffers
	default:
		return c.untimed
	}
}

// measureTrace measures a whole trace.
func measureTrace(ctx context.Context, a *shell.App, path string) (*budget.Meter, error) {
	r, done, err := device.TraceReader(a, path)
	if err != nil {
		return nil, err
	}
	defer done()
	m := budget.NewMeter()
	for {
		step, err := r.Next()
		if errors.Is(err, io.EOF) {
			return m, nil
		}
		if err != nil {
			return nil, device.TraceError(path, err)
		}
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		m.Step(step)
	}
}

func readBudget(path string) ([]budget.Limit, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("reading the budget: %w", err)
	}
	defer func() { _ = file.Close() }()
	limits, err := budget.Parse(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return limits, nil
}

// text writes the results for people: what isn't kept, and how much of the rest is left.
func (c *checked) text(w io.Writer, limits []budget.Limit) {
	for _, t := range c.Traces {
		_, _ = fmt.Fprintf(w, "%s: %s\n", t.Trace, countTaps(t.Taps))
		for _, r := range t.Results {
			_, _ = fmt.Fprintf(w, "  %-9s %-44s %s\n", r.Verdict, r.of.Limit, measuredText(r.of))
		}
	}
	for _, l := range c.Absent {
		_, _ = fmt.Fprintf(w, "nothing that this limits: %s\n", l)
	}
	if c.Kept {
		_, _ = fmt.Fprintf(w, "the budget is kept: %s, %s\n",
			shell.Count(len(limits), "limit"), shell.Count(len(c.Traces), "trace"))
		return
	}
	_, _ = fmt.Fprintf(w, "the budget isn't kept: %d exceeded, %d limit nothing\n",
		c.exceeded, len(c.Absent))
}

func countTaps(n int) string {
	switch n {
	case 0:
		return "no payment, measured as one tap"
	case 1:
		return "1 tap"
	default:
		return fmt.Sprintf("%d taps, the dearest counts", n)
	}
}

func measuredText(r budget.Result) string {
	text := r.Limit.Quantity.Text(r.Measured)
	switch r.Verdict {
	case budget.Absent:
		return ""
	case budget.Untimed:
		return fmt.Sprintf("line %d has no time", r.Line)
	case budget.Exceeded:
		return fmt.Sprintf("%s at line %d", text, r.Line)
	case budget.Kept:
		return text
	default:
		return text
	}
}

// junit makes a suite of each trace, with a case for each limit.
func (c *checked) junit(path string) *junit.Report {
	report := &junit.Report{}
	for _, t := range c.Traces {
		suite := junit.Suite{Name: t.Trace}
		for _, r := range t.Results {
			x := junit.Case{Name: r.of.Limit.String(), File: path, Line: r.of.Limit.Line}
			x.Message = measuredText(r.of)
			switch r.Verdict {
			case budget.Kept:
			case budget.Exceeded:
				x.Outcome = junit.Failed
			case budget.Untimed:
				x.Outcome = junit.Errored
			case budget.Absent:
				x.Outcome, x.Message = junit.Skipped, "the trace has nothing that this limits"
			}
			suite.Cases = append(suite.Cases, x)
		}
		report.Suites = append(report.Suites, suite)
	}
	if len(c.Absent) > 0 {
		suite := junit.Suite{Name: path}
		for _, l := range c.Absent {
			suite.Cases = append(suite.Cases, junit.Case{
				Name: l, Outcome: junit.Failed, Message: "no trace has anything that this limits",
			})
		}
		report.Suites = append(report.Suites, suite)
	}
	return report
}

// traceBudget makes a budget of what traces cost.
func traceBudget(ctx context.Context, a *shell.App, paths []string, o checkOptions) error {
	margin, err := parseMargin(o.margin)
	if err != nil {
		return err
	}
	if a.JSON {
		return shell.Usagef("--write-budget writes a budget; --json goes with --budget")
	}
	if err := shell.CheckOutput(o.write, o.force); err != nil {
		return err
	}
	var lists [][]budget.Limit
	for _, path := range paths {
		m, err := measureTrace(ctx, a, path)
		if err != nil {
			return err
		}
		lists = append(lists, m.Limits())
	}
	limits := budget.WithMargin(budget.Widest(lists...), margin)
	if len(limits) == 0 {
		return device.TraceError(strings.Join(paths, ", "), errors.New("there is no exchange to measure"))
	}
	if !timed(limits) {
		a.Say("the traces have no times, so the budget limits none; \"tapbench trace record\" writes them")
	}
	text := budget.Append(nil, limits)
	return a.WriteFile(o.write, o.force, func(w io.Writer) error {
		_, err := io.Copy(w, bytes.NewReader(text))
		return err
	})
}

func timed(limits []budget.Limit) bool {
	for _, l := range limits {
		if l.Quantity == budget.Time {
			return true
		}
	}
	return false
}

// maxMargin is the widest margin, in per cent.
const maxMargin = 1000

// parseMargin reads per cent, such as 10%.
func parseMargin(text string) (int, error) {
	n, err := strconv.Atoi(strings.TrimSuffix(text, "%"))
	if err != nil || n < 0 || n > maxMargin || !strings.HasSuffix(text, "%") {
		return 0, shell.Usagef("--margin %q isn't 0%% to %d%%", text, maxMargin)
	}
	return n, nil
}
