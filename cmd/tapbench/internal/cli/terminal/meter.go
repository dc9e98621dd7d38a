package terminal

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"tapbench/backend/money"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
	judge "tapbench/terminal/offline"
	"tapbench/terminal/shop"
)

// meterOptions are the flags of "terminal meter".
type meterOptions struct {
	*pos.Flags
	unit, most  string
	every, wait time.Duration
	ticks       int
}

func newMeterCommand(a *shell.App) *cobra.Command {
	var o meterOptions
	cmd := &cobra.Command{
		Use:   "meter",
		Short: "Be paid by the tick, as a charger or a washing machine",
		Long: `meter has the card sign one commitment of at most --max, and then pays itself one unit
every so often: --unit is the price of one, in a unit class of offline tokens (0.01, 0.05, 0.50).
It ends after --ticks units, when the commitment is used up, or when it is interrupted; what was
ticked by then is kept as a claim, and "terminal settle" is paid that and no more. A card that is
taken away can be laid on again while its wallet's consent lasts.

No network is needed.`,
		Example: `  tapbench terminal meter --unit 0.05 --max 5.00 --every 1s
  tapbench terminal meter --unit 0.01 --max 0.25 --ticks 10 --every 100ms --json`,
		Args: shell.NoArgs,
	}
	reader := device.AddReader(a, cmd)
	o.Flags = pos.AddFlags(cmd)
	f := cmd.Flags()
	f.StringVar(&o.Offline.Floor, "floor", "50.00", "the most that a commitment may be, in EUR")
	f.StringVar(&o.unit, "unit", "0.05", "the price of one tick, in EUR: 0.01, 0.05 or 0.50")
	f.StringVar(&o.most, "max", "", "the most that it may come to, in EUR, a multiple of --unit")
	f.IntVar(&o.ticks, "ticks", 0, "how many units to take (default: all)")
	f.DurationVar(&o.every, "every", time.Second, "the time between two ticks")
	f.DurationVar(&o.wait, "wait", 30*time.Second, "how long to wait for a card")
	_ = cmd.MarkFlagRequired("max")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		o.Offline.Mode = string(terminal.OfflineOnly)
		return runMeter(cmd.Context(), a, reader, o)
	}
	return cmd
}

func runMeter(
	ctx context.Context, a *shell.App, reader *device.ReaderFlag, o meterOptions,
) (err error) {
	most, err1 := shell.ParseAmount("--max", o.most)
	unit, err2 := shell.ParseAmount("--unit", o.unit)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	if o.ticks < 0 || o.every <= 0 || o.wait <= 0 {
		return shell.Usagef("--ticks isn't negative, --every and --wait are longer than nothing")
	}
	pos, stop, err := pos.Open(a, *o.Flags, reader.Cards(o.wait), func(s kernel.Step) {
		if !a.JSON && s.Err == nil && s.Name != kernel.StepTick {
			a.Say("  %-22s %2d APDUs %8.2f ms", s.Name, s.APDUs, shell.Milliseconds(s.Duration))
		}
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if r := pos.Restored(); r != nil {
		sayEvent(a, shop.Event{Kind: shop.Recovered, Receipt: r})
	}
	sayEvent(a, shop.Event{Kind: shop.Tap, Amount: most})
	receipt, err := pos.Meter(ctx, newMeter(a, o, most, unit))
	if errors.Is(err, judge.ErrRequest) {
		return shell.Usage(err)
	}
	if err != nil {
		return err
	}
	return printOutcome(a, shop.Event{Kind: shop.Result, Receipt: &receipt})
}

// newMeter returns a meter that ticks by the clock.
func newMeter(a *shell.App, o meterOptions, most, unit money.Amount) terminal.Meter {
	asked := 0
	return terminal.Meter{
		Max: most, Unit: unit,
		Next: func(ctx context.Context) bool {
			if o.ticks > 0 && asked == o.ticks {
				return false
			}
			asked++
			timer := time.NewTimer(o.every)
			defer timer.Stop()
			select {
			case <-ctx.Done():
				return false
			case <-timer.C:
				return true
			}
		},
		Ticked: func(ticks int) {
			if a.JSON {
				return
			}
			if sum, err := money.New(unit.Minor()*int64(ticks), unit.Currency()); err == nil {
				a.Say("  tick %3d  %s %s", ticks, sum.Currency().Code(), sum.Decimal())
			}
		},
	}
}
