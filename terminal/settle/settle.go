package settle

import (
	"context"
	"crypto/ecdsa"
	"crypto/sha256"
	"errors"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/terminal/claims"
)

// ErrAnswer means that the TSM's answer isn't one to the batch that was sent. The batch is kept and
// sent again.
var ErrAnswer = errors.New("the TSM's answer doesn't fit the batch")

// Caller is the TSM: *client.Client is one.
type Caller interface {
	// Post calls a path with a request and decodes the answer into answer.
	Post(ctx context.Context, path string, request, answer any) error
}

// Settler settles one terminal's claims.
type Settler struct {
	Claims      *claims.Journal
	TSM         Caller
	ID          message.PartyID // the TSM's
	Merchant    [wire.MerchantLen]byte
	Key         *ecdsa.PrivateKey   // SK_M
	Certificate message.Certificate // the merchant's compact one, over Key
	// Size is how many claims are sent in one batch at most; 0 stands for [api.MaxClaims].
	Size int
	// Observe, if set, is told of each batch that has an answer.
	Observe func(Done)
}

// Refusal is a claim that isn't paid.
type Refusal struct {
	Key    claims.Key       `json:"key"` // the account's, see [Key]
	Code   api.ClaimRefusal `json:"code"`
	Reason string           `json:"reason"`
}

// Done is what settling came to. Claims of ticks count as one for each commitment and batch.
type Done struct {
	Batches int       `json:"batches"`
	Paid    int       `json:"paid"`  // claims
	Minor   int64     `json:"minor"` // what they are worth, in minor units; all of it is booked
	Refused []Refusal `json:"refused,omitempty"`
}

func (d *Done) add(o Done) {
	d.Batches += o.Batches
	d.Paid += o.Paid
	d.Minor += o.Minor
	d.Refused = append(d.Refused, o.Refused...)
}

// Settle sends batches without an answer again, and then all claims that wait, and returns what
// was answered until then, with an error as well. After an error nothing is lost: call it again.
func (s *Settler) Settle(ctx context.Context) (Done, error) {
	var done Done
	for _, number := range s.Claims.Unanswered() {
		b := batch{number: number}
		for r, err := range s.Claims.Batch(number) {
			if err == nil && r.State == claims.Sent {
				err = b.take(r)
			}
			if err != nil {
				return done, fmt.Errorf("reading batch %d: %w", number, err)
			}
		}
		if err := s.send(ctx, &b, &done); err != nil {
			return done, err
		}
	}
	for {
		b, err := s.next()
		if err != nil || len(b.send) == 0 {
			return done, err
		}
		if b.number, err = s.Claims.MarkSent(b.keys()); err != nil {
			return done, fmt.Errorf("writing a batch down: %w", err)
		}
		if err := s.send(ctx, &b, &done); err != nil {
			return done, err
		}
	}
}

// next gathers claims that wait into a batch: as many as one may have, in the journal's order.
func (s *Settler) next() (batch, error) {
	var b batch
	most := s.Size
	if most <= 0 || most > api.MaxClaims {
		most = api.MaxClaims
	}
	for r, err := range s.Claims.Pending() {
		if err == nil {
			err = b.take(r)
		}
		if err != nil {
			return b, fmt.Errorf("reading claims: %w", err)
		}
		if len(b.send) == most {
			break
		}
	}
	return b, nil
}

func (b *batch) take(r claims.Record) error {
	c, err := parse(r.Payload)
	if err == nil && c.key() != r.Key {
		err = fmt.Errorf("%w: %s is kept under another key", ErrClaim, r.Key)
	}
	if err == nil {
		b.add(c)
	}
	return err
}

// send sends a batch that is written down, and keeps what the TSM answers.
func (s *Settler) send(ctx context.Context, b *batch, done *Done) error {
	certificate := s.Certificate.Encode()
	all, request, err := b.sign(message.Payout{
		TSM: s.ID, Merchant: s.Merchant, Certificate: sha256.Sum256(certificate),
	}, s.Key)
	if err != nil {
		return err
	}
	var answer api.PayoutResponse
	err = s.TSM.Post(ctx, api.PathPayout, api.PayoutRequest{
		Certificate: certificate, Payout: request, Claims: all,
	}, &answer)
	problem := new(api.Problem)
	if errors.As(err, &problem) && problem.Final() {
		// It is wrong as a whole: its claims wait for a batch that is right.
		return errors.Join(fmt.Errorf("sending batch %d: %w", b.number, err),
			s.Claims.Release(b.number))
	}
	if err != nil {
		return fmt.Errorf("sending batch %d: %w", b.number, err)
	}
	came, answers, err := b.read(answer)
	if err != nil {
		return fmt.Errorf("reading the answer to batch %d: %w", b.number, err)
	}
	if err := s.Claims.Settle(b.number, answers); err != nil {
		return fmt.Errorf("keeping the answer to batch %d: %w", b.number, err)
	}
	done.add(came)
	if s.Observe != nil {
		s.Observe(came)
	}
	return nil
}

// read compares an answer with the batch: one for each claim that was sent, in whatever order.
func (b *batch) read(answer api.PayoutResponse) (Done, []claims.Answer, error) {
	done := Done{Batches: 1}
	var answers []claims.Answer
	seen := map[message.Hash]bool{}
	for _, a := range answer.Answers {
		if len(a.Key) != wire.HashLen {
			return done, nil, fmt.Errorf("%w: a key of %d bytes", ErrAnswer, len(a.Key))
		}
		account := message.Hash(a.Key)
		kept := b.kept[account]
		if len(kept) == 0 || seen[account] {
			return done, nil, fmt.Errorf("%w: %x was sent %d times", ErrAnswer, account, len(kept))
		}
		seen[account] = true
		paid := a.Refused == ""
		reason := ""
		if paid {
			done.Paid++
			done.Minor += a.Paid
		} else {
			reason = string(a.Refused) + ": " + a.Reason
			reason = reason[:min(len(reason), claims.MaxReason)]
			done.Refused = append(done.Refused, Refusal{
				Key: claims.Key(account), Code: a.Refused, Reason: a.Reason,
			})
		}
		for _, key := range kept {
			answers = append(answers, claims.Answer{Key: key, Paid: paid, Reason: reason})
		}
	}
	if len(seen) != len(b.send) {
		return done, nil, fmt.Errorf("%w: %d answers to %d claims", ErrAnswer, len(seen), len(b.send))
	}
	return done, answers, nil
}
