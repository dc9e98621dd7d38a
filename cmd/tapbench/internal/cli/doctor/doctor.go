package doctor

import (
	"context"
	"fmt"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/doctor"
)

// New returns the command "doctor".
func New(a *shell.App) *cobra.Command {
	var driver, classes string
	var asked []string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what would stop a tap on this machine, and what mends it",
		Long: `doctor looks at everything that a tap needs and says what is missing or broken, each with the
command that mends it. It changes nothing and is done within seconds.

There are four ways to a tap, and --for names those that have to work:
  demo    everything in software: pcscd, virtual reader, namespaces, swtpm (the default)
  applet  the same with the Java Card applet, --se jcardsim: Java, and the applet compiled
  reader  a card of ours on a real reader, or on the one that PCSCLITE_CSOCK_NAME leads to
  tpm     this machine's own TPM

What is missing for another way is a note. A problem is something that is there and broken, or that
is missing for a way that was asked for. A card on a reader is asked for our application, and reset.

Exit code 0: every way that was asked for works. 3: one doesn't. 2: the command line is wrong.`,
		Example: "  tapbench doctor\n  tapbench doctor --for reader\n" +
			"  tapbench doctor --json | jq '.findings[] | select(.level == \"problem\")'",
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return diagnose(cmd.Context(), a, doctor.System(driver, classes), asked)
		},
	}
	f := cmd.Flags()
	f.StringSliceVar(&asked, "for", []string{string(doctor.Demo)},
		"`way` that has to work: demo, applet, reader or tpm; several with commas")
	f.StringVar(&driver, "driver", device.DefaultDriver(), "`folder` of vpcd's driver, libifdvpcd.so")
	_ = cmd.MarkFlagDirname("driver")
	device.AddApplet(cmd, &classes)
	var names []string
	for _, way := range doctor.Ways() {
		names = append(names, string(way))
	}
	_ = cmd.RegisterFlagCompletionFunc("for",
		cobra.FixedCompletions(names, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

func diagnose(ctx context.Context, a *shell.App, m *doctor.Machine, asked []string) error {
	var ways []doctor.Way
	for _, name := range asked {
		if !slices.Contains(doctor.Ways(), doctor.Way(name)) {
			return shell.Usagef("--for %q is neither demo, applet, reader nor tpm", name)
		}
		ways = append(ways, doctor.Way(name))
	}
	report := doctor.Examine(ctx, m, ways...)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	err := a.Print(report, func(w io.Writer) { writeReport(w, report) })
	if err == nil && !report.Healthy() {
		err = shell.ErrUnwell
	}
	return err
}

// writeReport prints one line for each finding, the commands that mend it, and what works.
func writeReport(w io.Writer, r doctor.Report) {
	for _, f := range r.Findings {
		_, _ = fmt.Fprintf(w, "%-8s %-15s %s\n", f.Level, f.Check, f.Text)
		if f.Level == doctor.OK {
			continue
		}
		for _, command := range f.Mend {
			_, _ = fmt.Fprintf(w, "%-8s %-15s   %s\n", "", "", command)
		}
	}
	_, _ = fmt.Fprintln(w, "\nwhat works here")
	for _, way := range doctor.Ways() {
		word := "no"
		if r.Works[way] {
			word = "yes"
		}
		_, _ = fmt.Fprintf(w, "  %-4s %s\n", word, wayWords(way))
	}
}

func wayWords(way doctor.Way) string {
	switch way {
	case doctor.Demo:
		return "tapbench demo, tapbench up: everything in software"
	case doctor.Applet:
		return "the Java Card applet in software: tapbench demo --se jcardsim"
	case doctor.RealSE:
		return "a card of ours on a reader: tapbench demo --se reader:NAME"
	case doctor.RealPM:
		return "this machine's TPM: tapbench wallet … --tpm /dev/tpmrm0"
	default:
		return string(way)
	}
}
