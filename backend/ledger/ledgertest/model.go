package ledgertest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"tapbench/backend/ledger"
	"tapbench/backend/money"
)

// modelSteps is how many random operations one model check makes.
const modelSteps = 400

// model says what a book must answer. It keeps nothing but the list of accepted transfers and
// recomputes everything from it, so it shares no arithmetic with what it checks.
type model struct {
	accounts []ledger.Account
	records  []ledger.Record
}

// Model makes random operations on empty books and on a model, and compares answers and balances
// after each. A failure names the seed, with which the same operations come again.
func Model(t *testing.T, books Books, seed uint64) {
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0)) //nolint:gosec // repeatable on purpose
	m := &model{accounts: []ledger.Account{
		{ID: "asset", Kind: ledger.Asset, Currency: money.EUR},
		{ID: "expense", Kind: ledger.Expense, Currency: money.EUR, Overdraft: 300},
		{ID: "liability", Kind: ledger.Liability, Currency: money.EUR},
		{ID: "liability/2", Kind: ledger.Liability, Currency: money.EUR},
		{ID: "equity", Kind: ledger.Equity, Currency: money.EUR, Overdraft: 5000},
		{ID: "yen", Kind: ledger.Liability, Currency: money.JPY},
		{ID: "yen/2", Kind: ledger.Asset, Currency: money.JPY},
	}}
	update(t, books, func(ctx context.Context, b ledger.Book) error {
		for _, a := range m.accounts {
			if err := ledger.Open(ctx, b, a); err != nil {
				return err
			}
		}
		return nil
	})
	for step := range modelSteps {
		if err := m.step(t.Context(), random, books); err != nil {
			t.Fatalf("seed %d, step %d: %v", seed, step, err)
		}
	}
	t.Logf("%d transfers accepted of %d operations", len(m.records), modelSteps)
}

// step makes one operation in one atomic step, which is also audited.
func (m *model) step(ctx context.Context, random *rand.Rand, books Books) error {
	var got, want error
	var act string
	err := books.Update(ctx, func(b ledger.Book) error {
		if pick := random.IntN(10); pick < 6 || len(m.records) == 0 {
			x := m.randomTransfer(random)
			act = fmt.Sprintf("execute %+v", x)
			_, got = ledger.Execute(ctx, b, x)
			want = m.execute(x)
		} else {
			target := random.IntN(len(m.records))
			x, to, resolve := m.records[target].ID, ledger.Posted, ledger.Post
			if pick > 7 {
				to, resolve = ledger.Voided, ledger.Void
			}
			act = fmt.Sprintf("%s of %s", to, x)
			_, got = resolve(ctx, b, x)
			want = m.resolve(target, to)
		}
		if !errors.Is(got, want) {
			return fmt.Errorf("%s: got error %w, want %w", act, got, want)
		}
		if err := m.compare(ctx, b); err != nil {
			return fmt.Errorf("%s: %w", act, err)
		}
		return ledger.Audit(ctx, b)
	})
	return err
}

func (m *model) randomTransfer(random *rand.Rand) ledger.Transfer {
	if len(m.records) > 0 && random.IntN(8) == 0 { // the same again, perhaps altered
		x := m.records[random.IntN(len(m.records))].Transfer
		if random.IntN(2) == 0 {
			x.Reason = "altered"
		}
		return x
	}
	amount, _ := money.New(random.Int64N(2000), money.EUR) // in range
	if random.IntN(6) == 0 {
		amount, _ = money.New(random.Int64N(100), money.JPY) // in range
	}
	return ledger.Transfer{
		ID:     ledger.NewTransferID(fmt.Appendf(nil, "%d", random.Uint64())),
		Debit:  m.accounts[random.IntN(len(m.accounts))].ID,
		Credit: m.accounts[random.IntN(len(m.accounts))].ID,
		Amount: amount, Pending: random.IntN(2) == 0, Reason: "random",
	}
}

func (m *model) execute(x ledger.Transfer) error {
	if x.Debit == x.Credit {
		return ledger.ErrSameAccount
	}
	if x.Amount.IsZero() {
		return ledger.ErrZeroAmount
	}
	for _, r := range m.records {
		if r.ID == x.ID && r.Transfer != x {
			return ledger.ErrIDReused
		}
		if r.ID == x.ID {
			return nil
		}
	}
	debit, credit := m.account(x.Debit), m.account(x.Credit)
	if debit.Currency != x.Amount.Currency() || credit.Currency != x.Amount.Currency() {
		return ledger.ErrCurrency
	}
	state := ledger.Posted
	if x.Pending {
		state = ledger.Pending
	}
	m.records = append(m.records, ledger.Record{Transfer: x, State: state})
	for _, a := range []ledger.Account{debit, credit} {
		if m.worstCase(a) < -a.Overdraft && m.takes(a, x) {
			m.records = m.records[:len(m.records)-1]
			return ledger.ErrInsufficient
		}
	}
	return nil
}

func (m *model) resolve(target int, to ledger.State) error {
	from := m.records[target].State
	if from == to {
		return nil
	}
	switch from {
	case ledger.Voided:
		return ledger.ErrVoided
	case ledger.Posted:
		return ledger.ErrPosted
	default:
		m.records[target].State = to
		return nil
	}
}

func (m *model) account(id ledger.AccountID) ledger.Account {
	for _, a := range m.accounts {
		if a.ID == id {
			return a
		}
	}
	return ledger.Account{}
}

// takes reports whether a transfer makes the account's balance fall.
func (m *model) takes(a ledger.Account, x ledger.Transfer) bool {
	return (x.Debit == a.ID) != a.Kind.DebitNormal()
}

// worstCase is the balance if every pending transfer that takes is posted and none that brings.
func (m *model) worstCase(a ledger.Account) int64 {
	var sum int64
	for _, r := range m.records {
		if r.Debit != a.ID && r.Credit != a.ID {
			continue
		}
		switch takes := m.takes(a, r.Transfer); {
		case takes && r.State != ledger.Voided:
			sum -= r.Amount.Minor()
		case !takes && r.State == ledger.Posted:
			sum += r.Amount.Minor()
		}
	}
	return sum
}

// compare holds every account of the book against the model.
func (m *model) compare(ctx context.Context, b ledger.Book) error {
	for _, a := range m.accounts {
		got, err := b.Account(ctx, a.ID)
		if err != nil {
			return err
		}
		if want := m.worstCase(a); got.Available() != want {
			return fmt.Errorf("%s: got %d available, want %d", a.ID, got.Available(), want)
		}
		if got.Available() < -a.Overdraft {
			return fmt.Errorf("%s: %d available, overdraft %d", a.ID, got.Available(), a.Overdraft)
		}
	}
	return nil
}
