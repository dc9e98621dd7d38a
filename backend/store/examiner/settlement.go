package examiner

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// lot is the size of a lot in minor units.
const lot = 1000

// draw names what a TSM draws from a bank in a slot.
type draw struct {
	tsm, bank string
	slot      uint32
}

// readDraws reads what the bank has paid out to TSMs, and what they have paid back.
func (b *bank) readDraws(ctx context.Context, db *sql.DB) error {
	b.draws, b.drawn, b.repaid = map[draw]int64{}, map[string]int64{}, map[string]int64{}
	err := each(ctx, db, `SELECT draw, lots FROM draws`, func(scan func(...any) error) error {
		var raw []byte
		var lots int64
		if err := scan(&raw, &lots); err != nil {
			return err
		}
		m, err := message.Decode[message.Draw](wire.SigDraw, raw)
		if err != nil {
			return fmt.Errorf("a draw: %w", err)
		}
		b.draws[draw{m.TSM.String(), m.Bank.String(), m.Slot}] = lots * lot
		b.drawn[m.TSM.String()] += lots * lot
		return nil
	})
	if err != nil {
		return err
	}
	return each(ctx, db, `SELECT batch FROM returns`, func(scan func(...any) error) error {
		m, err := scanReturn(scan)
		b.repaid[m.TSM.String()] += int64(m.Repaid) //nolint:gosec // below money.MaxMinor
		return err
	})
}

// readSettlement reads what the TSM has drawn, paid back and paid out.
func (t *tsm) readSettlement(ctx context.Context, db *sql.DB) error {
	t.draws, t.drawn, t.repaid = map[draw]int64{}, map[string]int64{}, map[string]int64{}
	t.paidOut = map[string]int64{}
	err := each(ctx, db, `SELECT draw, receipt IS NOT NULL FROM draws`,
		func(scan func(...any) error) error {
			var raw []byte
			var booked bool
			if err := scan(&raw, &booked); err != nil {
				return err
			}
			m, err := message.Decode[message.Draw](wire.SigDraw, raw)
			if err != nil {
				return fmt.Errorf("a draw: %w", err)
			}
			minor := int64(m.Lots) * lot
			t.draws[draw{m.TSM.String(), m.Bank.String(), m.Slot}] = minor
			if booked {
				t.drawn[m.Bank.String()] += minor
			}
			return nil
		})
	if err != nil {
		return err
	}
	err = each(ctx, db, `SELECT batch FROM returns`, func(scan func(...any) error) error {
		m, err := scanReturn(scan)
		t.repaid[m.Bank.String()] += int64(m.Repaid) //nolint:gosec // below money.MaxMinor
		return err
	})
	if err != nil {
		return err
	}
	return each(ctx, db, `SELECT merchant, amount FROM payouts`,
		func(scan func(...any) error) error {
			var merchant string
			var minor int64
			err := scan(&merchant, &minor)
			t.paidOut[merchant] += minor
			return err
		})
}

func scanReturn(scan func(...any) error) (message.Return, error) {
	var raw []byte
	if err := scan(&raw); err != nil {
		return message.Return{}, err
	}
	m, err := message.Decode[message.Return](wire.SigReturn, raw)
	if err != nil {
		return m, fmt.Errorf("a batch of remainders: %w", err)
	}
	return m, nil
}

// cash is what the TSM must have: drawn, and neither paid back nor paid out.
func (t *tsm) cash() (minor int64) {
	for _, drawn := range t.drawn {
		minor += drawn
	}
	for _, repaid := range t.repaid {
		minor -= repaid
	}
	for _, paid := range t.paidOut {
		minor -= paid
	}
	return minor
}

// compareDraws holds what a bank has paid out against what the TSM has asked for.
func compareDraws(r *Report, b bank, services []tsm) {
	for d, minor := range b.draws {
		t := serviceNamed(services, d.tsm)
		if t == nil {
			continue
		}
		if asked, ok := t.draws[d]; !ok || asked != minor {
			r.find(b.party+" and "+t.party, "%d were drawn in slot %s, and %d asked for", minor,
				strconv.Itoa(int(d.slot)), asked)
		}
	}
}
