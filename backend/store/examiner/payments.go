package examiner

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strconv"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// readPayments holds payments against cards, reversals and movements, and adds to owed what they
// say of accounts and merchants.
func (t *tsm) readPayments(
	ctx context.Context, db *sql.DB, r *Report, owed map[string]int64,
) error {
	moved := map[string]int{}
	for _, m := range t.books.movements {
		if m.reason == "payment" || m.reason == "reversal" || m.reason == "refund" {
			moved[key(m)]++
		}
	}
	taps := map[string]int{}
	refunds, err := t.readRefunds(ctx, db)
	if err != nil {
		return err
	}
	t.payments = map[string]payment{}
	const query = `SELECT p.payment, p.pan, p.merchant, p.amount, coalesce(c.tid, x''),
		coalesce(c.put, x''), v.payment IS NOT NULL
		FROM payments p LEFT JOIN cards c ON c.pan = p.pan
		LEFT JOIN reversals v ON v.payment = p.payment`
	err = each(ctx, db, query, func(scan func(...any) error) error {
		var id, pan, tid, put []byte
		var merchant string
		var minor int64
		var reversed bool
		if err := scan(&id, &pan, &merchant, &minor, &tid, &put, &reversed); err != nil {
			return err
		}
		name := "payment " + hex.EncodeToString(id[:min(4, len(id))])
		account, shop := "account/"+hex.EncodeToString(tid), "merchant/"+merchant
		taps[string(pan)]++
		t.checkCard(r, name, put, minor, taps[string(pan)])
		t.payments[string(id)] = payment{merchant, minor, reversed}
		var back int64
		for _, m := range refunds[string(id)] {
			moved[key(movement{shop, account, "refund", m})]--
			back += m
		}
		if back > minor || back > 0 && reversed {
			r.find(t.party, "%s of %d was taken back and %d refunded", name, minor, back)
		}
		owed[account] += back
		owed[shop] -= back
		delete(refunds, string(id))
		moved[key(movement{account, shop, "payment", minor})]--
		owed[account] -= minor
		owed[shop] += minor
		t.standing++
		if reversed {
			moved[key(movement{shop, account, "reversal", minor})]--
			owed[account] += minor
			owed[shop] -= minor
			t.standing--
			t.reversed++
		}
		return nil
	})
	for id := range refunds {
		r.find(t.party, "a refund is of payment %x, which isn't there", id[:min(4, len(id))])
	}
	for what, n := range moved {
		if n != 0 {
			r.find(t.party, "movements and rows differ by %d: %s", n, what)
		}
	}
	return err
}

// readRefunds returns what was refunded, by payment.
func (t *tsm) readRefunds(ctx context.Context, db *sql.DB) (map[string][]int64, error) {
	refunds := map[string][]int64{}
	t.refunds = map[string]int64{}
	return refunds, each(ctx, db, `SELECT refund, payment, amount FROM refunds`,
		func(scan func(...any) error) error {
			var name, id []byte
			var minor int64
			err := scan(&name, &id, &minor)
			refunds[string(id)] = append(refunds[string(id)], minor)
			t.refunds[string(name)] = minor
			return err
		})
}

// payment is a payment that the TSM has booked.
type payment struct {
	merchant string
	minor    int64
	reversed bool
}

// key names a movement without its identity.
func key(m movement) string {
	return m.reason + " of " + strconv.FormatInt(m.minor, 10) + " from " + m.debit + " to " + m.credit
}

// checkCard holds a payment against its card; nth says the how manieth of that card it is.
func (t *tsm) checkCard(r *Report, name string, put []byte, minor int64, nth int) {
	card, err := message.Decode[message.CardPut](wire.MsgCardPut, put)
	if err != nil {
		r.find(t.party, "%s has no card", name)
		return
	}
	limit, err := strconv.ParseInt(hex.EncodeToString(card.Class.Limit[:]), 10, 64)
	if err != nil || minor > limit {
		r.find(t.party, "%s of %d is above the card's limit", name, minor)
	}
	if nth > 1 {
		r.find(t.party, "%s is the card's %d., and the card is for one", name, nth)
	}
}
