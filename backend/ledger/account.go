package ledger

import (
	"fmt"

	"tapbench/backend/money"
)

// MaxTotal is the most that one side of an account may sum up to, in minor units: 2^53, so that no
// sum over a thousand accounts overflows 64 bits and every JSON reader keeps the cents.
const MaxTotal = 1 << 53

// maxAccountID is the longest account ID in bytes.
const maxAccountID = 96

// AccountID names an account within one book: 1 to 96 characters out of a-z, A-Z, 0-9 and
// "-_./:", by custom kind/holder, such as "customer/anna" or "escrow/TSM4KD2Q".
type AccountID string

// Check returns [ErrMalformed] unless the ID has its form.
func (id AccountID) Check() error {
	if id == "" || len(id) > maxAccountID {
		return fmt.Errorf("%w: account ID of %d bytes", ErrMalformed, len(id))
	}
	for i := range len(id) {
		if !isNameByte(id[i]) {
			return fmt.Errorf("%w: account ID %q", ErrMalformed, string(id))
		}
	}
	return nil
}

func isNameByte(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	case c == '-', c == '_', c == '.', c == '/', c == ':':
		return true
	default:
		return false
	}
}

// Kind says what an account stands for and so on which side its balance grows.
type Kind uint8

// The kinds of accounts.
const (
	// Asset is what the book's owner has or may claim; it grows by debits.
	Asset Kind = iota + 1
	// Liability is what the owner owes, such as a customer's deposit; it grows by credits.
	Liability
	// Equity is what the owner put in; it grows by credits.
	Equity
	// Income is what the owner earned; it grows by credits.
	Income
	// Expense is what the owner spent or lost; it grows by debits.
	Expense
)

// Kinds returns the kinds in the order of their definition.
func Kinds() []Kind { return []Kind{Asset, Liability, Equity, Income, Expense} }

// ParseKind is the inverse of [Kind.String]. Any other text is [ErrMalformed].
func ParseKind(text string) (Kind, error) {
	for _, k := range Kinds() {
		if k.String() == text {
			return k, nil
		}
	}
	return 0, fmt.Errorf("%w: account kind %.32q", ErrMalformed, text)
}

// DebitNormal reports whether debits make the balance grow.
func (k Kind) DebitNormal() bool { return k == Asset || k == Expense }

// String returns the kind in lower case, or "unknown".
func (k Kind) String() string {
	switch k {
	case Asset:
		return "asset"
	case Liability:
		return "liability"
	case Equity:
		return "equity"
	case Income:
		return "income"
	case Expense:
		return "expense"
	default:
		return "unknown"
	}
}

// Account is an account and what stands on it. All but its balances is fixed when it is opened.
type Account struct {
	ID       AccountID
	Kind     Kind
	Currency money.Currency
	// Overdraft is how far below zero the available balance may fall, in minor units, 0 to
	// [money.MaxMinor].
	Overdraft int64
	Balances
}

// Balances are the sums over an account's transfers in minor units, each 0 to [MaxTotal].
type Balances struct {
	DebitsPosted   int64
	CreditsPosted  int64
	DebitsPending  int64
	CreditsPending int64
}

// Balance returns what is posted, in minor units, counted on the side on which the account's kind
// grows. It is negative when an overdraft is in use.
func (a Account) Balance() int64 {
	if a.Kind.DebitNormal() {
		return a.DebitsPosted - a.CreditsPosted
	}
	return a.CreditsPosted - a.DebitsPosted
}

// Available returns what may still be taken from the account before its overdraft, in minor units:
// the balance less what pending transfers would take.
func (a Account) Available() int64 {
	if a.Kind.DebitNormal() {
		return a.Balance() - a.CreditsPending
	}
	return a.Balance() - a.DebitsPending
}

// check returns [ErrMalformed] unless the account's definition has its form.
func (a Account) check() error {
	if err := a.ID.Check(); err != nil {
		return err
	}
	switch {
	case a.Kind < Asset || a.Kind > Expense:
		return fmt.Errorf("%w: account kind %d", ErrMalformed, a.Kind)
	case !a.Currency.Known():
		return fmt.Errorf("%w: account currency %s", ErrMalformed, a.Currency)
	case a.Overdraft < 0 || a.Overdraft > money.MaxMinor:
		return fmt.Errorf("%w: overdraft of %d", ErrMalformed, a.Overdraft)
	default:
		return nil
	}
}

// sound reports whether the balances are within their bounds and allowed to the account.
func (a Account) sound() bool {
	for _, sum := range []int64{a.DebitsPosted, a.CreditsPosted, a.DebitsPending, a.CreditsPending} {
		if sum < 0 || sum > MaxTotal {
			return false
		}
	}
	return a.Available() >= -a.Overdraft
}
