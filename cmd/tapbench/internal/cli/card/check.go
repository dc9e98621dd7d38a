package card

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"tapbench/applet/conformance"
	"tapbench/cmd/tapbench/internal/cardcheck"
	"tapbench/cmd/tapbench/internal/cardreport"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/testdata/golden"
	"tapbench/testdata/vectors"
)

type checkOptions struct {
	source    *cardSource
	only      []string
	reference string
	junit     string
	write     string
	report    *reportFlags
	force     bool
}

func newCheck(a *shell.App) *cobra.Command {
	var o checkOptions
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Run the conformance suite on a card that may be wiped",
		Long: `check asks the card everything that applet/PROTOCOL.md says of it: what it answers, in
which state, in which order it looks at mistakes, and that it gives out nothing twice. It plays
wallet, CA, bank, TSM and merchant with keys of its own. The result is compared with that of a
reference, the emulator's unless --reference names another; any card is to answer alike.

Everything on the card is lost, so that --wipe must allow it. Nearly every case begins with a card
without keys, and only a new installation of the applet makes one: --reinstall is the command for
that, run by sh. It finds the reader's name in TAPBENCH_READER, keeps the keys of the card's issuer
to itself, and must leave the applet installed. Without it the card, if it has no keys yet, is good
for one case. A card in a hundred cases is written to some ten thousand times.

Cases about power cuts aren't among them: only a simulated card's power can be cut at a store. Those
about extended length are left out where a reader or a card hasn't it.

The exit code is 0 if every case that was run passed as in the reference, 4 if one didn't, and 1 or
3 if the card was lost.`,
		Example: `  tapbench card check --se emulator       # or jcardsim: the Java Card applet
  tapbench card check --reader ACS --wipe --reinstall scripts/card-install.sh
  tapbench card check --reader ACS --wipe --only walk
  tapbench card check --wipe --reinstall scripts/card-install.sh \
      --junit check.xml --report card.json --card-kind "NXP J3R180"
  tapbench up -- tapbench card check --wipe`,
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return check(cmd.Context(), a, o) },
	}
	o.source = addSource(a, cmd)
	f := cmd.Flags()
	f.StringSliceVar(&o.only, "only", nil, "run these `parts` of the suite alone")
	f.StringVar(&o.reference, "reference", "",
		"compare with the result in this `file` (default: the emulator's)")
	f.StringVar(&o.write, "write-reference", "", "write the result as a reference to this `file`")
	f.StringVar(&o.junit, "junit", "", "write the results as JUnit's XML to this `file`")
	o.report = addReportFlags(cmd)
	f.BoolVar(&o.force, "force", false, "replace files that are there already")
	_ = cmd.RegisterFlagCompletionFunc("only", cobra.FixedCompletions(
		conformance.Parts(), cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// check refuses flags that don't fit, before anything is done for them.
func (o checkOptions) check() error {
	if err := o.source.check(); err != nil {
		return err
	}
	for _, part := range o.only {
		if parts := conformance.Parts(); !slices.Contains(parts, part) {
			return shell.Usagef("--only %q: the suite's parts are: %s",
				part, strings.Join(parts, ", "))
		}
	}
	for _, path := range []string{o.junit, o.write, o.report.path} {
		if path == "" {
			continue
		}
		if err := shell.CheckOutput(path, o.force); err != nil {
			return err
		}
	}
	return o.report.check()
}

// checkResult is what card check prints.
type checkResult struct {
	Reference   string                 `json:"reference"`
	Passed      bool                   `json:"passed"`
	Count       cardcheck.Count        `json:"count"`
	Fresh       int                    `json:"fresh_cards"`
	Seconds     float64                `json:"seconds"`
	Lost        string                 `json:"lost,omitempty"`
	Differences []cardcheck.Difference `json:"differences"`
	Cases       []cardcheck.Case       `json:"cases"`
	Commands    []cardcheck.Command    `json:"commands"`

	found *cardcheck.Result
}

func check(ctx context.Context, a *shell.App, o checkOptions) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	reference, err := readReference(o.reference)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, o.source.close()) }()
	caps, err := o.source.begin(ctx)
	if err != nil {
		return err
	}
	dialogues, err := fs.Sub(vectors.Applet, "applet")
	if err != nil {
		return err
	}
	if o.source.once() && len(o.only) == 0 {
		o.only = []string{"walk"}
		a.Say("without --reinstall the card is good for one case: --only walk")
	}
	report, err := newReport(ctx, a, o, caps)
	if err != nil {
		return err
	}
	found := cardcheck.Run(ctx, cardcheck.Config{
		Open: o.source.open, Caps: caps, Dialogues: dialogues, Only: o.only,
		Ended: func(c cardcheck.Case) { sayCase(a, c) },
	})
	result := newCheckResult(reference, found)
	report.Put(found)
	if err := checkFiles(a, o, result, report); err != nil {
		return err
	}
	if err := a.Print(result, result.text); err != nil {
		return err
	}
	switch {
	case found.Lost != nil:
		return fmt.Errorf("the check was broken off: %w", found.Lost)
	case !result.Passed:
		return shell.ErrDiffers
	default:
		return nil
	}
}

// sayCase tells of a case that ended badly as soon as it did.
func sayCase(a *shell.App, c cardcheck.Case) {
	if c.Outcome == cardcheck.Failed || c.Outcome == cardcheck.Errored {
		a.Say("%-5s  %s", c.Outcome, c.Name)
	}
}

// readReference reads a reference result from a file, or the emulator's from the program.
func readReference(path string) (*cardcheck.Reference, error) {
	open := func() (io.ReadCloser, error) { return golden.Cards.Open("card-emulator.txt") }
	if path != "" {
		open = func() (io.ReadCloser, error) { return os.Open(path) }
	}
	file, err := open()
	if err != nil {
		return nil, fmt.Errorf("reading the reference result: %w", err)
	}
	defer func() { _ = file.Close() }()
	return cardcheck.ReadReference(file)
}

func newCheckResult(reference *cardcheck.Reference, found *cardcheck.Result) *checkResult {
	r := &checkResult{
		Reference: reference.Kind, Count: found.Count(), Fresh: found.Fresh,
		Seconds: found.Took.Seconds(), Differences: cardcheck.Compare(reference, found),
		Cases: found.Cases, Commands: found.Commands, found: found,
	}
	if found.Lost != nil {
		r.Lost = found.Lost.Error()
	}
	r.Passed = r.Count.Failed == 0 && r.Count.Errored == 0 && len(r.Differences) == 0 &&
		found.Lost == nil
	return r
}

// checkFiles writes what was asked for beside the result itself.
func checkFiles(
	a *shell.App, o checkOptions, r *checkResult, report *cardreport.Report,
) error {
	var errs []error
	if o.report.path != "" {
		errs = append(errs, a.WriteFile(o.report.path, o.force, report.Write))
	}
	if o.junit != "" {
		errs = append(errs, a.WriteFile(o.junit, o.force, r.found.JUnit().Write))
	}
	if o.write != "" {
		errs = append(errs, a.WriteFile(o.write, o.force, func(w io.Writer) error {
			_, err := io.WriteString(w, r.found.Text(o.report.kindOr(o.source)))
			return err
		}))
	}
	return errors.Join(errs...)
}

// text writes the result for people.
func (r *checkResult) text(w io.Writer) {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(t, "passed\tfailed\tlost\tskipped\tseconds\t  part")
	for _, p := range r.found.Parts() {
		_, _ = fmt.Fprintf(t, "%d\t%d\t%d\t%d\t%.1f\t  %s\n",
			p.Passed, p.Failed, p.Errored, p.Skipped, p.Took.Seconds(), p.Name)
	}
	_ = t.Flush()
	for _, c := range r.Cases {
		if c.Outcome == cardcheck.Passed {
			continue
		}
		_, _ = fmt.Fprintf(w, "\n%s  %s\n", c.Outcome, c.Name)
		for _, said := range c.Said {
			_, _ = fmt.Fprintf(w, "    %s\n", strings.ReplaceAll(said, "\n", "\n    "))
		}
	}
	if len(r.Differences) > 0 {
		_, _ = fmt.Fprintf(w, "\notherwise than the reference, %s:\n", r.Reference)
	}
	for _, d := range r.Differences {
		_, _ = fmt.Fprintf(w, "  %s: want %s, got %s\n", d.Name, orAbsent(d.Want), orAbsent(d.Got))
	}
	_, _ = fmt.Fprintf(w, "\n%d of %d cases passed in %.1f s, with %s\n",
		r.Count.Passed, r.Count.All(), r.Seconds, shell.Count(r.Fresh, "fresh card"))
}

func orAbsent(o cardcheck.Outcome) string {
	if o == "" {
		return "no such case"
	}
	return string(o)
}
