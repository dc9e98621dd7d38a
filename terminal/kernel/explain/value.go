package explain

import (
	"fmt"
	"time"

	"tapbench/applet/decode"
	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/backend/money"
)

// Amount writes minor units with their currency, such as "12.50 EUR". Of a currency whose
// exponent isn't known here it says "1250 minor units of 941".
func Amount(minor uint64, n3 [2]byte) string {
	currency, err := money.ParseN3(n3)
	if err == nil {
		amount, err := money.FromUint64(minor, currency)
		if err == nil {
			return amount.Decimal() + " " + currency.Code()
		}
	}
	return fmt.Sprintf("%d minor units of %X", minor, n3)
}

// countryText writes a country's code, with its letters where they are known.
func countryText(n3 [2]byte) string {
	return withWords(fmt.Sprintf("%X", n3), decode.Words(emv.TagIssuerCountry, n3[:]))
}

func withWords(value, words string) string {
	if words == "" {
		return value
	}
	return value + " (" + words + ")"
}

// dayText writes YYMMDD as a date, or as its digits where they are none.
func dayText(day [3]byte) string {
	if words := decode.Words(emv.TagExpiration, day[:]); words != "" {
		return words
	}
	return hexOf(day[:])
}

// monthText writes a certificate's month.
func monthText(m oda.Month) string { return fmt.Sprintf("20%02X-%02X", m[1], m[0]) }

func dateText(t time.Time) string { return t.Format(time.DateOnly) }

// keyText says how long an RSA key is.
func keyText(k oda.PublicKey) string {
	return fmt.Sprintf("RSA, %d bits, exponent %X", 8*len(k.Modulus), k.Exponent)
}
