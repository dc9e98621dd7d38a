package ledgertest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"tapbench/backend/ledger"
	"tapbench/backend/money"
)

// testRefusals has a row for every refusal of Execute, in the order in which the checks are made;
// each row fails all later checks too, as far as one transfer can.
func testRefusals(t *testing.T, books Books) {
	seed(t, books)
	good := reserve("refused", "EUR:1.00")
	change := func(f func(*ledger.Transfer)) ledger.Transfer {
		other := good
		f(&other)
		return other
	}
	tests := []struct {
		name     string
		transfer ledger.Transfer
		want     error
	}{
		{"no ID", ledger.Transfer{}, ledger.ErrMalformed},
		{"no debit account", change(func(x *ledger.Transfer) { x.Debit = "" }), ledger.ErrMalformed},
		{"bad credit account", change(func(x *ledger.Transfer) {
			x.Credit = "a b"
		}), ledger.ErrMalformed},
		{"long account", change(func(x *ledger.Transfer) {
			x.Credit = ledger.AccountID(strings.Repeat("a", 97))
		}), ledger.ErrMalformed},
		{"no reason", change(func(x *ledger.Transfer) { x.Reason = "" }), ledger.ErrMalformed},
		{"long reason", change(func(x *ledger.Transfer) {
			x.Reason = strings.Repeat("a", 33)
		}), ledger.ErrMalformed},
		{"no currency", change(func(x *ledger.Transfer) {
			x.Amount = money.Amount{}
		}), ledger.ErrMalformed},
		{"one account", change(func(x *ledger.Transfer) {
			x.Debit, x.Amount = x.Credit, money.Zero(money.EUR)
		}), ledger.ErrSameAccount},
		{"nothing", change(func(x *ledger.Transfer) {
			x.ID, x.Amount = deposit().ID, money.Zero(money.EUR)
		}), ledger.ErrZeroAmount},
		{"ID of another transfer", change(func(x *ledger.Transfer) {
			x.ID, x.Debit = deposit().ID, "nobody"
		}), ledger.ErrIDReused},
		{"no debited account", change(func(x *ledger.Transfer) {
			x.Debit, x.Credit = "nobody", "dollars"
		}), ledger.ErrNoAccount},
		{"no credited account", change(func(x *ledger.Transfer) {
			x.Debit, x.Credit = "dollars", "nobody"
		}), ledger.ErrNoAccount},
		{"debit in another currency", change(func(x *ledger.Transfer) {
			x.Debit = "dollars"
		}), ledger.ErrCurrency},
		{"credit in another currency", change(func(x *ledger.Transfer) {
			x.Credit, x.Amount = "dollars", money.Must("EUR:100.01")
		}), ledger.ErrCurrency},
		{"one cent more than available", change(func(x *ledger.Transfer) {
			x.Amount = money.Must("EUR:100.01")
		}), ledger.ErrInsufficient},
		{"one cent more than the asset", change(func(x *ledger.Transfer) {
			x.Debit, x.Credit, x.Amount = "loss", "cash", money.Must("EUR:100.01")
		}), ledger.ErrInsufficient},
		{"one cent more than the overdraft", change(func(x *ledger.Transfer) {
			x.Debit, x.Amount = "loss", money.Must("EUR:5.01")
		}), ledger.ErrInsufficient},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, pending := range []bool{true, false} {
				test.transfer.Pending = pending
				refuse(t, books, test.want, func(ctx context.Context, b ledger.Book) error {
					_, err := ledger.Execute(ctx, b, test.transfer)
					return err
				})
			}
		})
	}
	unknown := id("unknown")
	for name, act := range resolutions() {
		t.Run(name+" of no transfer", func(t *testing.T) {
			refuse(t, books, ledger.ErrNoTransfer, func(ctx context.Context, b ledger.Book) error {
				_, err := act(ctx, b, unknown)
				return err
			})
		})
	}
}

type resolution func(context.Context, ledger.Book, ledger.TransferID) (ledger.Record, error)

func resolutions() map[string]resolution {
	return map[string]resolution{"post": ledger.Post, "void": ledger.Void}
}

func testAccounts(t *testing.T, books Books) {
	good := ledger.Account{ID: "customer/anna", Kind: ledger.Liability, Currency: money.EUR}
	change := func(f func(*ledger.Account)) ledger.Account {
		other := good
		f(&other)
		return other
	}
	open := func(a ledger.Account) func(context.Context, ledger.Book) error {
		return func(ctx context.Context, b ledger.Book) error { return ledger.Open(ctx, b, a) }
	}
	malformed := map[string]ledger.Account{
		"no ID":              change(func(a *ledger.Account) { a.ID = "" }),
		"no kind":            change(func(a *ledger.Account) { a.Kind = 0 }),
		"unknown kind":       change(func(a *ledger.Account) { a.Kind = 6 }),
		"no currency":        change(func(a *ledger.Account) { a.Currency = 0 }),
		"negative overdraft": change(func(a *ledger.Account) { a.Overdraft = -1 }),
		"huge overdraft":     change(func(a *ledger.Account) { a.Overdraft = money.MaxMinor + 1 }),
	}
	for name, a := range malformed {
		t.Run(name, func(t *testing.T) { refuse(t, books, ledger.ErrMalformed, open(a)) })
	}
	update(t, books, open(good))
	differing := map[string]ledger.Account{
		"another kind":      change(func(a *ledger.Account) { a.Kind = ledger.Income }),
		"another currency":  change(func(a *ledger.Account) { a.Currency = money.USD }),
		"another overdraft": change(func(a *ledger.Account) { a.Overdraft = 1 }),
	}
	for name, a := range differing {
		t.Run(name, func(t *testing.T) { refuse(t, books, ledger.ErrAccountDiffers, open(a)) })
	}
	t.Run("again, and balances can't be brought along", func(t *testing.T) {
		update(t, books, open(change(func(a *ledger.Account) { a.CreditsPosted = 1 })))
		check(t, books, good.ID, 0, 0)
	})
}

func testPending(t *testing.T, books Books) {
	seed(t, books)
	execute := func(x ledger.Transfer) {
		t.Helper()
		update(t, books, func(ctx context.Context, b ledger.Book) error {
			_, err := ledger.Execute(ctx, b, x)
			return err
		})
	}
	resolve := func(act resolution, name string) {
		t.Helper()
		update(t, books, func(ctx context.Context, b ledger.Book) error {
			_, err := act(ctx, b, id(name))
			return err
		})
	}
	execute(reserve("first", "EUR:60.00"))
	check(t, books, "customer/anna", 10000, 4000)
	check(t, books, "escrow/tsm", 0, 0)
	refuse(t, books, ledger.ErrInsufficient, func(ctx context.Context, b ledger.Book) error {
		_, err := ledger.Execute(ctx, b, reserve("second", "EUR:40.01"))
		return err
	})
	execute(reserve("second", "EUR:40.00"))
	check(t, books, "customer/anna", 10000, 0)

	resolve(ledger.Void, "first")
	check(t, books, "customer/anna", 10000, 6000)
	resolve(ledger.Post, "second")
	check(t, books, "customer/anna", 6000, 6000)
	check(t, books, "escrow/tsm", 4000, 4000)

	refuse(t, books, ledger.ErrVoided, func(ctx context.Context, b ledger.Book) error {
		_, err := ledger.Post(ctx, b, id("first"))
		return err
	})
	refuse(t, books, ledger.ErrPosted, func(ctx context.Context, b ledger.Book) error {
		_, err := ledger.Void(ctx, b, id("second"))
		return err
	})
	refuse(t, books, ledger.ErrPosted, func(ctx context.Context, b ledger.Book) error {
		_, err := ledger.Void(ctx, b, deposit().ID)
		return err
	})
	loss := reserve("loss", "EUR:5.00")
	loss.Debit = "loss"
	execute(loss)
	check(t, books, "loss", 0, -500)
}

func testRepeats(t *testing.T, books Books) {
	seed(t, books)
	first := reserve("first", "EUR:60.00")
	expect := func(state ledger.State, act func(context.Context, ledger.Book) (ledger.Record, error)) {
		t.Helper()
		update(t, books, func(ctx context.Context, b ledger.Book) error {
			r, err := act(ctx, b)
			if err == nil && (r.Transfer != first || r.State != state) {
				t.Errorf("got %+v, want %+v, %s", r, first, state)
			}
			return err
		})
	}
	execute := func(ctx context.Context, b ledger.Book) (ledger.Record, error) {
		return ledger.Execute(ctx, b, first)
	}
	post := func(ctx context.Context, b ledger.Book) (ledger.Record, error) {
		return ledger.Post(ctx, b, first.ID)
	}
	expect(ledger.Pending, execute)
	once := snapshot(t, books)
	expect(ledger.Pending, execute)
	same(t, books, once, "executing twice")

	expect(ledger.Posted, post)
	once = snapshot(t, books)
	expect(ledger.Posted, post)
	expect(ledger.Posted, execute)
	same(t, books, once, "posting twice")

	first = reserve("other", "EUR:40.00")
	void := func(ctx context.Context, b ledger.Book) (ledger.Record, error) {
		return ledger.Void(ctx, b, first.ID)
	}
	expect(ledger.Pending, execute)
	expect(ledger.Voided, void)
	once = snapshot(t, books)
	expect(ledger.Voided, void)
	expect(ledger.Voided, execute)
	same(t, books, once, "voiding twice")
}

func testAtomic(t *testing.T, books Books) {
	seed(t, books)
	stop := errors.New("stop")
	refuse(t, books, stop, func(ctx context.Context, b ledger.Book) error {
		if _, err := ledger.Execute(ctx, b, reserve("lost", "EUR:1.00")); err != nil {
			return err
		}
		if _, err := ledger.Post(ctx, b, id("lost")); err != nil {
			return err
		}
		return stop
	})
}
