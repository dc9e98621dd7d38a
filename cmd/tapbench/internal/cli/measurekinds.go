package cli

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"tapbench/applet/emulator"
	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/phone"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/cmd/tapbench/internal/cli/testbed"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
)

// Goals of what card and link may take of a tap, in the worst case.
const (
	onlineGoal = 250 * time.Millisecond
	fastGoal   = 165 * time.Millisecond
	mutualGoal = 300 * time.Millisecond
)

// kindOfTap is one kind of tap whose commands are predicted.
type kindOfTap struct {
	name string
	goal time.Duration // 0: none
	arm  phone.ArmOptions
	// offline says that it is paid by token; unit is then the price of a tick, or empty.
	offline bool
	unit    string
}

// kindsOfTap are the taps that --model predicts. An offline amount ends where a token's chain takes
// the most hashes: eight units below a checkpoint.
func kindsOfTap() []kindOfTap {
	return []kindOfTap{
		{name: "online", goal: onlineGoal, arm: phone.ArmOptions{Amount: "10.00"}},
		{name: "online mutual", goal: mutualGoal, arm: phone.ArmOptions{Amount: "10.00", Mutual: true}},
		{name: "offline fast", goal: fastGoal, arm: phone.ArmOptions{Amount: "2.42"}, offline: true},
		{
			name: "offline mutual", goal: mutualGoal, offline: true,
			arm: phone.ArmOptions{Amount: "12.10", Mutual: true},
		},
		{name: "metering", arm: phone.ArmOptions{Amount: "12.10"}, offline: true, unit: "0.05"},
	}
}

// costOfTap is what the commands of one kind of tap cost.
type costOfTap struct {
	kindOfTap
	costs []emulator.Cost
}

// countKinds gets tokens and takes a payment of each kind, in this process.
func countKinds(ctx context.Context, a *shell.App, driver string) (taps []costOfTap, err error) {
	o := measureTapOptions{driver: driver, se: device.SEEmulator}
	err = onTimedCard(ctx, a, testbed.LinkProcess, o, func(d *demoRun) error {
		loading, err := d.loadTokens(ctx)
		if err != nil {
			return err
		}
		// Tokens are taken with a deny list only, and a settlement brings one.
		_, err = pos.Settle(ctx, a, d.posFolder(), d.backend.TSM.Listening, 0)
		if err != nil {
			return err
		}
		for _, kind := range kindsOfTap() {
			costs, err := d.countTap(ctx, kind)
			if err != nil {
				return fmt.Errorf("taking a payment to predict, %s: %w", kind.name, err)
			}
			taps = append(taps, costOfTap{kind, costs})
		}
		taps = append(taps, costOfTap{kindOfTap{name: "token load, 250 units"}, loading})
		return nil
	})
	return taps, err
}

// loadTokens withdraws two tokens of each class that the account can pay, and returns what the
// commands of the first one cost.
func (d *demoRun) loadTokens(ctx context.Context) (costs []emulator.Cost, err error) {
	p, err := d.openPhone(ctx, false)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.Close()) }()
	d.timed.meter.Reset()
	_, tokens, err := phone.Refill(ctx, p, phone.RefillOptions{
		TSM: phone.ServerFlags{Name: "tsm", Address: d.backend.TSM.Listening}, Cards: wire.CardSlots,
		Tokens: 2,
	})
	if err != nil {
		return nil, err
	}
	if tokens == 0 {
		return nil, errors.New("the wallet got no token to pay with")
	}
	for _, c := range d.timed.meter.Commands() {
		switch ins := wire.INS(c.INS); {
		case c.CLA != byte(wire.CLAProprietary):
		case ins == wire.InsTokenPut:
			return append(costs, c), nil
		case ins == wire.InsTokenNew, ins == wire.InsTokenChain, ins == wire.InsTokenRequest:
			costs = append(costs, c)
		}
	}
	return costs, nil
}

// posFolder is the demo's terminal.
func (d *demoRun) posFolder() pos.Flags {
	return pos.Flags{
		Keys: filepath.Join(d.keys, "merchant"), Folder: filepath.Join(d.dir, "terminal"),
		Acquirer: d.backend.TSM.Acquirer, TSM: "tsm", Terminal: "POS00001",
	}
}

// countTap arms, takes one payment, and returns what its commands cost.
func (d *demoRun) countTap(ctx context.Context, kind kindOfTap) (costs []emulator.Cost, err error) {
	flags := d.posFolder()
	if kind.offline {
		flags.Offline = pos.OfflineFlags{Mode: string(terminal.OfflineOnly), Floor: "50.00"}
	}
	pos, stop, err := pos.Open(d.App, flags, d.card, func(kernel.Step) {})
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := d.arm(ctx, kind.arm); err != nil {
		return nil, err
	}
	d.timed.meter.Reset()
	receipt, err := d.takeKind(ctx, pos, kind)
	if err == nil && !receipt.Approved() {
		err = fmt.Errorf("%w: %s", shell.ErrDeclined, receipt.Reason)
	}
	return d.timed.meter.Commands(), err
}

// takeKind takes the payment, or two ticks of a metering commitment.
func (d *demoRun) takeKind(
	ctx context.Context, pos *terminal.POS, kind kindOfTap,
) (terminal.Receipt, error) {
	if kind.unit == "" {
		return takePayment(ctx, pos, kind.arm.Amount)
	}
	most, err1 := shell.ParseAmount("--max", kind.arm.Amount)
	unit, err2 := shell.ParseAmount("--unit", kind.unit)
	if err := errors.Join(err1, err2); err != nil {
		return terminal.Receipt{}, err
	}
	ticks := 0
	return pos.Meter(ctx, terminal.Meter{
		Max: most, Unit: unit,
		Next: func(context.Context) bool { ticks++; return ticks <= 2 },
	})
}
