package ledger

import (
	"context"
	"slices"

	"tapbench/backend/money"
)

// Trial is a trial balance: one line for each currency, in the order of their codes.
type Trial []TrialLine

// TrialLine sums all accounts of one currency, in minor units.
type TrialLine struct {
	Currency money.Currency
	Balances
}

// Difference returns debits less credits over what is posted and pending; in sound books 0.
func (l TrialLine) Difference() int64 {
	return l.DebitsPosted - l.CreditsPosted + l.DebitsPending - l.CreditsPending
}

// Balanced reports whether debits equal credits in every currency, posted and pending each.
func (t Trial) Balanced() bool {
	for _, l := range t {
		if l.DebitsPosted != l.CreditsPosted || l.DebitsPending != l.CreditsPending {
			return false
		}
	}
	return true
}

// NewTrial sums accounts, of one book or of several.
func NewTrial(accounts []Account) Trial {
	var t Trial
	for _, a := range accounts {
		i, found := slices.BinarySearchFunc(t, a.Currency, func(l TrialLine, c money.Currency) int {
			return int(l.Currency) - int(c)
		})
		if !found {
			t = slices.Insert(t, i, TrialLine{Currency: a.Currency})
		}
		t[i].DebitsPosted += a.DebitsPosted
		t[i].CreditsPosted += a.CreditsPosted
		t[i].DebitsPending += a.DebitsPending
		t[i].CreditsPending += a.CreditsPending
	}
	return t
}

// TrialBalance sums all accounts of a book.
func TrialBalance(ctx context.Context, book Book) (Trial, error) {
	accounts, err := book.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	return NewTrial(accounts), nil
}
