package general

import (
	"context"
	"time"

	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// restrict are the processing restrictions (EMV 4.3 Book 3, 10.4).
func (t *transaction) restrict(context.Context) error {
	asked := rules.Asked{
		Version: t.version(), Country: t.config.Terminal.Country, ATM: t.config.Terminal.atm(),
		Service: t.service(), Cashback: t.Cashback > 0, Date: t.now,
	}
	t.out.Trail.Restrictions = &outcome.RestrictionsTrail{Card: t.data.Offered, Terminal: asked}
	t.join(rules.Restrictions(t.data.Offered, asked), clause.Restrictions)
	return nil
}

// version is the one of the terminal's that the card has, or else the first.
func (t *transaction) version() [2]byte {
	if card := t.data.Offered.Version; card != nil {
		if len(t.application.Versions) == 0 {
			return *card
		}
		for _, v := range t.application.Versions {
			if v == *card {
				return v
			}
		}
	}
	return t.terminal.version
}

func (t *transaction) service() rules.Service {
	switch t.Type {
	case Cash:
		return rules.Cash
	case Goods, WithCashback:
		return rules.Goods
	case Refund:
		return rules.NoService
	default:
		return rules.NoService
	}
}

// after says whether a time is after a day, in its own zone.
func after(now time.Time, year, month, day int) bool {
	return !now.Before(time.Date(year, time.Month(month), day+1, 0, 0, 0, 0, now.Location()))
}
