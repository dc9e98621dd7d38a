package corpus_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tapbench/backend/acquirer"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
)

// The shops of the merchant.
const (
	shop  = "SHOP01"
	other = "SHOP02"
)

// taps are payments at a point of sale, as they end.
func taps() []scenario {
	return []scenario{
		{
			name:    "tap-approved",
			comment: "an online payment of 12.50 EUR, from PPSE to TC",
			before:  ready(1, "20.00"),
			play: func(t *testing.T, s *stand, r *recording) {
				approved(t, s.till(t, r, shop), "12.50")
			},
		},
		{
			name:    "tap-exact",
			comment: "a payment of just what was armed",
			before:  ready(1, "0.50"),
			play:    func(t *testing.T, s *stand, r *recording) { approved(t, s.till(t, r, shop), "0.50") },
		},
		{
			name:    "tap-unarmed",
			comment: "the wallet hasn't armed the card: it refuses GET PROCESSING OPTIONS (6985)",
			before:  ready(1, ""),
			play:    func(t *testing.T, s *stand, r *recording) { refused(t, s.till(t, r, shop), "12.50") },
		},
		{
			name:    "tap-above-armed",
			comment: "20.01 EUR of a card that is armed for 20.00: refused (6985), and nothing is spent",
			before:  ready(1, "20.00"),
			play: func(t *testing.T, s *stand, r *recording) {
				refused(t, s.till(t, r, shop), "20.01")
				r.away()
				approved(t, s.till(t, r, shop), "0.50")
			},
		},
		{
			name: "tap-issuer-unreachable",
			comment: "nobody answers the terminal: it completes with its own code Z3, and the card " +
				"declines (AAC)",
			before: ready(1, "20.00"),
			play: func(t *testing.T, s *stand, r *recording) {
				silent := func(c *terminal.Config) { c.Acquirer = nobody{} }
				receipt, err := s.till(t, r, shop, silent).Pay(t.Context(), euros("12.50"))
				if receipt.Approved() || !errors.Is(err, acquirer.ErrUnreachable) {
					t.Errorf("got %v, %v", receipt.Result, err)
				}
			},
		},
		{
			name: "tap-expired",
			comment: "a year later the terminal finds the card expired: it asks for an AAC at once, " +
				"and the TSM for nothing",
			before: ready(1, "20.00"),
			play: func(t *testing.T, s *stand, r *recording) {
				later := func(c *terminal.Config) {
					c.Now = func() time.Time { return s.Now().AddDate(1, 0, 0) }
				}
				declined(t, s.till(t, r, shop, later), "12.50")
			},
		},
		{
			name: "tap-again",
			comment: "the card is pulled away before the first GENERATE AC, three times; the same " +
				"payment is answered again twice, with the next ATC, and the fourth time refused",
			before: ready(1, "20.00"),
			play:   tapAgain,
		},
		{
			name: "tap-other-terminal",
			comment: "a payment breaks off and the card is reset: it is bound to that payment, refuses " +
				"another terminal's (6985) and completes the first one's",
			before: ready(1, "20.00"),
			play:   tapOther,
		},
	}
}

func tapAgain(t *testing.T, s *stand, r *recording) {
	for range 3 {
		r.pull(7) // PPSE, SELECT, GPO, the exchange, three records
		_, err := s.till(t, r, shop).Pay(t.Context(), euros("5.00"))
		if !errors.Is(err, pcsc.ErrCardRemoved) {
			t.Fatalf("got %v, want %v", err, pcsc.ErrCardRemoved)
		}
		r.back()
	}
	refused(t, s.till(t, r, shop), "5.00")
}

func tapOther(t *testing.T, s *stand, r *recording) {
	impatient := &patience{Card: r, left: 5}
	_, err := s.till(t, impatient, shop).Pay(t.Context(), euros("5.00"))
	if !errors.Is(err, pcsc.ErrComm) {
		t.Fatalf("got %v, want %v", err, pcsc.ErrComm)
	}
	r.reset()
	refused(t, s.till(t, r, other), "5.00")
	r.reset()
	approved(t, s.till(t, r, shop), "5.00")
}

// poor is the payment that nobody can pay any more.
func poor() scenario {
	return scenario{
		name: "tap-declined-by-issuer",
		comment: "the TSM declines 40.00 EUR for want of money (51): the card checks the issuer's " +
			"answer and declines (AAC)",
		before: ready(1, "40.00"),
		play: func(t *testing.T, s *stand, r *recording) {
			receipt := declined(t, s.till(t, r, shop), "40.00")
			if want := string(acquirer.CodeInsufficientFunds); receipt.Code != want {
				t.Errorf("got code %s, want %s", receipt.Code, want)
			}
		},
	}
}

// approved takes a payment that must succeed.
func approved(t *testing.T, pos *terminal.POS, amount string) {
	t.Helper()
	receipt, err := pos.Pay(t.Context(), euros(amount))
	if err != nil || !receipt.Approved() {
		t.Fatalf("got %v, %s, %v, want approved", receipt.Result, receipt.Reason, err)
	}
}

// declined takes a payment that must be declined, without an error.
func declined(t *testing.T, pos *terminal.POS, amount string) terminal.Receipt {
	t.Helper()
	receipt, err := pos.Pay(t.Context(), euros(amount))
	if err != nil || receipt.Result != kernel.Declined {
		t.Fatalf("got %v, %v, want declined", receipt.Result, err)
	}
	return receipt
}

// refused takes a payment that the card must refuse before it shows itself.
func refused(t *testing.T, pos *terminal.POS, amount string) {
	t.Helper()
	if _, err := pos.Pay(t.Context(), euros(amount)); !errors.Is(err, kernel.ErrNotArmed) {
		t.Fatalf("got %v, want %v", err, kernel.ErrNotArmed)
	}
}

// nobody is a TSM that can't be reached; of it no more is asked than payments and reversals.
type nobody struct{ acquirer.Decider }

// Authorise implements acquirer.Decider.
func (nobody) Authorise(
	context.Context, acquirer.AuthorisationRequest,
) (acquirer.AuthorisationResponse, error) {
	return acquirer.AuthorisationResponse{}, acquirer.ErrUnreachable
}

// Reverse implements acquirer.Decider.
func (nobody) Reverse(
	context.Context, acquirer.ReversalRequest,
) (acquirer.ReversalResponse, error) {
	return acquirer.ReversalResponse{}, acquirer.ErrUnreachable
}

// patience is a terminal's: after some commands it gives up, before the card hears the next one.
type patience struct {
	pcsc.Card
	left int
}

// Transmit passes a command on while patience lasts.
func (p *patience) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if p.left == 0 {
		return nil, &pcsc.Error{Op: "transmitting", Err: pcsc.ErrComm}
	}
	p.left--
	return p.Card.Transmit(ctx, command)
}
