package money

import (
	"errors"
	"fmt"
	"math"
)

// MaxMinor is the largest amount, in minor units: twelve nines, the most that EMV's n12 holds. It
// lies below 2^53, so no JSON reader loses a cent.
const MaxMinor = 999_999_999_999

// What can be wrong with an amount. No operation that returns one of these has a result.
var (
	// ErrSyntax means that text or bytes aren't an amount in the form that was asked for.
	ErrSyntax = errors.New("malformed amount")
	// ErrCurrency means that a currency isn't known; see [Currencies].
	ErrCurrency = errors.New("unknown currency")
	// ErrMismatch means that two amounts are of different currencies.
	ErrMismatch = errors.New("different currencies")
	// ErrOverflow means that a result would exceed [MaxMinor].
	ErrOverflow = errors.New("amount too large")
	// ErrNegative means that a result would lie below zero.
	ErrNegative = errors.New("negative amount")
)

// Amount is a sum of money, 0 to [MaxMinor] minor units of one currency. The zero value is no
// amount: it has no currency, no text form, and every sum with it is [ErrMismatch] or
// [ErrCurrency].
type Amount struct {
	minor    int64
	currency Currency
}

// New returns an amount of minor units. It returns [ErrCurrency], [ErrNegative] or [ErrOverflow].
func New(minor int64, currency Currency) (Amount, error) {
	switch {
	case !currency.Known():
		return Amount{}, fmt.Errorf("%w: %d", ErrCurrency, currency.Numeric())
	case minor < 0:
		return Amount{}, ErrNegative
	case minor > MaxMinor:
		return Amount{}, ErrOverflow
	}
	return Amount{minor: minor, currency: currency}, nil
}

// FromUint64 is [New] for the 8-byte fields of protocol messages.
func FromUint64(minor uint64, currency Currency) (Amount, error) {
	if minor > math.MaxInt64 {
		return Amount{}, ErrOverflow
	}
	return New(int64(minor), currency)
}

// Zero returns nothing of a currency.
func Zero(currency Currency) Amount { return Amount{currency: currency} }

// Minor returns the amount in minor units, 0 to [MaxMinor].
func (a Amount) Minor() int64 { return a.minor }

// Uint64 returns the amount in minor units as protocol messages carry it.
func (a Amount) Uint64() uint64 {
	return uint64(a.minor) //nolint:gosec // never negative: New checks
}

// Currency returns what the amount is of.
func (a Amount) Currency() Currency { return a.currency }

// IsZero reports whether the amount is nothing, of whichever currency.
func (a Amount) IsZero() bool { return a.minor == 0 }

// Equal reports whether currency and minor units are the same.
func (a Amount) Equal(b Amount) bool { return a == b }

// Compare returns -1, 0 or 1 as a is smaller than, equal to or larger than b. It returns
// [ErrMismatch] for different currencies and [ErrCurrency] for none.
func (a Amount) Compare(b Amount) (int, error) {
	if err := a.matches(b); err != nil {
		return 0, err
	}
	switch {
	case a.minor < b.minor:
		return -1, nil
	case a.minor > b.minor:
		return 1, nil
	default:
		return 0, nil
	}
}

// Add returns a + b. It returns [ErrOverflow], [ErrMismatch] or [ErrCurrency].
func (a Amount) Add(b Amount) (Amount, error) {
	if err := a.matches(b); err != nil {
		return Amount{}, err
	}
	if a.minor > MaxMinor-b.minor {
		return Amount{}, fmt.Errorf("adding %s and %s: %w", a, b, ErrOverflow)
	}
	return Amount{minor: a.minor + b.minor, currency: a.currency}, nil
}

// Sub returns a - b. It returns [ErrNegative], [ErrMismatch] or [ErrCurrency].
func (a Amount) Sub(b Amount) (Amount, error) {
	if err := a.matches(b); err != nil {
		return Amount{}, err
	}
	if a.minor < b.minor {
		return Amount{}, fmt.Errorf("taking %s from %s: %w", b, a, ErrNegative)
	}
	return Amount{minor: a.minor - b.minor, currency: a.currency}, nil
}

func (a Amount) matches(b Amount) error {
	if a.currency != b.currency {
		return fmt.Errorf("%w: %s and %s", ErrMismatch, a.currency, b.currency)
	}
	if !a.currency.Known() {
		return ErrCurrency
	}
	return nil
}
