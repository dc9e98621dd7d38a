package cli

import (
	"context"
	"fmt"
	"time"

	"tapbench/backend/api"
	"tapbench/cmd/tapbench/internal/bench"
	"tapbench/cmd/tapbench/internal/cli/pos"
	"tapbench/cmd/tapbench/internal/cli/shell"
	"tapbench/terminal/settle"
)

// The profiles of an offline payment.
const (
	offlineFast   = "fast"   // the card is armed; what it signs is to one certified merchant
	offlineMutual = "mutual" // and the merchant proves who it is before the card shows its token
)

// maxOfflinePayments is how many tokens of a class half of the demo's account pays.
const maxOfflinePayments = 3

// checkOffline refuses what a demo's tokens can't pay.
func (o demoOptions) checkOffline() error {
	switch {
	case o.offline != "" && o.offline != offlineFast && o.offline != offlineMutual:
		return shell.Usagef("--offline %q is neither fast nor mutual", o.offline)
	case o.offline != "" && o.payments > maxOfflinePayments:
		return shell.Usagef("--payments %d: with --offline 1 to %d", o.payments,
			maxOfflinePayments)
	default:
		return nil
	}
}

// tokens is how many tokens of each class the demo's wallet withdraws.
func (o demoOptions) tokens() int {
	if o.offline == "" {
		return 0
	}
	return o.payments
}

func (o demoOptions) paymentName() string {
	if o.offline == "" {
		return "payment"
	}
	return "payment without the backend,"
}

// payOffline is the payments of a demo while the backend is down, and their payout.
func (d *demoRun) payOffline(ctx context.Context) error {
	d.time.begin("the terminal is connected once", nil)
	if _, err := d.settle(ctx); err != nil {
		return err
	}
	start := time.Now()
	if err := d.backend.Stop(); err != nil {
		return err
	}
	d.tell("the backend is down", start)
	if err := d.pay(ctx); err != nil {
		return err
	}
	start = time.Now()
	var err error
	if d.backend, err = bench.StartBackend(ctx, d.servers); err != nil {
		return err
	}
	d.tell("the backend is up again", start)
	d.time.begin("payout: the merchant claims what was taken", nil)
	done, err := d.settle(ctx)
	d.result.Settled = &done
	return err
}

// settle is the merchant's part of the demo that needs the TSM.
func (d *demoRun) settle(ctx context.Context) (settle.Done, error) {
	flags := d.posFlags()
	flags.Posted = func(path string, sent, received int) {
		name := "payout request"
		if path == api.PathDenyList {
			name = "deny list"
		}
		d.time.add(name, "POS", "TSM", sent+received)
	}
	return pos.Settle(ctx, d.App, flags, d.backend.TSM.Listening, 0)
}

// tell prints what happens to the whole bench.
func (d *demoRun) tell(what string, since time.Time) {
	if d.time.out != nil {
		d.time.row(fmt.Sprintf("\n%s (%.0f ms)\n", what, shell.Milliseconds(time.Since(since))))
	}
}
