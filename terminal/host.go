package terminal

import (
	"context"
	"errors"
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
	asked  kernel.Request                  // what it was asked
	answer *acquirer.AuthorisationResponse // nil: there was none
}

var _ kernel.Host = (*host)(nil)

// errBareApproval can't come over the line: its messages have a field for it.
var errBareApproval = errors.New("the TSM approves without a word for the card")

// Authorise implements kernel.Host.
func (h *host) Authorise(ctx context.Context, q kernel.Request) (kernel.Answer, error) {
	now := h.config.Now()
	entry, err := h.config.Journal.Begin(func(stan uint32) journal.Entry {
		return journal.Entry{Key: h.key(stan, acquirer.NewStamp(now)), Amount: q.Amount}
	})
	if err != nil {
		return kernel.Answer{}, fmt.Errorf("%w: %w", kernel.ErrNotSent, err)
	}
	h.stan, h.entry, h.asked = entry.Key.STAN, &entry, q
	answer, err := h.config.Acquirer.Authorise(ctx, acquirer.AuthorisationRequest{
		Key: entry.Key, PAN: q.PAN, Amount: q.Amount, LocalTime: now.Format("150405"),
		ICC: acquirer.ICC{
			AID: q.AID, Sequence: q.Sequence, Terminal: q.Terminal, AIP: q.AIP, ATC: q.ATC,
			CID: q.CID, ARQC: q.ARQC, IAD: q.IAD, Relay: q.Relay, Tap: q.Tap,
		},
	})
	if acquirer.NothingBooked(err) {
		h.forget()
		return kernel.Answer{}, fmt.Errorf("%w: %w", kernel.ErrNotSent, err)
	}
	if err != nil {
		return kernel.Answer{}, err
	}
	if answer.Code.Approved() && answer.IssuerAuth == nil {
		return kernel.Answer{}, errBareApproval
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

// completion returns what the TSM is to hear of a payment that has ended with a TC.
func (h *host) completion(o kernel.Outcome) acquirer.Completion {
	return acquirer.Completion{
		Terminal: h.asked.Terminal, ARC: h.answer.Code.ARC(), IssuerAuth: *h.answer.IssuerAuth,
		AIP: h.asked.AIP, ATC: o.ATC, CID: o.CID, TC: o.Cryptogram, IAD: o.IAD,
		Relay: h.asked.Relay,
	}
}

func (p *POS) key(stan uint32, sent acquirer.Stamp) acquirer.Key {
	return acquirer.Key{
		Merchant: p.config.Merchant, Terminal: p.config.Terminal, STAN: stan, Sent: sent,
	}
}
