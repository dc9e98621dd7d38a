package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/client"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/parties"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
	"tapbench/cmd/tapbench/internal/measure"
	"tapbench/pcsc"
	"tapbench/pcsc/pcscd"
	"tapbench/terminal/kernel"
)

func newMeasureTap(a *shell.App) *cobra.Command {
	var o measureTapOptions
	var model string
	var rate int
	cmd := &cobra.Command{
		Use:   "tap",
		Short: "Time a whole online tap, and its parts measured alone",
		Long: `tap takes eight payments over pcscd and the virtual reader, and sets the median of their
time beside the sum of the parts, each measured alone: the link (a bare loop over PC/SC), the card
(in memory), the terminal, the network (a TLS handshake and one round trip), the
backend, and a synced write to the disk. With --se jcardsim the card is the Java Card applet.

With --model it predicts instead what each command takes on a real card, from what the emulator
counts, which is what the Java Card applet asks of a card, beside what the emulator took:
docs/cost-model.md. It does so for a payment online, one offline, both with a merchant that proves
who it is, a metering commitment with its ticks, and the way to a token. The cards are
` + strings.Join(device.ModelNames(), ", ") + `.`,
		Example: "  tapbench measure tap\n  tapbench measure tap --json\n" +
			"  tapbench measure tap --model j3r180 --rate 106",
		Args: shell.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case !device.RunsHere(o.se):
				return shell.Usagef("--se %q is neither emulator nor jcardsim", o.se)
			case model != "" && o.se != device.SEEmulator:
				return shell.Usagef("--model rests on what the emulator counts;" +
					" the applet costs the same: leave --se out")
			case model != "":
				return measureModel(cmd.Context(), a, model, rate, o.driver)
			}
			return measureTap(cmd.Context(), a, o)
		},
	}
	cmd.Flags().StringVar(&o.driver, "driver", device.DefaultDriver(),
		"`folder` of vpcd's driver, libifdvpcd.so")
	cmd.Flags().StringVar(&o.se, "se", device.SEEmulator,
		"which secure element: emulator or `jcardsim`")
	device.AddApplet(cmd, &o.applet)
	_ = cmd.RegisterFlagCompletionFunc("se", cobra.FixedCompletions(
		[]string{device.SEEmulator, device.SEJCardSim}, cobra.ShellCompDirectiveNoFileComp))
	cmd.Flags().StringVar(&model, "model", "", "predict for this `card`")
	cmd.Flags().IntVar(&rate, "rate", 106, "of the contactless link in kbit/s: 106, 212 or 424")
	_ = cmd.RegisterFlagCompletionFunc("model", cobra.FixedCompletions(
		device.ModelNames(), cobra.ShellCompDirectiveNoFileComp))
	_ = cmd.RegisterFlagCompletionFunc("rate", cobra.FixedCompletions(
		[]string{"106", "212", "424"}, cobra.ShellCompDirectiveNoFileComp))
	return cmd
}

// measureTapOptions say where the payments are taken.
type measureTapOptions struct{ driver, se, applet string }

// tapTimes is what a run of payments has measured.
type tapTimes struct {
	whole, card, host, terminal, network []time.Duration
	apdus                                int
	link                                 time.Duration // one APDU of the bare loop
}

func measureTap(ctx context.Context, a *shell.App, o measureTapOptions) error {
	whole, err := timeTaps(ctx, a, testbed.LinkPCSCD, o)
	if err != nil {
		return err
	}
	alone, err := timeTaps(ctx, a, testbed.LinkProcess, o)
	if err != nil {
		return err
	}
	commit, err := timeCommit()
	if err != nil {
		return err
	}
	figures := whole.figures(alone, commit)
	return a.Print(figures, func(w io.Writer) { measure.Write(w, figures) })
}

// figures sets the whole beside the sum of its parts. The backend is what is left of the TSM's
// answer without network and commit.
func (t tapTimes) figures(alone tapTimes, commit time.Duration) []measure.Figure {
	network := measure.Median(alone.network)
	backend := max(0, measure.Median(alone.host)-network-commit)
	parts := []struct {
		name string
		time time.Duration
	}{
		{fmt.Sprintf("link, %d APDUs in a bare loop", t.apdus), time.Duration(t.apdus) * t.link},
		{"card, in memory", measure.Median(alone.card)},
		{"terminal", measure.Median(alone.terminal)},
		{"network, TLS and one round trip", network},
		{"backend, without its commit", backend},
		{"commit, one synced write", commit},
	}
	var figures []measure.Figure
	var sum time.Duration
	for _, part := range parts {
		figures = append(figures, measure.Milliseconds(part.name, part.time))
		sum += part.time
	}
	return append(figures,
		measure.Milliseconds("sum of the parts", sum),
		measure.Against("whole tap, over pcscd", measure.Median(t.whole), sum))
}

// bareLink times one APDU of the bare loop on the bed's second slot.
func (d *demoRun) bareLink(ctx context.Context) (_ time.Duration, err error) {
	remove, err := layEcho(ctx, d.bed)
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, remove()) }()
	raw, err := cheapest().Encode()
	if err != nil {
		return 0, err
	}
	times, err := pcscd.BaselineLink(d.bed.Reader.ReaderName(1), raw, 500)
	return measure.Median(times), err
}

// timeTaps starts a bench of its own and takes as many payments as the card has virtual cards.
func timeTaps(
	ctx context.Context, a *shell.App, link string, o measureTapOptions,
) (t tapTimes, err error) {
	err = onTimedCard(ctx, a, link, o, func(d *demoRun) error {
		if err := d.timePayments(ctx, &t); err != nil || link != testbed.LinkPCSCD {
			return err
		}
		t.link, err = d.bareLink(ctx)
		return err
	})
	return t, err
}

// onTimedCard starts a bench of its own with a phone whose card is timed, and counted if it is the
// emulator.
func onTimedCard(
	ctx context.Context, a *shell.App, link string, o measureTapOptions, run func(*demoRun) error,
) (err error) {
	b := &testbed.Flags{Driver: o.driver, Applet: o.applet}
	dir, remove, err := b.Folder()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, remove()) }()
	d := &demoRun{
		App: a, o: demoOptions{
			model: new(device.ModelFlags),
			bench: b, se: o.se, link: link, payments: wire.CardSlots, amount: "10.00",
		},
		dir: dir, keys: filepath.Join(dir, "pki"), time: &timeline{},
	}
	defer func() { err = errors.Join(err, d.stop()) }()
	if err := d.start(ctx); err != nil {
		return err
	}
	meter := &emulator.Meter{}
	if card := d.bed.Card.Emulator; card != nil {
		card.SetMeter(meter)
	}
	d.timed = &timedCard{Processor: d.bed.Card, meter: meter}
	if err := d.phone(ctx); err != nil {
		return err
	}
	return run(d)
}

// timePayments takes the payments.
func (d *demoRun) timePayments(ctx context.Context, t *tapTimes) error {
	var host, kernelTime time.Duration
	tap := &tapTimeline{demoRun: d}
	pos, stop, err := pos.Open(d.App, d.posFolder(), tap.connect, func(s kernel.Step) {
		kernelTime += s.Duration
		if s.Name == kernel.StepAuthorise {
			host += s.Duration
		}
	})
	if err != nil {
		return err
	}
	defer func() { _ = stop() }()
	for range d.o.payments {
		if err := d.arm(ctx, phone.ArmOptions{Amount: d.o.amount}); err != nil {
			return err
		}
		host, kernelTime = 0, 0
		before := d.timed.spent.Load()
		receipt, err := takePayment(ctx, pos, d.o.amount)
		if err == nil && !receipt.Approved() {
			err = fmt.Errorf("%w: %s", shell.ErrDeclined, receipt.Reason)
		}
		if err != nil {
			return fmt.Errorf("taking a payment to measure: %w", err)
		}
		card := time.Duration(d.timed.spent.Load() - before)
		t.whole = append(t.whole, kernelTime)
		t.host, t.card = append(t.host, host), append(t.card, card)
		t.terminal = append(t.terminal, kernelTime-host-card)
		t.apdus = tap.card.APDUs
		network, err := d.roundTrip(ctx)
		if err != nil {
			return err
		}
		t.network = append(t.network, network)
	}
	return nil
}

func (d *demoRun) arm(ctx context.Context, o phone.ArmOptions) error {
	p, err := d.openPhone(ctx, false)
	if err != nil {
		return err
	}
	return errors.Join(phone.Arm(ctx, p, o), p.Close())
}

// roundTrip times a TLS handshake with the TSM and its cheapest request.
func (d *demoRun) roundTrip(ctx context.Context) (time.Duration, error) {
	party, err := pki.OpenParty(filepath.Join(d.keys, string(pki.RoleWallet)), time.Now)
	if err != nil {
		return 0, err
	}
	tsm, err := parties.Peer(party, pki.RoleTSM, "tsm")
	if err != nil {
		return 0, err
	}
	config, err := party.ClientTLS(pki.RoleTSM, tsm.ID)
	if err != nil {
		return 0, err
	}
	c := client.New(d.backend.TSM.Listening, config)
	defer c.Close()
	var info api.Info
	start := time.Now()
	err = c.Post(ctx, api.PathInfo, struct{}{}, &info)
	return time.Since(start), err
}

// timedCard is a processor that adds up what its commands take.
type timedCard struct {
	pcsc.Processor
	spent atomic.Int64 // nanoseconds
	meter *emulator.Meter
}

// Process answers a command and adds its time.
func (c *timedCard) Process(command []byte) []byte {
	start := time.Now()
	answer := c.Processor.Process(command)
	c.spent.Add(int64(time.Since(start)))
	return answer
}

// timeCommit times a synced write of 4 KiB, as a store's commit is one.
func timeCommit() (_ time.Duration, err error) {
	file, err := os.CreateTemp("", "tapbench-commit-")
	if err != nil {
		return 0, fmt.Errorf("timing a commit: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close(), os.Remove(file.Name())) }()
	page := make([]byte, 4096)
	times := make([]time.Duration, 50)
	for i := range times {
		start := time.Now()
		if _, err := file.Write(page); err != nil {
			return 0, fmt.Errorf("timing a commit: %w", err)
		}
		if err := file.Sync(); err != nil {
			return 0, fmt.Errorf("timing a commit: %w", err)
		}
		times[i] = time.Since(start)
	}
	return measure.Median(times), nil
}
