package ledger

import (
	"context"
	"fmt"
)

// Audit recomputes a book from its transfers and compares. The checks, in this order, each failing
// with an error that wraps [ErrInvariant]:
//   - every account's balances lie within their bounds, and its available balance is no further
//     below zero than its overdraft;
//   - every posting belongs to a posted transfer, to the account and amount of its side, once;
//   - every posted transfer has both its postings;
//   - every account's posted balances are the sums of its postings, its pending ones the sums of
//     the pending transfers;
//   - the trial balance is balanced.
//
// It reads the whole book: it is for start-up, for the end of a run and for tests.
func Audit(ctx context.Context, book Book) error {
	accounts, err := book.Accounts(ctx)
	if err != nil {
		return err
	}
	for _, a := range accounts {
		if !a.sound() {
			return fmt.Errorf("%w: account %s has %d available", ErrInvariant, a.ID, a.Available())
		}
	}
	sums := make(map[AccountID]Balances, len(accounts))
	open, err := sumTransfers(ctx, book, sums)
	if err != nil {
		return err
	}
	if err := sumPostings(ctx, book, sums, open); err != nil {
		return err
	}
	for p := range open {
		return fmt.Errorf("%w: no %s posting for transfer %s", ErrInvariant, p.Side, p.Transfer)
	}
	for _, a := range accounts {
		if sums[a.ID] != a.Balances {
			return fmt.Errorf("%w: account %s has %+v, its transfers sum up to %+v",
				ErrInvariant, a.ID, a.Balances, sums[a.ID])
		}
	}
	if trial := NewTrial(accounts); !trial.Balanced() {
		return fmt.Errorf("%w: trial balance %+v", ErrInvariant, trial)
	}
	return nil
}

// sumTransfers adds the pending transfers to sums and returns the postings that must exist.
func sumTransfers(
	ctx context.Context, book Book, sums map[AccountID]Balances,
) (map[Posting]struct{}, error) {
	open := make(map[Posting]struct{})
	for r, err := range book.Transfers(ctx) {
		if err != nil {
			return nil, err
		}
		minor := r.Amount.Minor()
		switch r.State {
		case Pending:
			debit, credit := sums[r.Debit], sums[r.Credit]
			debit.DebitsPending += minor
			credit.CreditsPending += minor
			sums[r.Debit], sums[r.Credit] = debit, credit
		case Posted:
			open[Posting{r.ID, r.Debit, Debit, minor}] = struct{}{}
			open[Posting{r.ID, r.Credit, Credit, minor}] = struct{}{}
		case Voided:
		default:
			return nil, fmt.Errorf("%w: transfer %s is %s", ErrInvariant, r.ID, r.State)
		}
	}
	return open, nil
}

// sumPostings adds the journal to sums and strikes each line from those that must exist.
func sumPostings(
	ctx context.Context, book Book, sums map[AccountID]Balances, open map[Posting]struct{},
) error {
	for p, err := range book.Postings(ctx) {
		if err != nil {
			return err
		}
		if _, found := open[p]; !found {
			return fmt.Errorf("%w: stray %s posting of transfer %s", ErrInvariant, p.Side, p.Transfer)
		}
		delete(open, p)
		sum := sums[p.Account]
		if p.Side == Debit {
			sum.DebitsPosted += p.Minor
		} else {
			sum.CreditsPosted += p.Minor
		}
		sums[p.Account] = sum
	}
	return nil
}
