package money_test

import (
	"errors"
	"math"
	"testing"

	"tapbench/backend/money"
)

func TestNew(t *testing.T) {
	tests := []struct {
		name     string
		minor    int64
		currency money.Currency
		err      error
	}{
		{"no currency", 1, 0, money.ErrCurrency},
		{"unknown currency", 1, 999, money.ErrCurrency},
		{"negative", -1, money.EUR, money.ErrNegative},
		{"most negative", math.MinInt64, money.EUR, money.ErrNegative},
		{"one above the maximum", money.MaxMinor + 1, money.EUR, money.ErrOverflow},
		{"nothing", 0, money.EUR, nil},
		{"the maximum", money.MaxMinor, money.EUR, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a, err := money.New(test.minor, test.currency)
			if !errors.Is(err, test.err) {
				t.Fatalf("New(%d, %s): got error %v, want %v", test.minor, test.currency, err, test.err)
			}
			if err != nil && a != (money.Amount{}) {
				t.Errorf("New(%d, %s): got %s beside an error", test.minor, test.currency, a)
			}
			if err == nil && a.Minor() != test.minor {
				t.Errorf("New(%d, %s): got %d", test.minor, test.currency, a.Minor())
			}
		})
	}
}

func TestFromUint64(t *testing.T) {
	if _, err := money.FromUint64(math.MaxUint64, money.EUR); !errors.Is(err, money.ErrOverflow) {
		t.Errorf("FromUint64(2^64-1): got error %v, want %v", err, money.ErrOverflow)
	}
	a, err := money.FromUint64(1250, money.EUR)
	if err != nil || a != money.Must("EUR:12.50") || a.Uint64() != 1250 {
		t.Errorf("FromUint64(1250): got %s, %v", a, err)
	}
}

func TestArithmetic(t *testing.T) {
	almost, largest := money.Must("EUR:9999999999.98"), money.Must("EUR:9999999999.99")
	cent, euro := money.Must("EUR:0.01"), money.Must("EUR:1.00")
	add := func(a, b money.Amount) (money.Amount, error) { return a.Add(b) }
	sub := func(a, b money.Amount) (money.Amount, error) { return a.Sub(b) }
	none := money.Amount{}
	tests := []struct {
		name string
		op   func(a, b money.Amount) (money.Amount, error)
		a, b money.Amount
		want string
		err  error
	}{
		{"sum above the maximum", add, largest, cent, "", money.ErrOverflow},
		{"sum of the maximum with itself", add, largest, largest, "", money.ErrOverflow},
		{"sum of two currencies", add, euro, money.Must("USD:1.00"), "", money.ErrMismatch},
		{"sum with no amount", add, euro, none, "", money.ErrMismatch},
		{"sum of no amounts", add, none, none, "", money.ErrCurrency},
		{"difference below zero", sub, cent, euro, "", money.ErrNegative},
		{"difference of two currencies", sub, euro, money.Must("JPY:1"), "", money.ErrMismatch},
		{"difference of no amounts", sub, none, none, "", money.ErrCurrency},
		{"sum", add, euro, cent, "EUR:1.01", nil},
		{"sum that reaches the maximum", add, almost, cent, "EUR:9999999999.99", nil},
		{"difference", sub, euro, cent, "EUR:0.99", nil},
		{"difference of nothing", sub, euro, euro, "EUR:0.00", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := test.op(test.a, test.b)
			if !errors.Is(err, test.err) {
				t.Fatalf("%s, %s: got error %v, want %v", test.a, test.b, err, test.err)
			}
			if err == nil && got.String() != test.want {
				t.Errorf("%s, %s: got %s, want %s", test.a, test.b, got, test.want)
			}
		})
	}
}

func TestCompare(t *testing.T) {
	_, err := money.Must("EUR:1.00").Compare(money.Must("USD:1.00"))
	if !errors.Is(err, money.ErrMismatch) {
		t.Errorf("Compare of two currencies: got error %v, want %v", err, money.ErrMismatch)
	}
	small, large := money.Must("EUR:1.00"), money.Must("EUR:2.00")
	for _, test := range []struct {
		a, b money.Amount
		want int
	}{{small, large, -1}, {small, small, 0}, {large, small, 1}} {
		if got, err := test.a.Compare(test.b); err != nil || got != test.want {
			t.Errorf("Compare(%s, %s): got %d, %v, want %d", test.a, test.b, got, err, test.want)
		}
	}
	if !money.Zero(money.EUR).IsZero() || small.IsZero() || !small.Equal(small) || small.Equal(large) {
		t.Error("IsZero or Equal contradicts Compare")
	}
}

func TestMustPanicsOnBadText(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("Must(\"12.50\") returned")
		}
	}()
	money.Must("12.50")
}
