package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet"
	"tapbench/applet/jcardsim"
	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
	"tapbench/cmd/tapbench/internal/measure"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/pcscd"
)

func newMeasure(a *shell.App) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "measure",
		Short: "Time your own reader and card, beside a baseline of the same run",
	}
	cmd.AddCommand(newMeasureLink(a), newMeasureTap(a))
	return cmd
}

type measureLinkOptions struct {
	bench *testbed.Flags
	n     int
	se    string
}

func newMeasureLink(a *shell.App) *cobra.Command {
	var o measureLinkOptions
	cmd := &cobra.Command{
		Use:   "link",
		Short: "Time one APDU through pcscd and the reader, against a bare loop",
		Long: `link sends the emulator's cheapest command (GET DATA, life cycle) through our session layer,
pcscd and the virtual reader, and sets its time beside a bare loop over the PC/SC library against a
card that only echoes. On the virtual reader both lie near 0.1 ms; 44 ms would mean that delayed
acknowledgements hold every APDU up.

With --se reader:NAME both loops talk to the card on that reader.

With --se jcardsim the card is the Java Card applet, and three more lines say what one command takes
without pcscd: in all, of that in jCardSim itself, and what the pipe to it adds with all that the
bridge does. Goal: at most 0.15 ms.`,
		Example: "  tapbench measure link\n  tapbench measure link --se jcardsim\n" +
			"  tapbench measure link --se reader:ACS --json",
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return measureLink(cmd.Context(), a, o) },
	}
	o.bench = testbed.AddFlags(cmd)
	cmd.Flags().IntVar(&o.n, "count", 2000, "how many APDUs in each loop")
	cmd.Flags().StringVar(&o.se, "se", device.SEEmulator, "emulator, jcardsim or reader:`NAME`")
	_ = cmd.RegisterFlagCompletionFunc("se", cobra.FixedCompletions(
		[]string{device.SEEmulator, device.SEJCardSim, device.SEReader}, cobra.ShellCompDirectiveNoSpace))
	return cmd
}

// cheapest is the management application's cheapest command.
func cheapest() apdu.Command {
	tag := uint16(wire.DataLifeCycle)
	return apdu.Command{INS: byte(wire.InsGetData), P1: byte(tag >> 8), P2: byte(tag), Ne: 1}
}

func measureLink(ctx context.Context, a *shell.App, o measureLinkOptions) error {
	if o.n < 1 {
		return shell.Usagef("--count %d isn't positive", o.n)
	}
	if name, isReader := cutReader(o.se); !device.RunsHere(o.se) && (!isReader || name == "") {
		return shell.Usagef("--se %q is neither emulator, jcardsim nor reader:NAME", o.se)
	}
	figures, err := linkFigures(ctx, a, o)
	if err != nil {
		return err
	}
	return a.Print(figures, func(w io.Writer) { measure.Write(w, figures) })
}

// linkFigures starts what the measurement needs, times both loops, and the applet's machine where
// there is one.
func linkFigures(ctx context.Context, a *shell.App, o measureLinkOptions) (
	figures []measure.Figure, err error,
) {
	stand, err := startLink(ctx, a, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stand.stop()) }()
	baseline, times, err := timeLink(ctx, stand.ours, stand.base, o.n)
	if err != nil {
		return nil, err
	}
	figures = []measure.Figure{
		measure.Milliseconds("bare loop, echoing card", measure.Median(baseline)),
		measure.Against("session layer, GET DATA", measure.Median(times), measure.Median(baseline)),
	}
	if stand.machine == nil {
		return figures, nil
	}
	bridge, err := timeBridge(ctx, stand.machine, o.n)
	return append(figures, bridge...), err
}

// linkStand is what the measurement needs.
type linkStand struct {
	ours, base string            // the readers' names
	machine    *jcardsim.Machine // of the applet; nil for other cards
	stop       func() error
}

// startLink starts it.
func startLink(ctx context.Context, a *shell.App, o measureLinkOptions) (s linkStand, err error) {
	if name, ok := cutReader(o.se); ok {
		readers, err := device.ListReaders(ctx)
		if err != nil {
			return s, err
		}
		reader, err := (&device.ReaderFlag{Name: name}).Choose(readers)
		return linkStand{reader.Name, reader.Name, nil, func() error { return nil }}, err
	}
	dir, remove, err := o.bench.Folder()
	if err != nil {
		return s, err
	}
	bed, err := bench.StartBed(ctx, bench.BedConfig{
		Dir: dir, Driver: o.bench.Driver, Reader: true, Card: true,
		Applet: device.AppletOf(o.se, o.bench.Applet), Log: a.Log,
	})
	if err != nil {
		return s, errors.Join(err, remove())
	}
	stop := func() error { return errors.Join(bed.Stop(), remove()) }
	if err := os.Setenv("PCSCLITE_CSOCK_NAME", bed.Reader.Socket()); err != nil {
		return s, errors.Join(err, stop())
	}
	take, err := layEcho(ctx, bed)
	if err != nil {
		return s, errors.Join(err, stop())
	}
	return linkStand{
		ours: bed.Reader.ReaderName(0), base: bed.Reader.ReaderName(1), machine: bed.Card.Machine,
		stop: func() error { return errors.Join(take(), stop()) },
	}, nil
}

// layEcho lays the baseline's card on a bed's second slot and waits until pcscd has seen both
// cards. It returns how to take it away.
func layEcho(ctx context.Context, bed *bench.Bed) (remove func() error, err error) {
	conn, err := bed.Reader.DialSlot(ctx, 1)
	if err != nil {
		return nil, err
	}
	var echo sync.WaitGroup
	echo.Go(func() { _ = measure.EchoCard(conn) }) // it ends with the connection, and says so
	remove = func() error {
		err := conn.Close()
		echo.Wait()
		return err
	}
	if err := device.WaitCards(ctx, bed.Reader.ReaderName(0), bed.Reader.ReaderName(1)); err != nil {
		return nil, errors.Join(err, remove())
	}
	return remove, nil
}

// linkRounds is how often the two loops take turns, so that both meet the same machine.
const linkRounds = 10

// timeLink times the bare loop and the session layer in turns.
func timeLink(ctx context.Context, ours, base string, n int) (
	baseline, times []time.Duration, err error,
) {
	raw, err := cheapest().Encode()
	if err != nil {
		return nil, nil, err
	}
	for range linkRounds {
		if err := ctx.Err(); err != nil {
			return nil, nil, err
		}
		bare, err := pcscd.BaselineLink(base, raw, max(1, n/linkRounds))
		if err != nil {
			return nil, nil, fmt.Errorf("timing the bare loop: %w", err)
		}
		session, err := timeSession(ctx, ours, max(1, n/linkRounds))
		if err != nil {
			return nil, nil, err
		}
		baseline, times = append(baseline, bare...), append(times, session...)
	}
	return baseline, times, nil
}

// timeSession times the cheapest command through our session layer.
func timeSession(ctx context.Context, reader string, n int) ([]time.Duration, error) {
	card, _, err := device.ConnectBare(ctx, reader)
	if err != nil {
		return nil, err
	}
	defer func() { _ = card.Close() }()
	session := pcsc.NewSession(card)
	if err := applet.NewClient(session).Select(ctx); err != nil {
		return nil, err
	}
	times := make([]time.Duration, n)
	for i := range times {
		start := time.Now()
		if _, err := session.Exchange(ctx, cheapest()); err != nil {
			return nil, err
		}
		times[i] = time.Since(start)
	}
	return times, nil
}

// cutReader returns the reader that --se names.
func cutReader(se string) (string, bool) { return strings.CutPrefix(se, "reader:") }
