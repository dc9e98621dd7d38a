package moneytest

import (
	"errors"
	"fmt"
	"time"

	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/wallet"
)

// visit is how one card behaves at one terminal.
type visit struct {
	// tearAt is the element's write at which the power is cut in the first tap, from 1; 0: none.
	tearAt int
	after  bool // behind the write
	again  bool // the card comes back
}

// serve has a phone come to a terminal, for as long as the visit says.
func (t *till) serve(p *phone, v visit) {
	taps := 0
	t.card = func() (pcsc.Card, error) {
		taps++
		if taps > 1 && !v.again {
			return nil, fmt.Errorf("%w: the customer has left", errFault)
		}
		card := p.tap()
		if taps == 1 {
			p.tear(v.tearAt, v.after)
		} else {
			p.tear(0, false)
		}
		return card, nil
	}
}

// arm has a user agree to a tap.
func (p *phone) arm(cap int64, flags wire.ArmFlags) error {
	amount, err := money.New(cap, money.EUR)
	if err != nil {
		return err
	}
	w := p.connect()
	if err := w.Disarm(p.ctx); err != nil {
		return err
	}
	n12 := [wire.AmountLen]byte(amount.AppendN12(nil))
	err = w.Arm(p.ctx, n12, money.EUR.N3(), flags)
	if errors.Is(err, wallet.ErrExpired) {
		if err = p.newCards(); err == nil {
			err = w.Arm(p.ctx, n12, money.EUR.N3(), flags)
		}
	}
	return err
}

// refill withdraws tokens, and gets cards where there are none.
func (p *phone) refill(stock int) error {
	w := p.connect()
	if err := w.UseTokens(stock); err != nil {
		return err
	}
	_, err := w.RefillTokens(p.ctx, p.tsm)
	if err == nil {
		p.count("withdraw")
	}
	return err
}

func (p *phone) newCards() error {
	_, err := p.connect().Refill(p.ctx, p.tsm, cards)
	return err
}

// closeToken gives a token back.
func (p *phone) closeToken(slot byte) error {
	_, err := p.connect().CloseToken(p.ctx, p.tsm, slot)
	if err == nil {
		p.count("close token")
	}
	if errors.Is(err, wallet.ErrNoToken) {
		return nil
	}
	return err
}

// pay takes a payment, by token or by card.
func (t *till) pay(p *phone, mode terminal.OfflineMode, minor int64, v visit) error {
	amount, err := money.New(minor, money.EUR)
	if err != nil {
		return err
	}
	t.offline.Mode = mode
	t.serve(p, v)
	receipt, err := t.pos.Pay(t.ctx, amount)
	p.tear(0, false)
	return t.note(receipt, err)
}

// note writes down what a customer was told.
func (t *till) note(r terminal.Receipt, err error) error {
	switch {
	case err != nil || !r.Approved():
	case r.Offline == nil:
		t.count("paid online")
	default:
		t.count("paid offline")
		t.acked[r.Offline.Claim] = max(t.acked[r.Offline.Claim], r.Offline.To)
	}
	return err
}

// meter has a card pay by the tick.
func (t *till) meter(p *phone, units int64, unit int64, ticks int, v visit) error {
	most, err := money.New(units*unit, money.EUR)
	if err != nil {
		return err
	}
	price, err := money.New(unit, money.EUR)
	if err != nil {
		return err
	}
	t.offline.Mode = terminal.OfflineOnly
	t.serve(p, v)
	receipt, err := t.pos.Meter(t.ctx, terminal.Meter{
		Max: most, Unit: price, Next: ticking(&ticks),
		Ticked: func(int) { t.count("tick") },
	})
	p.tear(0, false)
	return t.note(receipt, err)
}

// settle brings claims to the TSM, with so many in a batch.
func (t *till) settle(size int) error {
	done, err := t.settler(size).Settle(t.ctx)
	for range done.Paid {
		t.count("claim paid")
	}
	for range done.Refused {
		t.count("claim refused")
	}
	return err
}

// closeDay closes the terminal's day, after which the merchant can be paid.
func (t *till) closeDay() error {
	if _, err := t.pos.Recover(t.ctx); err != nil {
		return err
	}
	_, err := t.pos.CloseDay(t.ctx)
	return err
}

// kill ends a terminal's process between two acts.
func (t *till) kill() error {
	t.count("kill")
	return t.reopen()
}

// resend sends a batch again that was sent before, as it was.
func (w *World) resend(n int) error {
	if len(w.sent) == 0 {
		return nil
	}
	w.count("batch again")
	_, err := w.payout(w.ctx, w.sent[n%len(w.sent)])
	if problem := new(api.Problem); errors.As(err, &problem) {
		return nil
	}
	return err
}

// settleBanks does what is due between TSM, banks and merchants.
func (w *World) settleBanks() error {
	done, err := w.face.TSM.Settle(w.ctx)
	for range done.Reclaimed.Tokens {
		w.count("reclaimed token")
	}
	if err != nil {
		return err
	}
	return w.bugs.afterSettle(w.ctx, w)
}

// wait lets time pass.
func (w *World) wait(hours int) {
	w.now = w.now.Add(time.Duration(hours) * time.Hour)
	w.count("hours pass")
}
