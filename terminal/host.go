package terminal

import (
	"context"
	"fmt"

	"tapbench/backend/acquirer"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
)

// host asks the TSM for one payment, once the journal has it.
type host struct {
	*POS
	entry  *journal.Entry                  // nil: the TSM wasn't asked
	stan   uint32                          // 0: no message was made
	answer *acquirer.AuthorisationResponse // nil: there was none
}

var _ kernel.Host = (*host)(nil)

// Authorise implements kernel.Host.
func (h *host) Authorise(ctx context.Context, q kernel.Request) (kernel.Answer, error) {
	now := h.config.Now()
	entry, err := h.config.Journal.Begin(func(stan uint32) journal.Entry {
		return journal.Entry{Key: h.key(stan, acquirer.NewStamp(now)), Amount: q.Amount}
	})
	if err != nil {
		return kernel.Answer{}, fmt.Errorf("%w: %w", kernel.ErrNotSent, err)
	}
	h.stan, h.entry = entry.Key.STAN, &entry
	answer, err := h.config.Acquirer.Authorise(ctx, acquirer.AuthorisationRequest{
		Key: entry.Key, PAN: q.PAN, Amount: q.Amount, LocalTime: now.Format("150405"),
		ICC: acquirer.ICC{
			AID: q.AID, Sequence: q.Sequence, Terminal: q.Terminal, AIP: q.AIP, ATC: q.ATC,
			CID: q.CID, ARQC: q.ARQC, IAD: q.IAD, Tap: q.Tap,
		},
	})
	if acquirer.NothingBooked(err) {
		h.forget()
		return kernel.Answer{}, fmt.Errorf("%w: %w", kernel.ErrNotSent, err)
	}
	if err != nil {
		return kernel.Answer{}, err
	}
	h.answer = &answer
	return kernel.Answer{
		Approved: answer.Code.Approved(), Uncertain: answer.Code.Uncertain(),
		ARC: answer.Code.ARC(), IssuerAuth: answer.IssuerAuth,
	}, nil
}

// forget clears the journal of a payment that the TSM never heard of. If that fails the payment is
// reversed in vain before the next one.
func (h *host) forget() {
	if err := h.config.Journal.Clear(*h.entry); err != nil {
		h.config.Log.Warn().Err(err).Msg("journal keeps a payment that was never sent")
	}
	h.entry = nil
}

func (p *POS) key(stan uint32, sent acquirer.Stamp) acquirer.Key {
	return acquirer.Key{
		Merchant: p.config.Merchant, Terminal: p.config.Terminal, STAN: stan, Sent: sent,
	}
}
