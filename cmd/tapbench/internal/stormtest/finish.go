package stormtest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
)

// finish lets everybody end what is open, and ends all processes as they are meant to be ended.
func (s *storm) finish(ctx context.Context) error {
	for i, t := range s.tills {
		if err := s.settle(ctx, s.phones[i]); err != nil {
			return fmt.Errorf("after the storm: %w", err)
		}
		if err := t.close(ctx); err != nil {
			return fmt.Errorf("after the storm: %s: %w", t.name, err)
		}
		if err := t.claim(ctx); err != nil {
			s.log.fault("%s: claiming: %v", t.name, err)
		}
	}
	for _, p := range s.phones {
		p.stop()
	}
	return errors.Join(s.tsm.stop(), s.bank.stop())
}

// settle goes on with a registration that waits for its answer.
func (s *storm) settle(ctx context.Context, p *phone) error {
	status, err := p.status(ctx)
	if err != nil {
		return err
	}
	for _, account := range status.TSM {
		if account.Ready {
			continue
		}
		if err := p.register(ctx); err != nil {
			s.log.fault("wallet %d: %v", p.n, err)
		}
	}
	return nil
}

// close closes a terminal's day, has it quit, and looks whether it has left anything open.
func (t *till) close(ctx context.Context) error {
	r := t.current()
	if _, err := r.await(ctx); err != nil {
		return err
	}
	e, err := r.carryOut(ctx, order{Act: "close"})
	if err != nil {
		return err
	}
	if e.Day == nil {
		t.log.fault("%s: the day isn't closed: %s", t.name, e.Error)
	}
	if _, err := r.carryOut(ctx, order{Act: "quit"}); !errors.Is(err, errGone) {
		return fmt.Errorf("quitting: %w", err)
	}
	<-r.done
	if code := r.cmd.ProcessState.ExitCode(); code != 0 {
		t.log.fault("%s: exit code %d", t.name, code)
	}
	return t.look(ctx)
}

// look reads what the terminal says is open.
func (t *till) look(ctx context.Context) error {
	raw, err := t.command(ctx, nil, "terminal", "status", "--json", "--folder", t.folder,
		"--keys", filepath.Join(t.keys, "merchant"))
	if err != nil {
		return err
	}
	var left struct {
		Pending []string `json:"pending"`
		Advices int      `json:"advices"`
		Refund  bool     `json:"refundUnanswered"`
		Closing bool     `json:"closeUnanswered"`

		Receipts []slip `json:"receipts"`
		Days     []day  `json:"days"` // those that a kill has kept it from telling, too
	}
	if err := json.Unmarshal(raw, &left); err != nil {
		return err
	}
	if len(left.Pending) > 0 || left.Advices > 0 || left.Refund || left.Closing {
		t.log.fault("%s: open after the day was closed: %s", t.name, raw)
	}
	for _, d := range left.Days {
		if !d.Balanced {
			t.log.fault("%s: a day is out of balance", t.name)
		}
	}
	t.compare(left.Receipts)
	return nil
}

// slip is what of a receipt an order is known by.
type slip struct {
	Kind     string `json:"kind"`
	Result   string `json:"outcome"`
	Reversed bool   `json:"reversed"`
	Amount   string `json:"amount"`
}

// compare looks for orders that were paid more than once. Which receipts are booked is the
// examiner's question.
func (t *till) compare(receipts []slip) {
	paid := map[string]int{}
	for _, s := range receipts {
		if s.Kind == "payment" && s.Result == "approved" && !s.Reversed {
			paid[s.Amount]++
		}
	}
	for amount, n := range paid {
		if ordered := t.ordered[amount]; n > ordered {
			t.log.fault("%s: %d payments of %s stand, %d were ordered", t.name, n, amount, ordered)
		}
	}
}
