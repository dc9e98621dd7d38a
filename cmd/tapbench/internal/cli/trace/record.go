package trace

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"

	"github.com/spf13/cobra"

	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/pcscd"
	"tapbench/pcsc/relay"
)

type recordOptions struct {
	record device.RecordFlags
	reader *device.ReaderFlag
	bench  *testbed.Flags
}

func newRecord(a *shell.App) *cobra.Command {
	o := recordOptions{bench: new(testbed.Flags)}
	cmd := &cobra.Command{
		Use:   "record -o FILE [-- CMD [ARGS…]]",
		Short: "Record what any program and a card say to each other",
		Long: `record starts a private pcscd whose virtual reader bears the name of the reader with the
card, and passes on what lies there: every command and answer, resets, the card's removal and its
return.
CMD runs with that pcscd, so that it needs neither a change nor a debug mode to be recorded, and
record exits with its exit code. Without CMD, record prints the environment that a program in a
second shell needs, and ends on Ctrl-C.

The file is written line by line, so that it is complete however the recording ends. It holds
commands, answers, times and events, and no user, host or date. Secrets never reach it: what isn't
known to be harmless is written as a stand-in of the same length. --unredacted turns that off.

While it records, the card belongs to record alone and is reset at the end. Programs that use the
machine's own pcscd don't see the virtual reader. What can't pass: commands to the reader itself
(SCardControl, PIN pads, lights), reader attributes, and T=0 as such. A command with GET RESPONSE or
a wrong Le is recorded as the program sends it. A card with another answer to reset ends the
recording: one file holds one card.`,
		Example: `  tapbench trace record -o pkcs15.apdu -- pkcs15-tool --list-certificates
  tapbench trace record -o gpg.apdu --reader Yubi -- gpg --card-status
  tapbench trace record -o all.apdu`,
	}
	o.reader = device.AddPlainReader(a, cmd)
	f := cmd.Flags()
	f.StringVarP(&o.record.Path, "output", "o", "", "`file` to write")
	o.record.AddHow(f)
	f.StringVar(&o.bench.Keep, "keep", "",
		"make a `folder` with the file \"env\" for a second shell (default: a temporary one)")
	f.StringVar(&o.bench.Driver, "driver", device.DefaultDriver(),
		"`folder` of vpcd's driver, libifdvpcd.so")
	_ = cmd.MarkFlagFilename("output", "apdu")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if err := checkCommand(cmd, args, a.JSON); err != nil {
			return err
		}
		return record(cmd.Context(), a, o, args)
	}
	return cmd
}

// checkCommand refuses a command that doesn't stand behind --.
func checkCommand(cmd *cobra.Command, args []string, json bool) error {
	switch {
	case len(args) > 0 && cmd.ArgsLenAtDash() != 0:
		return shell.Usagef("%q: put -- before the command: tapbench trace %s -- CMD",
			args[0], cmd.Name())
	case len(args) == 0 && cmd.ArgsLenAtDash() == 0:
		return shell.Usagef("name a command behind --, or leave -- out")
	case len(args) > 0 && json:
		return shell.Usagef("--json: with a command, standard output is the command's")
	}
	return nil
}

func record(
	ctx context.Context, a *shell.App, o recordOptions, args []string,
) (err error) {
	var command *bench.Command
	if len(args) > 0 {
		var exit int
		if command, exit, err = bench.FindCommand(args[0], args[1:]...); err != nil {
			return &shell.CommandError{Exit: exit, Err: err}
		}
	}
	switch o.record.Path {
	case "":
		return shell.Usagef("name the file to write: -o FILE")
	case "-":
		return shell.Usagef("-o: a recording is a file; standard output is the command's")
	}
	file, err := device.OpenRecording(a, o.record, device.OriginRecord)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	client, reader, err := toRecord(ctx, o.reader)
	if err != nil {
		return err
	}
	defer func() { _ = client.Close() }()
	dir, remove, err := o.bench.Folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	private, err := startNamed(ctx, a, dir, o.bench.Driver, reader.Name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, private.Stop()) }()
	r := startRelay(ctx, client, reader.Name, private, file)
	defer r.stop()
	env := []testbed.Variable{
		{Name: "PCSCLITE_CSOCK_NAME", Value: private.Socket()},
		{Name: "TAPBENCH_READER", Value: private.ReaderName(0)},
		{Name: "TAPBENCH_SLOTS", Value: private.SlotSocket()},
	}
	if err := r.ready(ctx, reader.Present, env); err != nil {
		return err
	}
	err = testbed.Serve(ctx, a, r.wait, command, dir, env)
	r.stop()
	a.Say("tapbench: %s: %d exchanges, %d resets, %d removals", o.record.Path,
		file.Counted.Exchanges, file.Counted.Resets, file.Counted.Removals)
	return err
}

// toRecord returns the reader that is meant: as for every command, but it may be empty if it is
// named or the only one.
func toRecord(ctx context.Context, r *device.ReaderFlag) (*pcscd.Client, pcscd.Reader, error) {
	client, err := pcscd.Open(ctx, pcscd.Options{})
	if err != nil {
		return nil, pcscd.Reader{}, err
	}
	readers, err := client.Readers(ctx)
	if err != nil {
		return nil, pcscd.Reader{}, errors.Join(err, client.Close())
	}
	if r.Name == "" && len(readers) == 1 {
		return client, readers[0], nil
	}
	reader, err := r.Choose(readers)
	if err != nil {
		return nil, pcscd.Reader{}, errors.Join(err, client.Close())
	}
	return client, reader, nil
}

// slotNumber is what pcscd puts behind a reader's friendly name.
var slotNumber = regexp.MustCompile(` [0-9A-F]{2} [0-9A-F]{2}$`)

// friendlyName returns the name under which a virtual reader looks like another one to programs.
func friendlyName(reader string) string {
	name := strings.Map(func(c rune) rune {
		if c < ' ' || c > '~' || c == '"' {
			return '?'
		}
		return c
	}, slotNumber.ReplaceAllString(reader, ""))
	if name == "" {
		name = daemon.DefaultReader
	}
	return name[:min(len(name), daemon.MaxReaderName)]
}

// startNamed starts a private pcscd with one reader that is named like another one.
func startNamed(
	ctx context.Context, a *shell.App, dir, driver, reader string,
) (*daemon.Daemon, error) {
	library, err := daemon.FindDriver(driver)
	if err != nil {
		return nil, err
	}
	if len(dir) > 60 { // a socket's path has 107 bytes at most
		dir = ""
	}
	return daemon.Start(ctx, daemon.Config{
		Dir: dir, Readers: []string{friendlyName(reader)}, Driver: library, Log: a.Log,
	})
}

// running is a relay at work.
type running struct {
	cancel  context.CancelFunc
	done    chan struct{}
	err     error // valid when done is closed
	powered chan struct{}
	private *daemon.Daemon
}

// startRelay passes the card on a reader on to a private pcscd's slot 0 and records it.
func startRelay(
	ctx context.Context, client *pcscd.Client, reader string, private *daemon.Daemon,
	to *device.Recording,
) *running {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	r := &running{
		cancel: cancel, done: make(chan struct{}), powered: make(chan struct{}), private: private,
	}
	var once sync.Once
	config := relay.Config{
		Source: relay.NewReader(client, reader),
		Dial:   func(ctx context.Context) (net.Conn, error) { return private.DialSlot(ctx, 0) },
		Record: func(card pcsc.Card) (relay.Journal, error) {
			to.Seat.Take(card)
			return to, to.Begin(reader)
		},
		Powered: func() { once.Do(func() { close(r.powered) }) },
	}
	go func() {
		defer close(r.done)
		r.err = relay.Run(ctx, config)
	}()
	return r
}

// stop ends the relay and waits for its end.
func (r *running) stop() {
	r.cancel()
	<-r.done
}

// wait waits for the end of ctx, which is no error, or that of a part.
func (r *running) wait(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return nil
	case <-r.done:
		return r.err
	case <-r.private.Done():
		return r.private.Wait()
	}
}

// ready waits until programs see the card, if there is one.
func (r *running) ready(ctx context.Context, present bool, env []testbed.Variable) error {
	if !present {
		return nil
	}
	select {
	case <-r.powered:
	case <-r.done:
		return r.err
	case <-r.private.Done():
		return r.private.Wait()
	case <-ctx.Done():
		return ctx.Err()
	}
	return waitInChild(ctx, env)
}

// waitInChild waits in a process of its own until a private pcscd sees its card: libpcsclite talks
// to one service in a process's life, and this one talks to the machine's.
func waitInChild(ctx context.Context, env []testbed.Variable) error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("finding this program: %w", err)
	}
	child := exec.CommandContext(ctx, executable, "reader", "wait", "--timeout", "20s")
	child.Env = os.Environ()
	for _, v := range env {
		child.Env = append(child.Env, v.Name+"="+v.Value)
	}
	child.Stdout = io.Discard
	var said strings.Builder
	child.Stderr = &said
	if err := child.Run(); err != nil {
		return fmt.Errorf("waiting for the card: %w: %s", err, strings.TrimSpace(said.String()))
	}
	return nil
}
