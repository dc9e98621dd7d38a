package trace

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/report"
	"tapbench/cmd/tapbench/internal/show"
)

type showOptions struct {
	brief    bool
	bytes    bool
	color    string
	noPager  bool
	from, to int
	html     string
	force    bool
}

func newShow(a *shell.App) *cobra.Command {
	var o showOptions
	cmd := &cobra.Command{
		Use:   "show FILE",
		Short: "Show every command and answer of a trace in the field's words",
		Long: `show reads a trace (- for standard input) and says for each command what it is and to which
application it goes, for each data element its tag, its name and its value in words, and for each
answer what the status word means. Values that the trace marks are marked here: (varies: un) differs
from run to run, {stand-in: pan} stands for something secret, [not kept: pin] isn't in the file.
What is secret by its meaning is masked, unless it is a stand-in.

Bars show the time of an exchange as a share of the longest; if the trace comes from standard input,
of the longest so far. With --json each exchange is one JSON object in a line of its own, with a
header before and totals after them. A trace of any length is shown in the same memory.

--html writes one page that needs no network: the time line, every exchange with its tree beside its
bytes, at the address #x and its number. It holds the first 1,000 exchanges; the sums are of all.`,
		Example: `  tapbench trace show tap.apdu
  tapbench trace show --brief tap.apdu
  tapbench trace show --from 40 --to 60 --bytes tap.apdu
  tapbench trace show --html tap.html tap.apdu
  tapbench trace show --json tap.apdu | jq -r 'select(.status.word != "9000") | .name'`,
		Args: shell.Takes(1, 1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return traceShow(cmd.Context(), a, args[0], o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.brief, "brief", false, "one line for each exchange")
	f.BoolVar(&o.bytes, "bytes", false, "all bytes beside what they mean")
	f.StringVar(&o.color, "color", colorAuto, "auto, always or never")
	f.BoolVar(&o.noPager, "no-pager", false, "don't show it in $PAGER")
	f.IntVar(&o.from, "from", 0, "show what begins at this `LINE` of the trace or after it")
	f.IntVar(&o.to, "to", 0, "and at this `LINE` or before it")
	f.StringVar(&o.html, "html", "", "write a page to this `FILE`")
	f.BoolVar(&o.force, "force", false, "replace the page if it is there already")
	_ = cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(
		[]string{colorAuto, colorAlways, colorNever}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// When text is coloured.
const (
	colorAuto   = "auto"
	colorAlways = "always"
	colorNever  = "never"
)

// check refuses flags that don't fit.
func (o showOptions) check() error {
	switch {
	case o.color != colorAuto && o.color != colorAlways && o.color != colorNever:
		return shell.Usagef("--color %q is neither auto, always nor never", o.color)
	case o.force && o.html == "":
		return shell.Usagef("--force goes with --html")
	case o.from < 0 || o.to < 0 || o.to > 0 && o.to < o.from:
		return shell.Usagef("--from %d --to %d isn't a range of lines", o.from, o.to)
	}
	return nil
}

// within reports whether a line is to be shown.
func (o showOptions) within(line int) bool {
	return line >= o.from && (o.to == 0 || line <= o.to)
}

func traceShow(ctx context.Context, a *shell.App, path string, o showOptions) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	if o.html != "" {
		if err := shell.CheckOutput(o.html, o.force); err != nil {
			return err
		}
	}
	in, err := device.OpenTrace(a, path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	if o.html != "" {
		return showHTML(ctx, a, in, path, o)
	}
	if a.JSON {
		return showJSON(ctx, a, in, path, o)
	}
	longest, err := longestOf(ctx, in, path)
	if err != nil {
		return err
	}
	out, done, err := a.Pager(ctx, !o.noPager)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, done()) }()
	text := show.NewText(out, show.Options{
		Colour: o.color == colorAlways || o.color == colorAuto && a.Styled,
		Brief:  o.brief, Bytes: o.bytes, Longest: longest, Width: a.Width(),
	})
	return shell.UnlessGone(each(ctx, in, path, o, func(i *show.Item) error {
		text.Item(i)
		return text.Err()
	}))
}

// longestOf returns the time of the longest exchange of a file that can be read twice, else 0.
func longestOf(ctx context.Context, in io.Reader, path string) (time.Duration, error) {
	file, ok := in.(io.ReadSeeker)
	if !ok {
		return 0, nil
	}
	if at, err := file.Seek(0, io.SeekCurrent); err != nil || at != 0 {
		return 0, nil //nolint:nilerr // a pipe: it is read once
	}
	longest, err := show.Longest(file, func() bool { return ctx.Err() != nil })
	if err != nil {
		return 0, device.TraceError(path, err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return 0, fmt.Errorf("reading the trace: %w", err)
	}
	return longest, nil
}

func showJSON(
	ctx context.Context, a *shell.App, in io.Reader, path string, o showOptions,
) (err error) {
	out := bufio.NewWriter(a.Out)
	defer func() { err = errors.Join(err, out.Flush()) }()
	return each(ctx, in, path, o, func(i *show.Item) error { return show.WriteJSON(out, i) })
}

// showHTML writes the page. It says on standard error what the page leaves out.
func showHTML(
	ctx context.Context, a *shell.App, in io.Reader, path string, o showOptions,
) error {
	talk := &report.Dialogue{}
	page := &report.Page{
		Title: filepath.Base(path), Kind: "trace", Version: a.Version,
		Dialogues: []*report.Dialogue{talk},
	}
	if path == "-" {
		page.Title = "standard input"
	}
	err := each(ctx, in, path, o, func(i *show.Item) error {
		switch i.Kind {
		case show.KindHeader:
			for _, f := range i.Fields {
				page.Facts = append(page.Facts, report.Fact{Name: f.Key, Value: f.Value})
			}
		case show.KindTotals:
		default:
			talk.Add(i)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if !talk.Whole() {
		a.Say("the page shows the first %d of %d exchanges; choose others with --from and --to",
			talk.Shown(), talk.Totals.Exchanges)
	}
	return a.WriteFile(o.html, o.force, page.Write)
}

// each hands over the header, all items that are to be shown, and the totals of these.
func each(
	ctx context.Context, in io.Reader, path string, o showOptions,
	hand func(*show.Item) error,
) error {
	d, err := show.Open(in)
	if err != nil {
		return device.TraceError(path, err)
	}
	if err := hand(d.Header()); err != nil {
		return err
	}
	var totals show.Totals
	for {
		item, err := d.Next()
		if errors.Is(err, io.EOF) {
			return hand(totals.Item())
		}
		if err != nil {
			return device.TraceError(path, err)
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if !o.within(item.Line) {
			continue
		}
		totals.Add(item)
		if err := hand(item); err != nil {
			return err
		}
	}
}
