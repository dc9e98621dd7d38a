package terminal

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/terminal/journal"
)

// Day is a day that was closed.
type Day struct {
	Time     time.Time       `json:"time"` // when it was closed
	Merchant string          `json:"merchant"`
	Terminal string          `json:"terminal"`
	STAN     uint32          `json:"stan"`
	Sent     acquirer.Stamp  `json:"sent"`
	Currency string          `json:"currency"`
	Balanced bool            `json:"balanced"` // the TSM's totals are the terminal's
	Totals   acquirer.Totals `json:"totals"`   // the terminal's
	TSM      acquirer.Totals `json:"tsm"`
}

// CloseDay finishes what is open, tells the TSM of completed payments of which it hasn't heard, and
// closes the day. A day that is out of balance is closed as well; see [Day.Balanced]. With
// [ErrUnanswered] it may be closed and is asked for again; with any other error it is open.
func (p *POS) CloseDay(ctx context.Context) (Day, error) {
	done, err := p.Recover(ctx)
	if err != nil {
		return Day{}, err
	}
	if done.Day != nil {
		return *done.Day, nil // this is the close that was asked for
	}
	if _, err := p.Advise(ctx); err != nil {
		return Day{}, fmt.Errorf("closing the day: %w", err)
	}
	now := p.config.Now()
	c, err := p.config.Journal.BeginClose(func(stan uint32) journal.Closing {
		return journal.Closing{
			Key: p.key(stan, acquirer.NewStamp(now)), Date: now.Format("0102"),
			Currency: p.config.Currency,
		}
	})
	if err != nil {
		return Day{}, fmt.Errorf("closing the day: %w", err)
	}
	return p.askClose(ctx, c, true)
}

// askClose asks the TSM for the close that the journal has, and ends it there.
func (p *POS) askClose(ctx context.Context, c journal.Closing, first bool) (Day, error) {
	answer, err := p.config.Acquirer.Reconcile(ctx, acquirer.ReconcileRequest{
		Key: c.Key, Date: c.Date, Currency: c.Currency, Totals: c.Totals,
	})
	if err == nil && answer.Code.Uncertain() {
		err = fmt.Errorf("the TSM answers %s (%s)", string(answer.Code), answer.Code)
	}
	if err != nil {
		if first && acquirer.NothingBooked(err) && p.config.Journal.EndClose(false) == nil {
			return Day{}, err
		}
		return Day{}, fmt.Errorf("closing the day: %w: %w", ErrUnanswered, err)
	}
	if !answer.Closed() {
		err := fmt.Errorf("%w: it answers %s (%s)", ErrNotClosed, string(answer.Code), answer.Code)
		return Day{}, oneLine(p.config.Journal.EndClose(false), err)
	}
	day := Day{
		Time: p.config.Now(), Merchant: c.Key.Merchant.String(), Terminal: c.Key.Terminal.String(),
		STAN: c.Key.STAN, Sent: c.Key.Sent, Currency: c.Currency.Code(),
		Balanced: answer.Code.Approved(), Totals: c.Totals, TSM: answer.Totals,
	}
	raw, err := json.Marshal(day)
	if err != nil {
		return day, fmt.Errorf("closing the day: %w: %w", ErrUnanswered, err)
	}
	name := fmt.Sprintf("%s%s-%06d", dayPrefix, c.Key.Sent, c.Key.STAN)
	if err := p.config.Archive.Save(name, append(raw, '\n')); err != nil {
		return day, fmt.Errorf("closing the day: %w: %w", ErrUnanswered, err)
	}
	if err := p.config.Journal.EndClose(true); err != nil {
		return day, fmt.Errorf("closing the day: %w: %w", ErrUnanswered, err)
	}
	p.config.Log.Info().Uint32("stan", day.STAN).Bool("balanced", day.Balanced).Msg("day closed")
	return day, nil
}

// Days returns all closed days that are kept, in the order of their names.
func (p *POS) Days() ([]Day, error) {
	names, err := p.config.Archive.Names()
	if err != nil {
		return nil, fmt.Errorf("reading closed days: %w", err)
	}
	var days []Day
	for _, name := range names {
		if !strings.HasPrefix(name, dayPrefix) {
			continue
		}
		raw, err := p.config.Archive.Load(name)
		if err != nil {
			return nil, fmt.Errorf("reading closed days: %w", err)
		}
		var d Day
		if err := json.Unmarshal(raw, &d); err != nil {
			return nil, fmt.Errorf("reading closed days: %s: %w", name, err)
		}
		days = append(days, d)
	}
	return days, nil
}

// Advise tells the TSM of completed payments of which it hasn't heard, and returns of how many.
// What it answers ends the advice: a completed payment stands in any case.
func (p *POS) Advise(ctx context.Context) (int, error) {
	told := 0
	for _, a := range p.config.Journal.Advices() {
		stan, err := p.config.Journal.NextSTAN()
		if err != nil {
			return told, err
		}
		k := a.Key
		k.STAN, k.Sent = stan, acquirer.NewStamp(p.config.Now())
		answer, err := p.config.Acquirer.Advise(ctx, acquirer.AdviceRequest{
			Key: k, Original: a.Key, RRN: a.RRN, Amount: a.Amount, Completion: a.Completion,
		})
		if err == nil && answer.Code.Uncertain() {
			err = fmt.Errorf("the TSM answers %s (%s)", string(answer.Code), answer.Code)
		}
		if err != nil {
			return told, fmt.Errorf("telling of a completed payment: %w", err)
		}
		if !answer.Code.Approved() {
			p.config.Log.Warn().Uint32("stan", stan).Str("code", string(answer.Code)).
				Msg("advice isn't taken")
		}
		if err := p.config.Journal.Advised(a.Key); err != nil {
			return told, err
		}
		told++
	}
	return told, nil
}

// Manage signs on, signs off, or asks whether the TSM is there.
func (p *POS) Manage(ctx context.Context, n acquirer.Network) error {
	if p.config.Manage == nil {
		return nil
	}
	stan, err := p.config.Journal.NextSTAN()
	if err != nil {
		return err
	}
	return p.config.Manage(ctx, p.key(stan, acquirer.NewStamp(p.config.Now())), n)
}

// String returns the day as it is printed, in lines of 40 columns.
func (d Day) String() string {
	var b strings.Builder
	row := func(name, value string) {
		fmt.Fprintf(&b, "%-12s%*s\n", name, receiptWidth-12, value)
	}
	row("MERCHANT", d.Merchant)
	row("TERMINAL", d.Terminal)
	row("CLOSED", d.Time.Format("2006-01-02 15:04:05"))
	row("STAN", fmt.Sprintf("%06d", d.STAN))
	d.writeTotals(&b, "", d.Totals)
	b.WriteString(strings.Repeat("-", receiptWidth) + "\n")
	if d.Balanced {
		b.WriteString("IN BALANCE\n")
		return b.String()
	}
	b.WriteString("OUT OF BALANCE: the TSM has\n")
	d.writeTotals(&b, "", d.TSM)
	return b.String()
}

func (d Day) writeTotals(b *strings.Builder, indent string, t acquirer.Totals) {
	for _, row := range []struct {
		name  string
		count string
		minor int64
	}{
		{"PAYMENTS", fmt.Sprint(t.Payments.Count), t.Payments.Minor},
		{"REVERSALS", fmt.Sprint(t.Reversals.Count), -t.Reversals.Minor},
		{"REFUNDS", fmt.Sprint(t.Refunds.Count), -t.Refunds.Minor},
		{"NET", "", t.Net()},
	} {
		fmt.Fprintf(b, "%s%-12s%6s%*s\n", indent, row.name, row.count, receiptWidth-18,
			signed(row.minor, d.Currency))
	}
}

// signed writes minor units, which may be less than nothing.
func signed(minor int64, code string) string {
	currency, err := money.ParseCurrency(code)
	if err != nil {
		return fmt.Sprint(minor)
	}
	return money.Signed(minor, currency)
}
