package ledger_test

import (
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/backend/ledger"
	"tapbench/backend/ledger/ledgertest"
	"tapbench/backend/money"
)

func TestBookInMemory(t *testing.T) {
	ledgertest.Run(t, func(*testing.T) ledgertest.Books { return ledgertest.NewMemory() })
}

// TestModelSeeds repeats the model check with the same operations every time.
func TestModelSeeds(t *testing.T) {
	for seed := range uint64(20) {
		ledgertest.Model(t, ledgertest.NewMemory(), seed)
	}
}

func eur(id ledger.AccountID, kind ledger.Kind, b ledger.Balances) ledger.Account {
	return ledger.Account{ID: id, Kind: kind, Currency: money.EUR, Balances: b}
}

func transfer(pending bool) ledger.Transfer {
	return ledger.Transfer{
		ID: ledger.NewTransferID([]byte("t")), Debit: "cash", Credit: "anna",
		Amount: money.Must("EUR:0.10"), Pending: pending, Reason: "deposit",
	}
}

func TestExecuteRefusesOverflow(t *testing.T) {
	full := int64(ledger.MaxTotal - 9)
	tests := []struct {
		name       string
		cash, anna ledger.Balances
	}{
		{"debits posted", ledger.Balances{DebitsPosted: full}, ledger.Balances{}},
		{"debits pending", ledger.Balances{DebitsPending: full}, ledger.Balances{}},
		{"credits posted", ledger.Balances{}, ledger.Balances{CreditsPosted: full}},
		{"credits pending", ledger.Balances{}, ledger.Balances{CreditsPending: full}},
		{"posted and pending together", ledger.Balances{
			DebitsPosted: full - 100, DebitsPending: 100,
		}, ledger.Balances{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for _, pending := range []bool{true, false} {
				err := ledgertest.NewMemory().Update(t.Context(), func(b ledger.Book) error {
					insert(t, b, eur("cash", ledger.Asset, test.cash), eur("anna", ledger.Liability, test.anna))
					_, err := ledger.Execute(t.Context(), b, transfer(pending))
					return err
				})
				if !errors.Is(err, ledger.ErrOverflow) {
					t.Errorf("pending %t: got error %v, want %v", pending, err, ledger.ErrOverflow)
				}
			}
		})
	}
}

func insert(t *testing.T, b ledger.Book, accounts ...ledger.Account) {
	t.Helper()
	for _, a := range accounts {
		if err := b.InsertAccount(t.Context(), a); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAudit breaks sound books in one way per row.
func TestAudit(t *testing.T) {
	tests := []struct {
		name  string
		wreck func(context.Context, ledger.Book) error
	}{
		{"negative sum", func(ctx context.Context, b ledger.Book) error {
			return b.SetBalances(ctx, "cash", ledger.Balances{DebitsPosted: -1})
		}},
		{"sum above the maximum", func(ctx context.Context, b ledger.Book) error {
			return b.SetBalances(ctx, "cash", ledger.Balances{DebitsPosted: ledger.MaxTotal + 1})
		}},
		{"less than nothing available", func(ctx context.Context, b ledger.Book) error {
			return b.SetBalances(ctx, "cash", ledger.Balances{DebitsPosted: 10, CreditsPending: 11})
		}},
		{"balance that no transfer explains", func(ctx context.Context, b ledger.Book) error {
			return b.SetBalances(ctx, "cash", ledger.Balances{DebitsPosted: 11})
		}},
		{"pending balance that no transfer explains", func(ctx context.Context, b ledger.Book) error {
			return b.SetBalances(ctx, "cash", ledger.Balances{DebitsPosted: 10, DebitsPending: 1})
		}},
		{"posting without a transfer", func(ctx context.Context, b ledger.Book) error {
			return b.InsertPostings(ctx, ledger.Posting{Account: "cash", Side: ledger.Debit, Minor: 1})
		}},
		{"posting twice", func(ctx context.Context, b ledger.Book) error {
			return b.InsertPostings(ctx, ledger.Posting{
				Transfer: transfer(false).ID, Account: "cash", Side: ledger.Debit, Minor: 10,
			})
		}},
		{"posting on the wrong side", func(ctx context.Context, b ledger.Book) error {
			return b.InsertPostings(ctx, ledger.Posting{
				Transfer: transfer(false).ID, Account: "cash", Side: ledger.Credit, Minor: 10,
			})
		}},
		{"transfer without postings", func(ctx context.Context, b ledger.Book) error {
			x := transfer(false)
			x.ID[0]++
			return b.InsertTransfer(ctx, x)
		}},
		{"pending transfer that no balance knows", func(ctx context.Context, b ledger.Book) error {
			x := transfer(true)
			x.ID[0]++
			return b.InsertTransfer(ctx, x)
		}},
		{"postings of a voided transfer", func(ctx context.Context, b ledger.Book) error {
			return b.Resolve(ctx, transfer(false).ID, ledger.Voided)
		}},
		{"transfer in no state", func(ctx context.Context, b ledger.Book) error {
			return b.Resolve(ctx, transfer(false).ID, 0)
		}},
		{"unbalanced currencies", func(ctx context.Context, b ledger.Book) error {
			return b.InsertAccount(ctx, ledger.Account{
				ID: "anna", Kind: ledger.Liability, Currency: money.USD,
				Balances: ledger.Balances{CreditsPosted: 10},
			})
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := ledgertest.NewMemory().Update(t.Context(), func(b ledger.Book) error {
				insert(t, b, eur("cash", ledger.Asset, ledger.Balances{}),
					eur("anna", ledger.Liability, ledger.Balances{}))
				if _, err := ledger.Execute(t.Context(), b, transfer(false)); err != nil {
					t.Fatal(err)
				}
				if err := ledger.Audit(t.Context(), b); err != nil {
					t.Fatalf("sound books: %v", err)
				}
				if err := test.wreck(t.Context(), b); err != nil {
					t.Fatal(err)
				}
				return ledger.Audit(t.Context(), b)
			})
			if !errors.Is(err, ledger.ErrInvariant) {
				t.Errorf("got error %v, want %v", err, ledger.ErrInvariant)
			}
		})
	}
}

func TestTrial(t *testing.T) {
	accounts := []ledger.Account{
		eur("cash", ledger.Asset, ledger.Balances{DebitsPosted: 7, DebitsPending: 2}),
		{ID: "yen", Kind: ledger.Asset, Currency: money.JPY, Balances: ledger.Balances{DebitsPosted: 3}},
		eur("anna", ledger.Liability, ledger.Balances{CreditsPosted: 7, CreditsPending: 2}),
	}
	want := ledger.Trial{
		{Currency: money.JPY, Balances: ledger.Balances{DebitsPosted: 3}},
		{Currency: money.EUR, Balances: ledger.Balances{
			DebitsPosted: 7, CreditsPosted: 7, DebitsPending: 2, CreditsPending: 2,
		}},
	}
	got := ledger.NewTrial(accounts)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("NewTrial (-want +got):\n%s", diff)
	}
	if got.Balanced() || got[0].Difference() != 3 || got[1].Difference() != 0 {
		t.Errorf("got balanced %t, differences %d, %d", got.Balanced(),
			got[0].Difference(), got[1].Difference())
	}
	if !got[1:].Balanced() || !ledger.Trial(nil).Balanced() {
		t.Error("balanced lines are called unbalanced")
	}
}

func TestNames(t *testing.T) {
	for _, bad := range []string{"", "Asset", "unknown", "assets"} {
		if k, err := ledger.ParseKind(bad); !errors.Is(err, ledger.ErrMalformed) {
			t.Errorf("ParseKind(%q): got %s, %v", bad, k, err)
		}
		if s, err := ledger.ParseState(bad); !errors.Is(err, ledger.ErrMalformed) {
			t.Errorf("ParseState(%q): got %s, %v", bad, s, err)
		}
	}
	for _, k := range ledger.Kinds() {
		if got, err := ledger.ParseKind(k.String()); err != nil || got != k {
			t.Errorf("ParseKind(%q): got %s, %v", k, got, err)
		}
	}
	for _, s := range []ledger.State{ledger.Pending, ledger.Posted, ledger.Voided} {
		if got, err := ledger.ParseState(s.String()); err != nil || got != s {
			t.Errorf("ParseState(%q): got %s, %v", s, got, err)
		}
	}
	if ledger.Debit.String() != "debit" || ledger.Credit.String() != "credit" {
		t.Errorf("sides are called %s and %s", ledger.Debit, ledger.Credit)
	}
}

func TestNewTransferID(t *testing.T) {
	split := [][][]byte{
		{},
		{nil},
		{nil, nil},
		{[]byte("ab")},
		{[]byte("a"), []byte("b")},
		{[]byte("ab"), nil},
		{nil, []byte("ab")},
	}
	seen := make(map[ledger.TransferID][][]byte)
	for _, parts := range split {
		id := ledger.NewTransferID(parts...)
		if other, found := seen[id]; found {
			t.Errorf("%q and %q have one ID", other, parts)
		}
		seen[id] = parts
	}
}
