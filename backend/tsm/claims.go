package tsm

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/payout"
	"tapbench/backend/store"
)

// Payout pays a batch of offline claims: each claim by itself, what is right of the batch in one
// step, with one transfer out of the tokens to the merchant. A batch that is wrong as a whole is
// refused, and nothing of it was done; a claim that is refused says why beside those that are paid.
//
// A claim's key is the hash over its statement's signed fields. What was paid under a key is paid
// once: the same claim again, with another signature or in another batch, gets the same answer. Of
// a metering commitment a claim for more ticks pays the difference. Of two statements over the same
// units the first one that came stands ([TSM.punish] says what becomes of the second); closed
// tokens pay up to where they were closed; reclaimed ones don't pay any more.
func (t *TSM) Payout(ctx context.Context, q api.PayoutRequest) (api.PayoutResponse, error) {
	b, err := payout.Open(q, t.ID, t.CAKey)
	if err != nil {
		return api.PayoutResponse{}, refusedBatch(err)
	}
	refused := t.checkClaims(b)
	defer t.booking.enter()()
	var answer api.PayoutResponse
	err = t.DB.Tx(ctx, func(tx store.Tx) (err error) {
		answer, err = t.pay(ctx, tx, b, refused)
		return err
	})
	return answer, err
}

// refusedBatch says over the line why a whole batch is refused.
func refusedBatch(err error) error {
	code := api.CodeMalformed
	switch {
	case errors.Is(err, payout.ErrCertificate), errors.Is(err, payout.ErrSignature):
		code = api.CodeSignature
	case errors.Is(err, payout.ErrAddressee), errors.Is(err, payout.ErrMerchant),
		errors.Is(err, payout.ErrClaims):
		code = api.CodeMismatch
	}
	return api.Refuse(code, "%v", err)
}

// gate lets so many in at once, first come, first served. Two of them keep a batch of claims and
// the next ones going on all processors:
//   - claims are checked by as many goroutines as there are processors, so that batches are checked
//     one after the other, while those before are booked;
//   - few batches are in the store at once. A commit is for all steps that wait for it: if every
//     batch did, nobody would be left to be checked while the last of them are booked.
type gate chan struct{}

// atTheBooks is how many batches are in the store at once.
const atTheBooks = 6

// enter waits until there is room, and returns what gives it back.
func (g gate) enter() (leave func()) {
	g <- struct{}{}
	return func() { <-g }
}

// checkClaims makes the checks that need no book, before the step: they cost more than the booking.
// Its result has one entry for each claim, nil for one that passes.
func (t *TSM) checkClaims(b payout.Batch) []*payout.RefusedError {
	refused := make([]*payout.RefusedError, len(b.Claims))
	var next atomic.Int64
	var all sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(b.Claims)) {
		all.Go(func() {
			defer t.checking.enter()()
			for i := next.Add(1) - 1; i < int64(len(b.Claims)); i = next.Add(1) - 1 {
				refused[i] = b.Claims[i].Check(b)
			}
		})
	}
	all.Wait()
	return refused
}

// pay decides on each claim of a batch and books what is to be paid.
func (t *TSM) pay(
	ctx context.Context, tx store.Tx, b payout.Batch, refused []*payout.RefusedError,
) (api.PayoutResponse, error) {
	standings, err := standingsOf(ctx, tx, b, refused)
	if err != nil {
		return api.PayoutResponse{}, err
	}
	answers := make([]api.ClaimAnswer, len(b.Claims))
	booked := newBooking(b)
	for i, c := range b.Claims {
		d := payout.Decision{Why: refused[i]}
		if d.Why == nil {
			d = decide(standings, b.Party, c)
		}
		answers[i] = answerOf(c.Key, d)
		if err := booked.add(c, d, standings[c.Token]); err != nil {
			return api.PayoutResponse{}, err
		}
	}
	return api.PayoutResponse{Answers: answers}, t.bookBatch(ctx, tx, booked)
}

// decide decides on a claim by how its token stands.
func decide(
	standings map[message.Hash]*standing, party message.PartyID, c payout.Claim,
) payout.Decision {
	s, ok := standings[c.Token]
	if !ok {
		return payout.Decision{Why: &payout.RefusedError{
			Code: api.ClaimToken, Reason: "the TSM has issued no such token",
		}}
	}
	return s.Decide(party, c)
}

func answerOf(key message.Hash, d payout.Decision) api.ClaimAnswer {
	a := api.ClaimAnswer{Key: key[:], Paid: d.Paid}
	if d.Why != nil {
		a.Refused, a.Reason = d.Why.Code, d.Why.Reason
	}
	return a
}
