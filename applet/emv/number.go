package emv

import (
	"errors"
	"fmt"
	"time"

	"tapbench/applet/wire"
)

// ErrNumber means that bytes aren't decimal digits, two to a byte, or don't fit their field.
var ErrNumber = errors.New("not a number in BCD")

// MaxN12 is the largest amount that format n12 holds.
const MaxN12 = 999_999_999_999

// N12 returns minor units in format n12: 6 bytes, two digits each, leading zeros (EMV 4.3 Book 3,
// 4.3). Above [MaxN12] it returns [ErrNumber].
func N12(minor uint64) ([wire.AmountLen]byte, error) {
	var b [wire.AmountLen]byte
	if minor > MaxN12 {
		return b, fmt.Errorf("%w: more than 12 digits", ErrNumber)
	}
	for i := len(b) - 1; i >= 0; i-- {
		b[i] = byte(minor/10%10<<4 | minor%10)
		minor /= 100
	}
	return b, nil
}

// ParseN12 returns the minor units of an amount in format n12, or [ErrNumber].
func ParseN12(b [wire.AmountLen]byte) (uint64, error) { return parseBCD(b[:]) }

// ParseN3 returns the number of a code in format n3, 0 to 999: 2 bytes with a leading zero, such as
// a currency's. It returns [ErrNumber].
func ParseN3(b [2]byte) (int, error) {
	n, err := parseBCD(b[:])
	if err != nil || n > 999 {
		return 0, fmt.Errorf("%w: % X", ErrNumber, b)
	}
	return int(n), nil
}

// Date returns the date of t in its own time zone as YYMMDD in BCD (EMV 4.3 Book 3, annex A, 9A).
func Date(t time.Time) [wire.DateLen]byte {
	return [wire.DateLen]byte{BCD(t.Year() % 100), BCD(int(t.Month())), BCD(t.Day())}
}

// ParseDate returns the day, at 00:00 UTC, of YYMMDD in BCD; years are those from 2000 to 2099. It
// returns [ErrNumber] for what is no day.
func ParseDate(b [wire.DateLen]byte) (time.Time, error) {
	var n [wire.DateLen]int
	decimal := true
	for i, pair := range b {
		high, low := int(pair>>4), int(pair&0x0F)
		decimal = decimal && high < 10 && low < 10
		n[i] = 10*high + low
	}
	const century = 2000
	t := time.Date(century+n[0], time.Month(n[1]), n[2], 0, 0, 0, 0, time.UTC)
	if !decimal || int(t.Month()) != n[1] || t.Day() != n[2] {
		return time.Time{}, fmt.Errorf("%w: % X is no date", ErrNumber, b)
	}
	return t, nil
}

// ParseCardDate is [ParseDate] with the years that a card's dates have: 50 to 99 are 1950 to 1999
// (EMV 4.3 Book 4, 6.7.3).
func ParseCardDate(b [wire.DateLen]byte) (time.Time, error) {
	t, err := ParseDate(b)
	if err == nil && t.Year() >= 2050 {
		t = t.AddDate(-100, 0, 0)
	}
	return t, err
}

// BCD returns a number of 0 to 99 as two decimal digits in one byte.
func BCD[N int | byte](n N) byte { return byte(n/10<<4 | n%10) }

func parseBCD(b []byte) (uint64, error) {
	var n uint64
	for _, pair := range b {
		high, low := pair>>4, pair&0x0F
		if high > 9 || low > 9 {
			return 0, fmt.Errorf("%w: % X", ErrNumber, b)
		}
		n = n*100 + uint64(high)*10 + uint64(low)
	}
	return n, nil
}
