// Package money holds amounts: a whole number of minor units (cents) and the currency they are
// units of. There are no floats and no negative amounts; a debt is a side of a ledger, not a sign.
//
// Words: the minor unit is the smallest unit of a currency, 10^-exponent of the major one (ISO
// 4217:2015, 5.3); n12 is the EMV numeric format of 12 digits in 6 bytes of BCD.
//
//	price, err := money.Parse("12.50", money.EUR)
//	total, err := price.Add(tip)            // ErrOverflow, ErrMismatch
//	fmt.Fprintln(w, total)                  // EUR:14.00
//	field = total.AppendN12(nil)            // 00 00 00 00 14 00
//
// An [Amount] is a comparable value, immutable and safe for concurrent use. Its text form is the
// JSON form too. The package converts no currencies and rounds nothing: what doesn't fit is an
// error.
//
// Sources: ISO 4217:2015; EMV 4.3 Book 3, 4.3 (format n) and annex A (9F02, 5F2A, 5F36); the text
// form follows GNU Taler's amounts.
package money
