package terminal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tapbench/backend/acquirer"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
)

// reversalTime bounds a reversal that is sent although the caller has given up.
const reversalTime = 10 * time.Second

// Recovered is what [POS.Recover] has finished.
type Recovered struct {
	Reversed int      // payments that were taken back
	Refund   *Receipt // that had no answer
	Day      *Day     // whose close had no answer
}

// Recover finishes what an earlier run, or an earlier act, has left in the journal: it reverses
// payments, and asks again for a refund and the close of the day. With an error,
// [ErrReversalPending] or [ErrUnanswered], the rest stays there.
func (p *POS) Recover(ctx context.Context) (Recovered, error) {
	var done Recovered
	for _, entry := range p.config.Journal.Pending() {
		err := p.reverse(ctx, entry)
		switch {
		case errors.Is(err, ErrVoidRefused):
			p.config.Log.Error().Err(err).Uint32("original", entry.Key.STAN).Msg("payment stands")
			continue
		case err != nil:
			return done, fmt.Errorf("%w: %w", ErrReversalPending, err)
		}
		done.Reversed++
	}
	if r := p.config.Journal.Refund(); r != nil {
		receipt, err := p.askRefund(ctx, *r, false)
		if err != nil {
			return done, err
		}
		done.Refund = &receipt
	}
	if c := p.config.Journal.Closing(); c != nil {
		day, err := p.askClose(ctx, *c, false)
		if err != nil {
			return done, err
		}
		done.Day = &day
	}
	return done, nil
}

// Void takes the day's last payment back, which was approved, and returns its receipt. With
// [ErrReversalPending] it is still to be taken back, before the next payment; with [ErrVoidRefused]
// it stands. When there is no such payment it is journal.ErrNothingToVoid.
func (p *POS) Void(ctx context.Context) (Receipt, error) {
	if _, err := p.Recover(ctx); err != nil {
		return Receipt{}, err
	}
	entry, err := p.config.Journal.Void()
	if err != nil {
		return Receipt{}, fmt.Errorf("voiding: %w", err)
	}
	if err := p.reverse(ctx, entry); errors.Is(err, ErrVoidRefused) {
		return Receipt{}, err
	} else if err != nil {
		return Receipt{}, fmt.Errorf("%w: %w", ErrReversalPending, err)
	}
	r, err := p.receiptOf(entry.Key)
	if err != nil { // it was taken back all the same
		p.config.Log.Warn().Err(err).Msg("receipt of a voided payment")
		r = Receipt{
			Kind: KindPayment, Result: kernel.Approved, Reversed: true, Amount: entry.Amount,
			Merchant: entry.Key.Merchant.String(), Terminal: entry.Key.Terminal.String(),
			STAN: entry.Key.STAN, Sent: entry.Key.Sent, Time: p.config.Now(),
		}
	}
	return r, nil
}

// reverse has the TSM take a payment back and then ends it in the journal. It goes on when ctx is
// done: whoever gives up a payment wants it undone.
func (p *POS) reverse(ctx context.Context, entry journal.Entry) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), reversalTime)
	defer cancel()
	stan, err := p.config.Journal.NextSTAN()
	if err != nil {
		return err
	}
	// The original's merchant and terminal, should this terminal have been renamed since.
	key := entry.Key
	key.STAN, key.Sent = stan, acquirer.NewStamp(p.config.Now())
	answer, err := p.config.Acquirer.Reverse(ctx, acquirer.ReversalRequest{
		Key: key, Original: entry.Key, Amount: entry.Amount,
	})
	if err != nil {
		return err
	}
	if !answer.Code.Approved() {
		return p.notReversed(entry, answer.Code)
	}
	p.config.Log.Info().Uint32("stan", stan).Uint32("original", entry.Key.STAN).Msg("payment reversed")
	if err := p.markReversed(entry); err != nil {
		return fmt.Errorf("reversed, but its receipt doesn't say so: %w", err)
	}
	if err := p.config.Journal.Reversed(entry, answer.RRN != ""); err != nil {
		return fmt.Errorf("reversed, but still in the journal: %w", err)
	}
	return nil
}

// notReversed ends a void that the TSM has refused for good. Any other reversal stays.
func (p *POS) notReversed(entry journal.Entry, code acquirer.Code) error {
	err := fmt.Errorf("the TSM answers %s (%s)", string(code), code)
	if !entry.Completed || code != acquirer.CodeInvalidTransaction {
		return err
	}
	if clearing := p.config.Journal.Clear(entry); clearing != nil {
		return clearing
	}
	return fmt.Errorf("%w: %w", ErrVoidRefused, err)
}
