package server

import (
	"context"
	"time"

	"github.com/rs/zerolog"

	"tapbench/backend/tsm"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

// settleEvery does what is due between TSM, banks and merchants, at once and then at a pace, until
// ctx ends. A bank that doesn't answer is asked again next time.
func settleEvery(ctx context.Context, a *shell.App, t *tsm.TSM, every time.Duration) {
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for {
		settled, err := t.Settle(ctx)
		if ctx.Err() != nil {
			return
		}
		logSettled(a, settled)
		if err != nil {
			a.Log.Error().Err(err).Msg("settling")
		}
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// logSettled has a line for each thing that was done, or that a bank hasn't done.
func logSettled(a *shell.App, s tsm.Settled) {
	event := func(err error) *zerolog.Event {
		if err != nil {
			return a.Log.Warn().Err(err)
		}
		return a.Log.Info()
	}
	if s.Swept != (tsm.Swept{}) {
		a.Log.Info().Int("active", s.Swept.Active).Int("refused", s.Swept.Refused).
			Int("waiting", s.Swept.Waiting).Msg("open fundings asked for again")
	}
	for _, d := range s.Draws {
		event(d.Err).Stringer("bank", d.Bank).Uint32("slot", d.Slot).Uint32("lots", d.Lots).
			Msg("lots drawn")
	}
	if s.Reclaimed.Tokens > 0 {
		a.Log.Info().Int("tokens", s.Reclaimed.Tokens).Stringer("total", s.Reclaimed.Total).
			Msg("tokens reclaimed")
	}
	for _, p := range s.Payouts {
		a.Log.Info().Stringer("merchant", p.Merchant).Uint32("slot", p.Slot).
			Stringer("amount", p.Amount).Msg("merchant paid")
	}
	for _, b := range s.Returns {
		event(b.Err).Stringer("bank", b.Bank).Uint32("epoch", uint32(b.Epoch)).
			Int("accounts", b.Count).Stringer("total", b.Total).Msg("remainders returned")
	}
}
