package stormtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"tapbench/terminal/kernel"
)

// What users have and may spend, in EUR. A TSM account is used up after a few payments, so that
// banks have something to do.
const (
	limit     = "30.00"      // of a TSM account: half of it may be in tokens
	cardLimit = "2.00"       // of a card
	allowance = "1000.00"    // of a bank account ID
	deposit   = "1000000.00" // of a bank account
	cards     = 4
)

// user is somebody with a phone, and the merchant at whose terminal he pays.
type user struct {
	*storm
	phone *phone
	till  *till
	dice  *rand.Rand
	r     *run   // the terminal's process, if it is ready
	spent bool   // the TSM account is used up
	paid  string // reference number of a payment
	dry   int    // how often in a row no token could pay
}

// patience is how many rounds in a row may break off: far more than kills can explain.
const patience = 1000

// errStuck means that nothing goes through any more.
var errStuck = errors.New("the storm doesn't get on")

// live pays, until ctx is done.
func (u *user) live(ctx context.Context) error {
	for broken := 0; ctx.Err() == nil; broken++ {
		err := u.round(ctx)
		if err == nil || ctx.Err() != nil {
			broken = 0
			continue
		}
		u.log.count(func(t *Tally) { t.Failures++ })
		if u.Failed != nil {
			u.Failed(err)
		}
		if broken == patience {
			return fmt.Errorf("%w: %s: %w", errStuck, u.till.name, err)
		}
		u.pause(ctx)
	}
	return nil
}

// pause lets whoever is gone come back.
func (u *user) pause(ctx context.Context) {
	const longest = 50 * time.Millisecond
	wait(ctx, time.Duration(u.dice.Int64N(int64(longest))))
}

// wait waits for a time that means nothing, or until ctx is done.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// round is one payment and what belongs to it. It takes up wherever the last one broke off.
func (u *user) round(ctx context.Context) (err error) {
	if u.r == nil {
		if u.r, err = u.till.ready(ctx); err != nil {
			return err
		}
	}
	if err := u.prepare(ctx); err != nil {
		return err
	}
	if err := u.phone.arm(ctx); err != nil {
		return err
	}
	amount := fmt.Sprintf("%d.%02d", u.dice.IntN(2), 1+u.dice.IntN(99))
	u.till.ordered["EUR:"+amount]++
	if err := u.order(ctx, order{Act: "pay", Amount: amount}); err != nil {
		return err
	}
	switch u.dice.IntN(12) {
	case 0, 1:
		if u.paid != "" {
			return u.order(ctx, order{Act: "refund", RRN: u.paid, Amount: "0.01"})
		}
	case 2:
		u.log.void(u.till.name)
		return u.order(ctx, order{Act: "void"})
	case 3:
		return u.order(ctx, order{Act: "close"})
	case 4, 6, 7:
		u.spent = true
	case 5:
		u.log.begin(string(Bank))
		return u.phone.closeBank(ctx)
	}
	return nil
}

// prepare brings the phone to where it can be armed.
func (u *user) prepare(ctx context.Context) error {
	s, err := u.phone.status(ctx)
	if err != nil {
		return u.openFirst(ctx, err)
	}
	if s.Armed != "not armed" {
		if err := u.phone.disarm(ctx); err != nil {
			return err
		}
	}
	if u.spent && len(s.TSM) > 0 && s.TSM[0].Ready {
		if err := u.phone.closeTSM(ctx); err != nil {
			return err
		}
		s.TSM, s.Cards = nil, nil
	}
	if err := u.enrol(ctx, s); err != nil {
		return err
	}
	if s.Cards["ready"] > 0 && u.dry == 0 {
		return nil
	}
	return u.refill(ctx, s)
}

// enrol sees to it that there are accounts.
func (u *user) enrol(ctx context.Context, s status) error {
	if len(s.Banks) == 0 || !s.Banks[0].Ready {
		if err := u.open(ctx); err != nil {
			return err
		}
	}
	if len(s.TSM) > 0 && s.TSM[0].Ready {
		return nil
	}
	err := u.register(ctx)
	if err == nil {
		u.spent, u.dry = false, 0
	}
	return err
}

// refill gets cards and tokens, and gives up what was left of tokens that were used.
func (u *user) refill(ctx context.Context, s status) error {
	for _, t := range s.Tokens {
		if t.State == "used" {
			if err := u.phone.closeToken(ctx, t.Slot); err != nil {
				return err
			}
		}
	}
	return u.phone.refill(ctx, 1+u.dice.IntN(cards))
}

// openFirst opens the wallet where there is none.
func (u *user) openFirst(ctx context.Context, status error) error {
	if err := u.open(ctx); err != nil {
		return fmt.Errorf("%w; then %w", status, err)
	}
	return nil
}

func (u *user) open(ctx context.Context) error {
	u.log.begin(string(Bank))
	err := u.phone.open(ctx)
	if err == nil {
		u.log.pass(string(Bank))
	}
	return err
}

func (u *user) register(ctx context.Context) error {
	u.log.begin(string(Bank), string(TSM))
	err := u.phone.register(ctx)
	if err == nil {
		u.log.count(func(t *Tally) { t.Registrations++ })
		u.log.pass(string(Bank))
	}
	return err
}

// order gives an order to the terminal, unless the storm is over. That it is refused is no error.
func (u *user) order(ctx context.Context, o order) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	u.log.begin(string(TSM), u.till.name)
	e, err := u.r.carryOut(ctx, o)
	if err != nil {
		u.r = nil
		return err
	}
	var receipt struct {
		Kind   string `json:"kind"`
		Result string `json:"outcome"`
		RRN    string `json:"rrn"`
	}
	if len(e.Receipt) > 0 {
		if err := json.Unmarshal(e.Receipt, &receipt); err != nil {
			return err
		}
	}
	switch {
	case e.Kind == "error" && o.Act == "pay":
		if strings.Contains(e.Error, kernel.ErrNoToken.Error()) {
			u.dry++
			u.spent = u.spent || u.dry > 1 // what an account may yet spend is no token's worth
		}
		return errors.New(e.Error)
	case o.Act != "pay", receipt.Kind != "payment":
	case receipt.Result == "approved" && receipt.RRN == "": // by token: it can't be given back
		u.dry = 0
	case receipt.Result == "approved":
		u.paid = receipt.RRN
	default:
		u.spent = true
	}
	return nil
}
