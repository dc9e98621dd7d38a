package ledgertest

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/ledger"
	"tapbench/backend/money"
)

// Books is a book whose steps are atomic: what a step wrote remains only if it returns nil.
type Books interface {
	Update(ctx context.Context, step func(ledger.Book) error) error
}

// Run holds books, which open returns empty, to the whole contract.
func Run(t *testing.T, open func(t *testing.T) Books) {
	t.Run("refusals", func(t *testing.T) { testRefusals(t, open(t)) })
	t.Run("accounts", func(t *testing.T) { testAccounts(t, open(t)) })
	t.Run("pending", func(t *testing.T) { testPending(t, open(t)) })
	t.Run("repeats", func(t *testing.T) { testRepeats(t, open(t)) })
	t.Run("a failing step leaves nothing", func(t *testing.T) { testAtomic(t, open(t)) })
	t.Run("model", func(t *testing.T) {
		Model(t, open(t), rand.Uint64()) //nolint:gosec // the log names it
	})
}

func id(name string) ledger.TransferID { return ledger.NewTransferID([]byte(name)) }

// seed opens a small bank: cash, a customer with 100.00, an escrow, and one account in dollars.
func seed(t *testing.T, books Books) {
	t.Helper()
	accounts := []ledger.Account{
		{ID: "cash", Kind: ledger.Asset, Currency: money.EUR},
		{ID: "customer/anna", Kind: ledger.Liability, Currency: money.EUR},
		{ID: "dollars", Kind: ledger.Liability, Currency: money.USD},
		{ID: "escrow/tsm", Kind: ledger.Liability, Currency: money.EUR},
		{ID: "loss", Kind: ledger.Liability, Currency: money.EUR, Overdraft: 500},
	}
	update(t, books, func(ctx context.Context, b ledger.Book) error {
		for _, a := range accounts {
			if err := ledger.Open(ctx, b, a); err != nil {
				return err
			}
		}
		_, err := ledger.Execute(ctx, b, deposit())
		return err
	})
}

func deposit() ledger.Transfer {
	return ledger.Transfer{
		ID: id("deposit"), Debit: "cash", Credit: "customer/anna",
		Amount: money.Must("EUR:100.00"), Reason: "deposit",
	}
}

func reserve(name, amount string) ledger.Transfer {
	return ledger.Transfer{
		ID: id(name), Debit: "customer/anna", Credit: "escrow/tsm",
		Amount: money.Must(amount), Pending: true, Reason: "reserve",
	}
}

// update runs a step that must succeed, then audits.
func update(t *testing.T, books Books, step func(context.Context, ledger.Book) error) {
	t.Helper()
	if err := books.Update(t.Context(), func(b ledger.Book) error {
		if err := step(t.Context(), b); err != nil {
			return err
		}
		return ledger.Audit(t.Context(), b)
	}); err != nil {
		t.Fatal(err)
	}
}

// refuse runs a step that must fail with want and change nothing.
func refuse(
	t *testing.T, books Books, want error, step func(context.Context, ledger.Book) error,
) {
	t.Helper()
	before := snapshot(t, books)
	err := books.Update(t.Context(), func(b ledger.Book) error { return step(t.Context(), b) })
	if !errors.Is(err, want) {
		t.Errorf("got error %v, want %v", err, want)
	}
	if diff := cmp.Diff(before, snapshot(t, books)); diff != "" {
		t.Errorf("refused, and yet the books changed (-before +after):\n%s", diff)
	}
}

// contents is all that a book holds.
type contents struct {
	Accounts []ledger.Account
	Records  []ledger.Record
	Postings []ledger.Posting
}

func snapshot(t *testing.T, books Books) contents {
	t.Helper()
	var c contents
	update(t, books, func(ctx context.Context, b ledger.Book) error {
		var err error
		if c.Accounts, err = b.Accounts(ctx); err != nil {
			return err
		}
		for r, err := range b.Transfers(ctx) {
			if err != nil {
				return err
			}
			c.Records = append(c.Records, r)
		}
		for p, err := range b.Postings(ctx) {
			if err != nil {
				return err
			}
			c.Postings = append(c.Postings, p)
		}
		return nil
	})
	return c
}

// check compares one account's posted balance and what is available.
func check(t *testing.T, books Books, account ledger.AccountID, balance, available int64) {
	t.Helper()
	update(t, books, func(ctx context.Context, b ledger.Book) error {
		a, err := b.Account(ctx, account)
		if err == nil && (a.Balance() != balance || a.Available() != available) {
			t.Errorf("%s: got balance %d, available %d, want %d, %d",
				account, a.Balance(), a.Available(), balance, available)
		}
		return err
	})
}

// same reports whatever changed since before.
func same(t *testing.T, books Books, before contents, act string) {
	t.Helper()
	if diff := cmp.Diff(before, snapshot(t, books)); diff != "" {
		t.Errorf("%s changed the books (-before +after):\n%s", act, diff)
	}
}
