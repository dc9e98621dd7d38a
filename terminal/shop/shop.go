package shop

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tapbench/backend/acquirer"
	"tapbench/pcsc"
	"tapbench/terminal"
	"tapbench/terminal/kernel"
)

// endTime bounds what a shop still does after it was told to end.
const endTime = 10 * time.Second

// Shop is a terminal at work.
type Shop struct {
	// CloseAtEnd has Run close the day when it ends.
	CloseAtEnd bool

	pos     *terminal.POS
	show    func(Event)
	online  bool
	offline terminal.OfflineMode // when payments are taken without the TSM; "": never
	tapped  bool                 // a card was there since the payment began
	// restored was shown: what an earlier run has taken without a receipt.
	restored bool
}

// Input is an order, or why a line is none.
type Input struct {
	Order Order
	Err   error
}

// Open opens the terminal. It sends nothing. What show is told it is told while a method runs.
func Open(c terminal.Config, show func(Event)) (*Shop, error) {
	s := &Shop{show: show, online: true}
	if c.Offline != nil {
		s.offline = c.Offline.Mode
	}
	cards, observe := c.Cards, c.Observe
	if cards != nil {
		c.Cards = terminal.CardSourceFunc(func(ctx context.Context) (pcsc.Card, error) {
			card, err := cards.WaitCard(ctx)
			if err == nil {
				s.tapped = true
				show(Event{Kind: Hold})
			}
			return card, err
		})
	}
	c.Observe = func(step kernel.Step) {
		if observe != nil {
			observe(step)
		}
		if (step.Name == kernel.StepCompletion || step.Name == kernel.StepReceipt) && s.tapped {
			s.tapped = false
			show(Event{Kind: Remove})
		}
	}
	var err error
	s.pos, err = terminal.Open(c)
	return s, err
}

// POS returns the terminal.
func (s *Shop) POS() *terminal.POS { return s.pos }

// Turn carries out one order and shows what comes of it; the last event is returned too, with the
// error that it holds. A decline is no error.
func (s *Shop) Turn(ctx context.Context, o Order) (Event, error) {
	done, err := s.finishOpen(ctx, o)
	if err != nil {
		return s.fail(err)
	}
	if e, ok := answered(o, done); ok {
		return e, nil
	}
	switch o.Act {
	case Pay:
		return s.pay(ctx, o)
	case Refund:
		return s.receipt(s.pos.Refund(ctx, o.RRN, o.Amount))
	case Void:
		r, err := s.pos.Void(ctx)
		if err != nil {
			return s.fail(err)
		}
		return s.tell(Event{Kind: Result, Receipt: &r, Voided: true}), nil
	case Close:
		day, err := s.pos.CloseDay(ctx)
		if err != nil {
			return s.fail(err)
		}
		return s.tell(Event{Kind: Closed, Day: &day}), nil
	case Echo:
		if err := s.pos.Manage(ctx, acquirer.NetworkEcho); err != nil {
			return s.fail(err)
		}
		return s.tell(Event{Kind: Online}), nil
	case Quit:
		return Event{}, nil
	default:
		return s.fail(fmt.Errorf("%w: %.32q", ErrOrder, string(o.Act)))
	}
}

// answered returns what is already known of an order, because it was asked for before.
func answered(o Order, done terminal.Recovered) (Event, bool) {
	switch {
	case o.Act == Close && done.Day != nil:
		return Event{Kind: Closed, Day: done.Day}, true
	case o.Act == Refund && done.Refund != nil && done.Refund.Answers(o.RRN, o.Amount):
		return Event{Kind: Result, Receipt: done.Refund}, true
	default:
		return Event{}, false
	}
}

func (s *Shop) tell(e Event) Event {
	s.show(e)
	return e
}

func (s *Shop) fail(err error) (Event, error) { return s.tell(failed(Failed, err)), err }

func (s *Shop) receipt(r terminal.Receipt, err error) (Event, error) {
	if err != nil {
		e := failed(Failed, err)
		if r.STAN != 0 {
			e.Receipt = &r
		}
		return s.tell(e), err
	}
	return s.tell(Event{Kind: Result, Receipt: &r}), nil
}

func (s *Shop) pay(ctx context.Context, o Order) (Event, error) {
	s.tapped = false
	s.show(Event{Kind: Tap, Amount: o.Amount})
	r, err := s.pos.Pay(ctx, o.Amount)
	if s.tapped { // it ended before card and terminal were done
		s.tapped = false
		s.show(Event{Kind: Remove})
	}
	e, err := s.receipt(r, err)
	if err == nil && r.Approved() && r.Offline == nil {
		// The customer is served: what the TSM hears now can wait for the next time.
		_, telling := s.pos.Advise(ctx)
		s.line(telling)
	}
	return e, err
}

// showRestored shows, once, the receipt that an earlier run couldn't give.
func (s *Shop) showRestored() {
	if r := s.pos.Restored(); r != nil && !s.restored {
		s.restored = true
		s.show(Event{Kind: Recovered, Receipt: r})
	}
}

// finishOpen finishes what is open, before an order. For a payment that is taken offline it can
// wait until the TSM is there.
func (s *Shop) finishOpen(ctx context.Context, o Order) (terminal.Recovered, error) {
	if o.Act == Pay && s.offline == terminal.OfflineOnly {
		s.showRestored()
		return terminal.Recovered{}, nil
	}
	done, err := s.recover(ctx)
	if o.Act == Pay && s.offline == terminal.OfflineAuto {
		err = nil
	}
	return done, err
}

// recover finishes what was left open, and shows it.
func (s *Shop) recover(ctx context.Context) (terminal.Recovered, error) {
	s.showRestored()
	done, err := s.pos.Recover(ctx)
	if done != (terminal.Recovered{}) {
		s.show(Event{
			Kind: Recovered, Reversed: done.Reversed, Receipt: done.Refund, Day: done.Day,
		})
	}
	return done, err
}

// line shows whether the TSM is there, when that has changed.
func (s *Shop) line(err error) {
	switch {
	case err == nil && !s.online:
		s.show(Event{Kind: Online})
	case err != nil && s.online && !errors.Is(err, context.Canceled):
		s.show(failed(Offline, err))
	}
	s.online = err == nil
}

// Run signs on, finishes what was left open, and carries out orders until there are no more, one of
// them is to quit, or ctx is done; then it closes the day, if it is to, and signs off. On each tick
// it looks after the line. Orders that fail are shown and don't end it; terminal.ErrUnrecorded
// does.
func (s *Shop) Run(ctx context.Context, in <-chan Input, tick <-chan time.Time) error {
	s.idle(ctx, acquirer.NetworkSignOn)
	for ctx.Err() == nil {
		s.show(Event{Kind: Ready})
		more, err := s.next(ctx, in, tick)
		if err != nil {
			return err
		}
		if !more {
			break
		}
	}
	return s.end(ctx)
}

// next waits for one order and carries it out. It returns false when it was the last one.
func (s *Shop) next(
	ctx context.Context, in <-chan Input, tick <-chan time.Time,
) (more bool, err error) {
	for {
		select {
		case <-ctx.Done():
			return false, nil
		case <-tick:
			s.idle(ctx, acquirer.NetworkEcho)
		case i, ok := <-in:
			if !ok || i.Err == nil && i.Order.Act == Quit {
				return false, nil
			}
			err := s.take(ctx, i)
			return err == nil, err
		}
	}
}

// take carries out an order. Errors are shown; the one that it returns ends the shop.
func (s *Shop) take(ctx context.Context, i Input) error {
	if i.Err != nil {
		s.tell(failed(Failed, i.Err))
	} else if _, err := s.Turn(ctx, i.Order); errors.Is(err, terminal.ErrUnrecorded) {
		return err
	}
	return nil
}

// idle finishes what is open, tells the TSM what it hasn't heard, and asks whether it is there.
func (s *Shop) idle(ctx context.Context, n acquirer.Network) {
	_, err := s.recover(ctx)
	if err == nil {
		_, err = s.pos.Advise(ctx)
	}
	if err == nil {
		err = s.pos.Manage(ctx, n)
	}
	s.line(err)
}

// end closes the day and signs off. It goes on when ctx is done.
func (s *Shop) end(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endTime)
	defer cancel()
	if s.CloseAtEnd {
		if _, err := s.Turn(ctx, Order{Act: Close}); err != nil {
			return err
		}
	}
	if s.online {
		s.line(s.pos.Manage(ctx, acquirer.NetworkSignOff))
	}
	return nil
}
