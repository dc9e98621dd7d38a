package shell

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/rs/zerolog"
	"github.com/spf13/pflag"
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
	// Connect, if set, stands for PC/SC where --reader names a card: tests have cards
	// without readers.
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

// App is what all commands share: where they read and write, and the flags that each of them has.
type App struct {
	Streams

	JSON bool // the result is printed as JSON
	Log  zerolog.Logger

	logLevel  string
	logFormat string
}

// AddFlags adds the flags of every command.
func (a *App) AddFlags(f *pflag.FlagSet) {
	f.BoolVar(&a.JSON, "json", false, "print the result as one JSON object")
	f.StringVar(&a.logLevel, "log-level", "warn", "trace, debug, info, warn or error")
	f.StringVar(&a.logFormat, "log-format", "console", "console or json")
}

// OpenLog builds the logger: standard error, without colour where it is no terminal.
func (a *App) OpenLog() error {
	level, err := zerolog.ParseLevel(a.logLevel)
	if err != nil {
		return Usagef("--log-level: %w", err)
	}
	var w io.Writer
	switch a.logFormat {
	case "console":
		w = zerolog.ConsoleWriter{Out: a.Err, NoColor: !a.Styled, TimeFormat: time.TimeOnly}
	case "json":
		w = a.Err
	default:
		return Usagef("--log-format: %q is neither console nor json", a.logFormat)
	}
	a.Log = zerolog.New(w).Level(level).With().Timestamp().Logger()
	return nil
}

// Report prints an error in one line, and in a second one what to do.
func (a *App) Report(ctx context.Context, err error) {
	if errors.Is(err, ErrDeclined) || errors.Is(err, ErrUnwell) || errors.Is(err, ErrUnbalanced) {
		return // the receipt, or the report, has said it
	}
	if ran := new(CommandError); errors.As(err, &ran) && ran.alone(err) {
		return // the command has said it
	}
	if ctx.Err() != nil && errors.Is(err, context.Canceled) {
		_, _ = fmt.Fprintln(a.Err, "tapbench: interrupted; everything that was started has been ended")
		return
	}
	// Several causes stand in one line; a list to choose from keeps its indented ones.
	text := strings.NewReplacer("\n  ", "\n  ", "\n", "; ").Replace(err.Error())
	_, _ = fmt.Fprintf(a.Err, "tapbench: %s\n", text)
	if hint := Hint(err); hint != "" {
		_, _ = fmt.Fprintf(a.Err, "tapbench: %s\n", hint)
	}
}

// Print writes the result: v as JSON with --json, else what text writes.
func (a *App) Print(v any, text func(w io.Writer)) error {
	if !a.JSON {
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

// Say writes one line of progress to standard error.
func (a *App) Say(format string, args ...any) {
	_, _ = fmt.Fprintf(a.Err, format+"\n", args...)
}
