package trace

import (
	"bufio"
	"context"
	"errors"

	"github.com/spf13/cobra"

	"tapbench/applet/compare"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

type diffOptions struct {
	all   bool
	color string
}

func newDiff(a *shell.App) *cobra.Command {
	var o diffOptions
	cmd := &cobra.Command{
		Use:   "diff A B",
		Short: "Say in what two traces differ, data element by data element",
		Long: `diff aligns two dialogues by what their commands mean, and names by tag the data elements
that aren't the same. One of the files may be - for standard input.

Two exchanges meet if command, parameters and selected application are the same; if their answers
aren't, that is a difference. What has no partner within 1,024 exchanges is in one trace only:

  @@ line 9, line 9: …   the same question, with data elements that differ
  - line 12: …           only in the first trace
  + line 14: …           only in the second
  ~ line 3 -> line 20    at another place

What must vary is no difference: unpredictable numbers, counters, cryptograms, signatures, and what
a trace itself marks as varying or as a stand-in. --all shows it. Bytes that a trace hasn't kept
agree with any as long. ATR and protocol are compared if both traces name them; the reader's name
and the times are told and are no difference.

The exit code is 0 if the dialogues agree and 4 if they differ. With --json each difference is one
JSON object in a line of its own, and the last line is the summary.`,
		Example: `  tapbench trace diff yesterday.apdu today.apdu
  tapbench trace diff --all yesterday.apdu today.apdu
  tapbench trace diff --json a.apdu b.apdu | jq -r '.elements[]?.tag'`,
		Args: shell.Takes(2, 2),
		RunE: func(cmd *cobra.Command, args []string) error {
			return diff(cmd.Context(), a, args[0], args[1], o)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&o.all, "all", false, "what varies or wasn't kept, too")
	f.StringVar(&o.color, "color", colorAuto, "auto, always or never")
	_ = cmd.RegisterFlagCompletionFunc("color", cobra.FixedCompletions(
		[]string{colorAuto, colorAlways, colorNever}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func diff(
	ctx context.Context, a *shell.App, pathA, pathB string, o diffOptions,
) (err error) {
	if err := (showOptions{color: o.color}).check(); err != nil {
		return err
	}
	if pathA == "-" && pathB == "-" {
		return shell.Usagef("only one of the traces can be standard input")
	}
	one, closeOne, err := device.TraceReader(a, pathA)
	if err != nil {
		return err
	}
	defer closeOne()
	other, closeOther, err := device.TraceReader(a, pathB)
	if err != nil {
		return err
	}
	defer closeOther()
	out := bufio.NewWriter(a.Out)
	defer func() { err = errors.Join(err, out.Flush()) }()
	text := &diffText{
		w: out, all: o.all, colour: o.color == colorAlways || o.color == colorAuto && a.Styled,
	}
	told, end := text.event, text.summary
	if a.JSON {
		lines := newDiffLines(out, o.all)
		told = lines.event
		end = func(s *compare.Summary) error { return lines.write(newDiffSummary(s)) }
	} else {
		text.names(pathA, pathB)
		text.header(compare.Headers(one.Header(), other.Header()))
	}
	summary, err := compare.Dialogues(one, other, func(e compare.Event) error {
		return errors.Join(ctx.Err(), told(e))
	})
	if err != nil {
		return diffError(pathA, pathB, err)
	}
	if err := end(&summary); err != nil {
		return err
	}
	if !summary.Agree() {
		return shell.ErrDiffers
	}
	return nil
}

// diffError says which file is at fault.
func diffError(pathA, pathB string, err error) error {
	fault := new(compare.SideError)
	switch {
	case !errors.As(err, &fault):
		return err
	case fault.Side == "A":
		return device.TraceError(pathA, fault.Err)
	default:
		return device.TraceError(pathB, fault.Err)
	}
}
