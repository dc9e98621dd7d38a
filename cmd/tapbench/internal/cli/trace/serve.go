package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
	"tapbench/cmd/tapbench/internal/show"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/serve"
	"tapbench/pcsc/vpcd"
)

type serveOptions struct {
	bench  *testbed.Flags
	slots  string
	slot   int
	vpcd   string
	timing bool
}

func newServe(a *shell.App) *cobra.Command {
	o := serveOptions{bench: new(testbed.Flags)}
	cmd := &cobra.Command{
		Use:   "serve FILE [-- CMD [ARGS…]]",
		Short: "Offer a recording as a card on a virtual reader",
		Long: `serve lays a recording on a virtual reader. Any program that speaks PC/SC can ask it, in
its own order: resets divide the recording into sessions, and a command is looked for from the last
answered one on, then before it, then in the other sessions.

With CMD, serve starts a bed of its own with that card, on a reader named like the recorded one,
runs CMD on it and ends everything, as "tapbench up -- CMD" does. Without, the reader is one of a
bench that "tapbench up --no-card" started in another shell (TAPBENCH_SLOTS there), or any vpcd that
listens at an address; Ctrl-C takes the card away.

A command that the recording doesn't hold is answered 6A82 if it is a SELECT, else 6D00. Bytes that
the recording didn't keep are sent as zeros; a recording with stand-ins is served with them. At the
end serve reports what was asked and what it didn't know: on standard output, or on standard error
with CMD, whose standard output it is.

The exit code is CMD's, if that isn't 0; else 4 if a command wasn't in the recording; else 0.`,
		Example: `  tapbench trace serve gpg.apdu -- gpg --card-status
  tapbench trace serve tap.apdu --timing --slots "$TAPBENCH_SLOTS" --slot 1
  tapbench trace serve tap.apdu --vpcd 127.0.0.1:35963 --json`,
	}
	f := cmd.Flags()
	f.StringVar(&o.vpcd, "vpcd", "", "`address` where a vpcd listens, such as 127.0.0.1:35963")
	f.StringVar(&o.slots, "slots", a.Getenv("TAPBENCH_SLOTS"), "slot `socket` of a bench")
	f.IntVar(&o.slot, "slot", 1, "`number` of the bench's slot, from 0")
	f.BoolVar(&o.timing, "timing", false, "answer as slowly as the recorded card")
	f.StringVar(&o.bench.Driver, "driver", device.DefaultDriver(),
		"`folder` of vpcd's driver, libifdvpcd.so")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		behind := cmd.ArgsLenAtDash()
		if behind < 0 {
			behind = len(args)
		}
		switch {
		case behind != 1:
			return shell.Usagef("name one FILE; a command goes behind --")
		case len(args) == 1 && cmd.ArgsLenAtDash() == 1:
			return shell.Usagef("name a command behind --, or leave -- out")
		case len(args) > 1 && o.vpcd != "":
			return shell.Usagef("--vpcd: with a command, serve has a reader of its own")
		}
		return traceServe(cmd.Context(), a, o, args[0], args[1:])
	}
	return cmd
}

func traceServe(
	ctx context.Context, a *shell.App, o serveOptions, path string, args []string,
) error {
	var command *bench.Command
	if len(args) > 0 {
		var exit int
		var err error
		if command, exit, err = bench.FindCommand(args[0], args[1:]...); err != nil {
			return &shell.CommandError{Exit: exit, Err: err}
		}
	}
	s := &serving{unknown: unknownCommands{dialogue: show.Live(), count: make(map[string]int)}}
	if err := s.load(ctx, a, path, o.timing); err != nil {
		return err
	}
	var err error
	if command != nil {
		err = serveTo(ctx, a, o, s, command)
	} else {
		err = serveUntil(ctx, a, o, s)
	}
	ran := new(shell.CommandError)
	if err != nil && (!errors.As(err, &ran) || ran.Err != nil) {
		return err // nothing was served, or the serving failed
	}
	report := s.report()
	if printed := printReport(a, report, command != nil); printed != nil {
		return errors.Join(err, printed)
	}
	if err == nil && report.Unknown > 0 {
		err = shell.ErrDiffers // the report has said so
	}
	return err
}

// serving is a recording on a reader.
type serving struct {
	card    *serve.Card
	unknown unknownCommands
}

// load reads the recording.
func (s *serving) load(ctx context.Context, a *shell.App, path string, timing bool) error {
	in, err := device.OpenTrace(a, path)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	config := serve.Config{Unknown: s.unknown.add}
	if timing {
		config.Wait = func(took time.Duration) { pause(ctx, took) }
	}
	if s.card, err = serve.Load(in, config); err != nil {
		return device.TraceError(path, err)
	}
	return nil
}

// pause waits for a while, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// lay serves the card until ctx ends. Where the recorded card left, it is laid back at once.
func (s *serving) lay(ctx context.Context, dial func(context.Context) (net.Conn, error)) error {
	for {
		conn, err := dial(ctx)
		if err == nil {
			err = vpcd.Serve(ctx, conn, s.card)
		}
		if ctx.Err() != nil {
			return nil //nolint:nilerr // the user has ended it
		}
		if !errors.Is(err, pcsc.ErrCardRemoved) {
			return fmt.Errorf("laying the card on the reader: %w", err)
		}
	}
}

// serveUntil serves the card on a reader of somebody else's until the user ends it.
func serveUntil(ctx context.Context, a *shell.App, o serveOptions, s *serving) error {
	var dial func(context.Context) (net.Conn, error)
	switch {
	case o.vpcd != "":
		dial = func(ctx context.Context) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "tcp", o.vpcd)
		}
	case o.slots != "":
		dial = func(ctx context.Context) (net.Conn, error) {
			return daemon.DialSlotAt(ctx, o.slots, o.slot)
		}
	default:
		return shell.Usagef("name a command behind --, or a reader:" +
			" --slots SOCKET of a bench, or --vpcd ADDRESS")
	}
	a.Say("tapbench: the recording lies on the reader; Ctrl-C takes it away")
	return s.lay(ctx, dial)
}

// serveTo serves the card on a bed of its own to a command.
func serveTo(
	ctx context.Context, a *shell.App, o serveOptions, s *serving, command *bench.Command,
) (err error) {
	dir, remove, err := o.bench.Folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	bed, err := bench.StartBed(ctx, bench.BedConfig{
		Dir: dir, Driver: o.bench.Driver, Reader: true, Log: a.Log,
		Readers: []string{friendlyName(s.card.Header().Get(trace.KeyReader))},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bed.Stop()) }()
	serving, stop := context.WithCancel(context.WithoutCancel(ctx))
	var lies sync.WaitGroup
	lies.Go(func() {
		err := s.lay(serving, func(ctx context.Context) (net.Conn, error) {
			return bed.Reader.DialSlot(ctx, 0)
		})
		if err != nil {
			a.Report(serving, err)
		}
	})
	defer lies.Wait()
	defer stop()
	reader := bed.Readers()[0]
	env := testbed.Environment(bed, reader)
	if err := waitInChild(ctx, env); err != nil {
		return err
	}
	return testbed.Run(ctx, a, bed.Wait, command, env)
}

// unknownCommands are the commands that a recording doesn't hold, as far as they may be shown.
type unknownCommands struct {
	mu       sync.Mutex
	dialogue *show.Dialogue
	order    []unknownCommand
	count    map[string]int // by their place in order, from 1
	more     int            // commands that aren't listed
}

// unknownCommand is a command that came and wasn't in the recording.
type unknownCommand struct {
	Name string `json:"name"`
	// Command has two digits a byte, ?? where it is secret.
	Command string `json:"command"`
	Answer  string `json:"answer"`
	Count   int    `json:"count"`
}

// maxUnknown is how many different commands are listed.
const maxUnknown = 256

// add notes a command.
func (u *unknownCommands) add(command, answer []byte) {
	u.mu.Lock()
	defer u.mu.Unlock()
	item := u.dialogue.Item(trace.Step{
		Kind: trace.Exchange, Command: trace.Literal(command), Answer: trace.Literal(answer),
	})
	hex := item.Command.Hex
	if at := u.count[hex]; at > 0 {
		u.order[at-1].Count++
		return
	}
	if len(u.order) >= maxUnknown {
		u.more++
		return
	}
	u.order = append(u.order, unknownCommand{item.Name, hex, item.Status.Word, 1})
	u.count[hex] = len(u.order)
}

// served is what trace serve reports.
type served struct {
	serve.Report
	Asked []unknownCommand `json:"unknown_commands"`
	More  int              `json:"unknown_not_listed,omitempty"`
}

func (s *serving) report() served {
	s.unknown.mu.Lock()
	defer s.unknown.mu.Unlock()
	return served{
		Report: s.card.Report(), More: s.unknown.more,
		Asked: append([]unknownCommand{}, s.unknown.order...),
	}
}

// printReport prints the report, beside a command to standard error.
func printReport(a *shell.App, r served, beside bool) error {
	if beside {
		aside := *a
		aside.Out = a.Err
		return aside.Print(r, r.write)
	}
	return a.Print(r, r.write)
}

func (r served) write(w io.Writer) {
	_, _ = fmt.Fprintf(w, "tapbench: %d commands came, %d of them not in the recording;"+
		" %d recorded ones nobody asked for\n", r.Commands, r.Unknown, r.Unasked)
	if r.Incomplete > 0 {
		_, _ = fmt.Fprintf(w, "  %d answers had zeros for bytes that weren't kept\n", r.Incomplete)
	}
	for _, c := range r.Asked {
		_, _ = fmt.Fprintf(w, "  %4d×  %s  answered %s  %s\n", c.Count, c.Command, c.Answer, c.Name)
	}
	if r.More > 0 {
		_, _ = fmt.Fprintf(w, "  and %d more\n", r.More)
	}
}
