package money

import "fmt"

// Currency is a currency, by its ISO 4217 numeric code. The zero value is no currency.
type Currency uint16

// The currencies that tapbench knows.
const (
	// AUD is the Australian dollar: 036, 2 decimals.
	AUD Currency = 36
	// CHF is the Swiss franc: 756, 2 decimals.
	CHF Currency = 756
	// EUR is the euro: 978, 2 decimals.
	EUR Currency = 978
	// GBP is the pound sterling: 826, 2 decimals.
	GBP Currency = 826
	// JPY is the yen: 392, no decimals.
	JPY Currency = 392
	// KWD is the Kuwaiti dinar: 414, 3 decimals.
	KWD Currency = 414
	// TWD is the New Taiwan dollar: 901, 2 decimals.
	TWD Currency = 901
	// USD is the US dollar: 840, 2 decimals.
	USD Currency = 840
)

// Currencies returns the known currencies in the order of their alphabetic codes.
func Currencies() []Currency {
	return []Currency{AUD, CHF, EUR, GBP, JPY, KWD, TWD, USD}
}

// ParseCurrency returns the currency of an alphabetic code of three capital letters, such as
// "EUR". Anything else is [ErrCurrency].
func ParseCurrency(code string) (Currency, error) {
	for _, c := range Currencies() {
		if c.Code() == code {
			return c, nil
		}
	}
	return 0, fmt.Errorf("%w: %.16q", ErrCurrency, code)
}

// NumericCurrency returns the currency of a numeric code, 1 to 999, or [ErrCurrency].
func NumericCurrency(code int) (Currency, error) {
	for _, c := range Currencies() {
		if int(c) == code {
			return c, nil
		}
	}
	return 0, fmt.Errorf("%w: %d", ErrCurrency, code)
}

// Known reports whether c is one of [Currencies].
func (c Currency) Known() bool { return c.Code() != "" }

// Code returns the alphabetic code, three capital letters; for an unknown currency, nothing.
func (c Currency) Code() string {
	switch c {
	case AUD:
		return "AUD"
	case CHF:
		return "CHF"
	case EUR:
		return "EUR"
	case GBP:
		return "GBP"
	case JPY:
		return "JPY"
	case KWD:
		return "KWD"
	case TWD:
		return "TWD"
	case USD:
		return "USD"
	default:
		return ""
	}
}

// Numeric returns the numeric code, 1 to 999.
func (c Currency) Numeric() int { return int(c) }

// Exponent returns how many decimal digits the minor unit lies behind the point, 0 to 3 (EMV's
// 5F36, transaction currency exponent).
func (c Currency) Exponent() int {
	switch c {
	case JPY:
		return 0
	case KWD:
		return 3
	default:
		return 2
	}
}

// N3 returns the numeric code in EMV's format n3: 2 bytes of BCD with a leading zero, so 09 78 for
// the euro (EMV 4.3 Book 3, annex A, 5F2A).
func (c Currency) N3() [2]byte {
	n := uint16(c) % 1000
	return [2]byte{byte(n / 100), byte(n/10%10<<4 | n%10)}
}

// ParseN3 returns the currency of 2 bytes in format n3. It returns [ErrSyntax] for digits above 9
// or a fourth digit, and [ErrCurrency] for a code that isn't known.
func ParseN3(b [2]byte) (Currency, error) {
	n, err := decodeBCD(b[:])
	if err != nil || n > 999 {
		return 0, fmt.Errorf("%w: currency % X", ErrSyntax, b)
	}
	return NumericCurrency(int(n))
}

// String returns the alphabetic code, or the three-digit numeric one of an unknown currency.
func (c Currency) String() string {
	if code := c.Code(); code != "" {
		return code
	}
	return fmt.Sprintf("%03d", uint16(c))
}
