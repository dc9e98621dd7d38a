package money

import (
	"fmt"
	"strconv"
	"strings"
)

// maxText is the longest text that is worth looking at: currency, colon, 12 digits, point.
const maxText = 17

// Parse reads what a person types for an amount of a known currency: digits, and optionally a
// point with 1 to exponent digits.
//
//	valid for EUR:    12.50   12.5   12   0.05   0   9999999999.99
//	invalid for EUR:  (empty)  .50  12.  12.505  012  -1  +1  12,50  1e3  EUR:12.50  10000000000
//
// It returns [ErrSyntax], [ErrOverflow] or [ErrCurrency].
func Parse(text string, currency Currency) (Amount, error) {
	if !currency.Known() {
		return Amount{}, fmt.Errorf("%w: %s", ErrCurrency, currency)
	}
	whole, fraction, point := strings.Cut(text, ".")
	exponent := currency.Exponent()
	switch {
	case len(text) > maxText:
		return Amount{}, fmt.Errorf("%w: %d characters", ErrSyntax, len(text))
	case !digits(whole), len(whole) > 1 && whole[0] == '0':
		return Amount{}, fmt.Errorf("%w: %q", ErrSyntax, text)
	case point && (!digits(fraction) || len(fraction) > exponent):
		return Amount{}, fmt.Errorf("%w: %q, %s has %d decimals", ErrSyntax, text, currency, exponent)
	}
	all := whole + fraction + strings.Repeat("0", exponent-len(fraction))
	minor, err := strconv.ParseInt(all, 10, 64)
	if err != nil || minor > MaxMinor {
		return Amount{}, fmt.Errorf("%w: %q", ErrOverflow, text)
	}
	return Amount{minor: minor, currency: currency}, nil
}

// ParseText reads the canonical text form, which [Amount.String] writes: alphabetic code, colon,
// whole part without leading zeros, and exactly as many decimals as the currency has.
//
//	valid:    EUR:12.50   EUR:0.00   JPY:1250   KWD:1.250   EUR:9999999999.99
//	invalid:  12.50   eur:12.50   EUR:12.5   EUR:12   EUR:012.50   EUR: 1.00   EUR:-1.00   JPY:1.
//	          XXX:1.00   EUR:10000000000.00
//
// One amount has one text, so texts may be compared and signed. It returns [ErrSyntax],
// [ErrCurrency] or [ErrOverflow].
func ParseText(text string) (Amount, error) {
	code, digits, found := strings.Cut(text, ":")
	if !found {
		return Amount{}, fmt.Errorf("%w: %.32q has no currency", ErrSyntax, text)
	}
	currency, err := ParseCurrency(code)
	if err != nil {
		return Amount{}, err
	}
	a, err := Parse(digits, currency)
	if err != nil {
		return Amount{}, err
	}
	if a.String() != text {
		return Amount{}, fmt.Errorf("%w: %q, write %s", ErrSyntax, text, a)
	}
	return a, nil
}

// Must returns the amount of a canonical text and panics on any other. It is for constants in
// tests and tables, never for input.
func Must(text string) Amount {
	a, err := ParseText(text)
	if err != nil {
		panic("money.Must: " + err.Error())
	}
	return a
}

// String returns the canonical text form, such as "EUR:12.50".
func (a Amount) String() string { return a.currency.String() + ":" + a.Decimal() }

// Decimal returns the number alone, such as "12.50", as a receipt prints it.
func (a Amount) Decimal() string { return Signed(a.minor, a.currency) }

// Signed returns minor units as a number such as "-12.50". They may be less than nothing, as an
// [Amount] never is: a balance, or what a day has come to.
func Signed(minor int64, currency Currency) string {
	sign, magnitude := "", uint64(minor) //nolint:gosec // the lowest int64 wraps to its magnitude, too
	if minor < 0 {
		sign, magnitude = "-", -magnitude
	}
	exponent := currency.Exponent()
	text := fmt.Sprintf("%0*d", exponent+1, magnitude)
	if exponent == 0 {
		return sign + text
	}
	point := len(text) - exponent
	return sign + text[:point] + "." + text[point:]
}

// MarshalText returns the canonical text form, which is the JSON form too. An amount without a
// currency is [ErrCurrency].
func (a Amount) MarshalText() ([]byte, error) {
	if !a.currency.Known() {
		return nil, ErrCurrency
	}
	return []byte(a.String()), nil
}

// UnmarshalText reads the canonical text form with [ParseText].
func (a *Amount) UnmarshalText(text []byte) error {
	parsed, err := ParseText(string(text))
	if err != nil {
		return err
	}
	*a = parsed
	return nil
}

func digits(s string) bool {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return s != ""
}
