package cli

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"tapbench/pcsc"
)

// Streams are what a command reads and writes, and the environment that it sees.
type Streams struct {
	In     io.Reader
	Out    io.Writer
	Err    io.Writer
	Getenv func(string) string
	// Styled says whether Out is a terminal that wants colour.
	Styled bool
	// Version is the program's, empty for a build of its own.
	Version string
	// Connect, if set, stands for PC/SC where --reader names a card: tests have cards without readers.
	Connect func(ctx context.Context, reader string) (pcsc.Card, error)
}

// System returns the process's own streams.
func System(version string) Streams {
	if version == "" {
		version = "devel"
	}
	return Streams{
		Version: version,
		In:      os.Stdin, Out: os.Stdout, Err: os.Stderr, Getenv: os.Getenv,
		Styled: term.IsTerminal(int(os.Stdout.Fd())) && os.Getenv("NO_COLOR") == "",
	}
}

// app is what all commands share.
type app struct {
	Streams
	json      bool
	logLevel  string
	logFormat string
	log       zerolog.Logger
}

// Main runs one command line and returns its exit code.
func Main(ctx context.Context, args []string, streams Streams) int {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	a := &app{Streams: streams}
	root := a.newRoot()
	root.SetArgs(args)
	root.SetIn(streams.In)
	root.SetOut(streams.Out)
	root.SetErr(streams.Err)
	err := root.ExecuteContext(ctx)
	if err != nil {
		a.report(ctx, err)
	}
	return exitCode(err)
}

// report prints an error in one line, and in a second one what to do.
func (a *app) report(ctx context.Context, err error) {
	if errors.Is(err, errDeclined) || errors.Is(err, errUnwell) || errors.Is(err, errUnbalanced) {
		return // the receipt, or the report, has said it
	}
	if ran := new(commandError); errors.As(err, &ran) && ran.alone(err) {
		return // the command has said it
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(a.Err, "tapbench: interrupted; everything that was started has been ended")
		return
	}
	// Several causes stand in one line; a list to choose from keeps its indented ones.
	text := strings.NewReplacer("\n  ", "\n  ", "\n", "; ").Replace(err.Error())
	_, _ = fmt.Fprintf(a.Err, "tapbench: %s\n", text)
	if hint := hintFor(err); hint != "" {
		_, _ = fmt.Fprintf(a.Err, "tapbench: %s\n", hint)
	}
}

func (a *app) newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:     "tapbench",
		Version: a.Version,
		Short:   "A bench for anonymous tap-to-pay on real readers, cards and TPMs",
		Long: `tapbench runs an anonymous, EMV-compatible tap-to-pay protocol for real: a POS on a PC/SC
reader, a secure element, a TPM, banks and a trusted service manager, with or without hardware.

"tapbench demo" shows one payment of the whole system. Each role is a command of its own, too.`,
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			return a.openLog()
		},
	}
	flags := root.PersistentFlags()
	flags.BoolVar(&a.json, "json", false, "print the result as one JSON object")
	flags.StringVar(&a.logLevel, "log-level", "warn", "trace, debug, info, warn or error")
	flags.StringVar(&a.logFormat, "log-format", "console", "console or json")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return &usageError{err} })
	root.AddCommand(
		a.newDemo(),
		a.newUp(),
		a.newDoctor(),
		a.newReader(),
		a.newCard(),
		a.newWallet(),
		a.newTerminal(),
		a.newBank(),
		a.newTSM(),
		a.newDispute(),
		a.newExamine(),
		a.newAudit(),
		a.newTPM(),
		a.newPKI(),
		a.newTrace(),
		a.newMeasure(),
		&cobra.Command{Use: "exit-codes", Short: "What the exit codes mean", Long: exitHelp},
	)
	return root
}

// openLog builds the logger: standard error, without colour where it is no terminal.
func (a *app) openLog() error {
	level, err := zerolog.ParseLevel(a.logLevel)
	if err != nil {
		return &usageError{fmt.Errorf("--log-level: %w", err)}
	}
	var w io.Writer
	switch a.logFormat {
	case "console":
		w = zerolog.ConsoleWriter{Out: a.Err, NoColor: !a.Styled, TimeFormat: time.TimeOnly}
	case "json":
		w = a.Err
	default:
		return &usageError{fmt.Errorf("--log-format: %q is neither console nor json", a.logFormat)}
	}
	a.log = zerolog.New(w).Level(level).With().Timestamp().Logger()
	return nil
}

// print writes the result: v as JSON with --json, else what text writes.
func (a *app) print(v any, text func(w io.Writer)) error {
	if !a.json {
		text(a.Out)
		return nil
	}
	e := json.NewEncoder(a.Out)
	e.SetIndent("", "  ")
	if err := e.Encode(v); err != nil {
		return fmt.Errorf("printing the result: %w", err)
	}
	return nil
}

// say writes one line of progress to standard error.
func (a *app) say(format string, args ...any) {
	_, _ = fmt.Fprintf(a.Err, format+"\n", args...)
}

// noArgs refuses arguments as a usage error.
func noArgs(cmd *cobra.Command, args []string) error {
	return counted(cobra.NoArgs)(cmd, args)
}

// counted makes a number of arguments that a rule refuses an error of usage.
func counted(rule cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := rule(cmd, args); err != nil {
			return &usageError{err}
		}
		return nil
	}
}

// completeFolder completes an argument that is a folder.
func completeFolder(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}
