package wallet_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/acquirer"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
	"tapbench/wallet"
	"tapbench/wallet/plan"
	"tapbench/wallet/wallettest"
)

// years is a phone with accounts at two banks and a clock that goes only when it is told.
type years struct {
	*shop
	second   *wallettest.SecondBank
	now      time.Time
	since    time.Time // when the phone was looked at before
	policy   plan.Policy
	schedule plan.Schedule
	// registered are the instants at which TSM accounts were registered, renewed those at which bank
	// account IDs were.
	registered, renewed []time.Time
	returned            int // accounts that have gone back
}

const eachDeposit, eachLimit = 100000, 10000

func newYears(t *testing.T) *years {
	t.Helper()
	y := &years{shop: &shop{System: wallettest.New(t)}, policy: plan.DefaultPolicy()}
	y.now = message.EpochAt(time.Now()).End().Add(36 * time.Hour)
	y.Now = func() time.Time { return y.now }
	y.second = y.AddBank(t)
	y.wallet = y.NewWallet(t)
	for _, line := range []*wallettest.Server{y.BankFor(message.PartyID{}), y.second.Line} {
		check(t, y.wallet.Open(t.Context(), wallet.OpenOptions{
			Bank: line, User: message.NewUserID("alice"), Deposit: eachDeposit, Limit: eachLimit,
			Release: y.Release(),
		}))
	}
	var err error
	y.schedule, err = y.wallet.Schedule()
	check(t, err)
	return y
}

func (y *years) servers() wallet.Servers {
	return wallet.Servers{TSM: y.TSMServer(), Bank: func(name string) (wallet.Caller, error) {
		if name == y.second.ID.String() {
			return y.second.Line, nil
		}
		return y.BankFor(message.PartyID{}), nil
	}}
}

// keep lets the time pass, with the phone in its pocket: wallet run.
func (y *years) keep(t *testing.T, until time.Time) {
	t.Helper()
	for {
		o, err := y.wallet.Outlook(t.Context())
		check(t, err)
		o.Since = y.since
		step, ok := firstStep(plan.Next(o, y.policy, y.schedule))
		if !ok || step.At.After(until) {
			y.now = until
			return
		}
		y.since = y.now
		if step.At.After(y.now) {
			y.now = step.At
			continue // and look again: it may be another one by then
		}
		if _, err := y.wallet.Carry(t.Context(), y.servers(), step, y.policy); err != nil {
			t.Fatalf("%s: %v", step.Act, err)
		}
		switch step.Act {
		case plan.Register:
			y.registered = append(y.registered, step.At)
		case plan.Renew:
			y.renewed = append(y.renewed, step.At)
		default:
		}
	}
}

func firstStep(steps []plan.Step) (plan.Step, bool) {
	for _, step := range steps {
		if step.Act != plan.Tell {
			return step, true
		}
	}
	return plan.Step{}, false
}

// sums are all books of all parties, by the kind of account.
func (y *years) sums(t *testing.T) map[string]int64 {
	t.Helper()
	out := make(map[string]int64)
	for party, db := range map[string]store.Store{
		"bank ": y.BankDB, "bank": y.second.DB, "TSM ": y.TSMDB,
	} {
		check(t, db.View(context.Background(), func(tx store.Tx) error {
			if err := ledger.Audit(context.Background(), tx); err != nil {
				return err
			}
			accounts, err := tx.Accounts(context.Background())
			for _, a := range accounts {
				kind, _, _ := strings.Cut(string(a.ID), "/")
				out[strings.TrimSpace(party)+" "+kind] += a.Balance()
			}
			return err
		}))
	}
	return out
}

// whole checks that nothing is lost, whatever has happened.
func (y *years) whole(t *testing.T) {
	t.Helper()
	sums := y.sums(t)
	if got := sums["bank customer"] + sums["TSM account"] + sums["TSM merchant"]; got != 2*eachDeposit {
		t.Errorf("customers, accounts and merchants have %d together: %v", got, sums)
	}
	if sums["bank escrow"] != sums["TSM escrow"] {
		t.Errorf("the banks hold %d, the TSM claims %d", sums["bank escrow"], sums["TSM escrow"])
	}
}

// goBack has the TSM return what is due.
func (y *years) goBack(t *testing.T) {
	t.Helper()
	batches, err := y.TSM.Return(t.Context())
	check(t, err)
	for _, b := range batches {
		check(t, b.Err)
		y.returned += b.Count
		if !settlement.Due(b.Epoch, y.now) {
			t.Errorf("epoch %d went back at %v", b.Epoch, y.now)
		}
	}
	again, err := y.TSM.Return(t.Context())
	if err != nil || len(again) > 0 {
		t.Errorf("again: %v, %v", again, err)
	}
}

// TestYears lives through a dozen epochs without the user: bank account IDs are renewed, TSM
// accounts registered ahead of need, the second bank's goes on where the first one's is used up,
// slots are used again, and what is left goes back.
func TestYears(t *testing.T) {
	y := newYears(t)
	const epochs = 12
	paid := int64(0)
	for range epochs {
		start := message.EpochAt(y.now).End()
		y.keep(t, start.Add(36*time.Hour))
		for range 2 {
			amount := money.Must("EUR:19.00")
			q := y.tap(t, amount)
			y.authorise(t, q, acquirer.CodeApproved)
			paid += amount.Minor()
			y.keep(t, y.now.Add(20*time.Hour))
		}
		y.goBack(t)
		y.whole(t)
	}
	if got := y.paid(t); got != paid {
		t.Errorf("the merchant has %d, want %d", got, paid)
	}
	if y.returned < 4 || len(y.renewed) < 4 || len(y.registered) < 6 {
		t.Errorf("%d accounts went back, %d IDs renewed, %d accounts registered", y.returned,
			len(y.renewed), len(y.registered))
	}
	y.inWindows(t)
	y.bothPaid(t)
	status, err := y.wallet.Status(t.Context())
	check(t, err)
	t.Logf("%d accounts went back, %d IDs renewed, %d accounts registered; slots %v %v",
		y.returned, len(y.renewed), len(y.registered), status.Banks, status.TIDs)
}

// inWindows checks that what servers hear of lies in the windows that are common to all.
func (y *years) inWindows(t *testing.T) {
	t.Helper()
	for _, at := range append(y.registered, y.renewed...) {
		start := message.EpochAt(at).End().Add(-message.EpochLength)
		if at.Sub(start) >= y.policy.Window {
			t.Errorf("%v lies %v after the epoch's start", at, at.Sub(start))
		}
	}
}

// bothPaid checks that accounts of both banks have paid.
func (y *years) bothPaid(t *testing.T) {
	t.Helper()
	check(t, y.TSMDB.View(t.Context(), func(tx store.Tx) error {
		rows, err := tx.QueryContext(t.Context(), `SELECT runs.bank, count(*) FROM payments
			JOIN cards ON cards.pan = payments.pan JOIN runs ON runs.tid = cards.tid GROUP BY runs.bank`)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		banks := 0
		for rows.Next() {
			var name string
			var n int
			if err := rows.Scan(&name, &n); err != nil {
				return err
			}
			banks++
			t.Logf("%s: %d payments", name, n)
		}
		if banks != 2 {
			t.Errorf("accounts of %d banks have paid", banks)
		}
		return rows.Err()
	}))
}
