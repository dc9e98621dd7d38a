package terminal

import (
	"context"
	"fmt"
	"time"

	"tapbench/backend/acquirer"
	"tapbench/terminal/journal"
)

// reversalTime bounds a reversal that is sent although the caller has given up.
const reversalTime = 10 * time.Second

// Recover reverses the payments that an earlier run, or an earlier payment, has left in the
// journal, and returns how many there were. With an error, [ErrReversalPending], the rest stay
// there.
func (p *POS) Recover(ctx context.Context) (int, error) {
	reversed := 0
	for _, entry := range p.config.Journal.Pending() {
		if err := p.reverse(ctx, entry); err != nil {
			return reversed, fmt.Errorf("%w: %w", ErrReversalPending, err)
		}
		reversed++
	}
	return reversed, nil
}

// reverse has the TSM take a payment back and then clears the journal of it. It goes on when ctx is
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
		return fmt.Errorf("the TSM answers %s (%s)", string(answer.Code), answer.Code)
	}
	p.config.Log.Info().Uint32("stan", stan).Uint32("original", entry.Key.STAN).Msg("payment reversed")
	if err := p.config.Journal.Clear(entry); err != nil {
		return fmt.Errorf("reversed, but still in the journal: %w", err)
	}
	return nil
}
