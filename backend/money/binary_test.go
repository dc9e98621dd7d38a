package money_test

import (
	"encoding/hex"
	"errors"
	"testing"

	"tapbench/backend/money"
)

func TestParseN12(t *testing.T) {
	tests := []struct {
		name, raw string
		want      string
		err       error
	}{
		{"empty", "", "", money.ErrSyntax},
		{"five bytes", "0000001250", "", money.ErrSyntax},
		{"seven bytes", "00000000001250", "", money.ErrSyntax},
		{"low digit above nine", "00000000125A", "", money.ErrSyntax},
		{"high digit above nine", "0000000012F0", "", money.ErrSyntax},
		{"nothing", "000000000000", "EUR:0.00", nil},
		{"twelve fifty", "000000001250", "EUR:12.50", nil},
		{"the maximum", "999999999999", "EUR:9999999999.99", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			raw, err := hex.DecodeString(test.raw)
			if err != nil {
				t.Fatal(err)
			}
			got, err := money.ParseN12(raw, money.EUR)
			if !errors.Is(err, test.err) {
				t.Fatalf("ParseN12(%s): got error %v, want %v", test.raw, err, test.err)
			}
			if err != nil {
				return
			}
			if got.String() != test.want || hex.EncodeToString(got.AppendN12(nil)) != test.raw {
				t.Errorf("ParseN12(%s): got %s, written % X", test.raw, got, got.AppendN12(nil))
			}
		})
	}
	if _, err := money.ParseN12(make([]byte, 6), 999); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("ParseN12 of an unknown currency: got error %v", err)
	}
}

func TestParseBinary(t *testing.T) {
	tests := []struct {
		name, raw string
		want      string
		err       error
	}{
		{"empty", "", "", money.ErrSyntax},
		{"seven bytes", "000000000004e2", "", money.ErrSyntax},
		{"nine bytes", "0000000000000004e2", "", money.ErrSyntax},
		{"one above the maximum", "000000e8d4a51000", "", money.ErrOverflow},
		{"all bits", "ffffffffffffffff", "", money.ErrOverflow},
		{"nothing", "0000000000000000", "EUR:0.00", nil},
		{"twelve fifty", "00000000000004e2", "EUR:12.50", nil},
		{"the maximum", "000000e8d4a50fff", "EUR:9999999999.99", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			raw, err := hex.DecodeString(test.raw)
			if err != nil {
				t.Fatal(err)
			}
			got, err := money.ParseBinary(raw, money.EUR)
			if !errors.Is(err, test.err) {
				t.Fatalf("ParseBinary(%s): got error %v, want %v", test.raw, err, test.err)
			}
			if err != nil {
				return
			}
			if got.String() != test.want || hex.EncodeToString(got.AppendBinary(nil)) != test.raw {
				t.Errorf("ParseBinary(%s): got %s, written % X", test.raw, got, got.AppendBinary(nil))
			}
		})
	}
}

func TestCurrency(t *testing.T) {
	tests := []struct {
		currency money.Currency
		code     string
		exponent int
		n3       string
	}{
		{money.AUD, "AUD", 2, "0036"},
		{money.CHF, "CHF", 2, "0756"},
		{money.EUR, "EUR", 2, "0978"},
		{money.GBP, "GBP", 2, "0826"},
		{money.JPY, "JPY", 0, "0392"},
		{money.KWD, "KWD", 3, "0414"},
		{money.TWD, "TWD", 2, "0901"},
		{money.USD, "USD", 2, "0840"},
	}
	if len(tests) != len(money.Currencies()) {
		t.Errorf("%d currencies are known, %d are tested", len(money.Currencies()), len(tests))
	}
	for _, test := range tests {
		t.Run(test.code, func(t *testing.T) {
			n3 := test.currency.N3()
			if got := hex.EncodeToString(n3[:]); got != test.n3 {
				t.Errorf("N3: got %s, want %s", got, test.n3)
			}
			if got, err := money.ParseN3(n3); err != nil || got != test.currency {
				t.Errorf("ParseN3(%s): got %s, %v", test.n3, got, err)
			}
			if got, err := money.ParseCurrency(test.code); err != nil || got != test.currency {
				t.Errorf("ParseCurrency(%s): got %s, %v", test.code, got, err)
			}
			number := test.currency.Numeric()
			if got, err := money.NumericCurrency(number); err != nil || got != test.currency {
				t.Errorf("NumericCurrency(%d): got %s, %v", number, got, err)
			}
			if test.currency.String() != test.code || test.currency.Exponent() != test.exponent {
				t.Errorf("got %s with %d decimals", test.currency, test.currency.Exponent())
			}
		})
	}
}

func TestCurrencyRefused(t *testing.T) {
	for _, raw := range [][2]byte{{0x19, 0x78}, {0x09, 0x7A}, {0xF9, 0x78}} {
		if _, err := money.ParseN3(raw); !errors.Is(err, money.ErrSyntax) {
			t.Errorf("ParseN3(% X): got error %v, want %v", raw, err, money.ErrSyntax)
		}
	}
	if _, err := money.ParseN3([2]byte{0x09, 0x99}); !errors.Is(err, money.ErrCurrency) {
		t.Errorf("ParseN3(09 99): got error %v, want %v", err, money.ErrCurrency)
	}
	if got := money.Currency(7).String(); got != "007" {
		t.Errorf("String of an unknown currency: got %s, want 007", got)
	}
}
