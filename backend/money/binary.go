package money

import (
	"encoding/binary"
	"fmt"
)

// BinaryLen is the length of the binary form in bytes.
const BinaryLen = 8

// N12Len is the length of EMV's format n12 in bytes.
const N12Len = 6

// AppendBinary appends the minor units as 8 bytes, big-endian, without the currency.
func (a Amount) AppendBinary(dst []byte) []byte {
	return binary.BigEndian.AppendUint64(dst, a.Uint64())
}

// ParseBinary reads 8 bytes of minor units, big-endian. It returns [ErrSyntax] for another length,
// [ErrOverflow] or [ErrCurrency].
func ParseBinary(b []byte, currency Currency) (Amount, error) {
	if len(b) != BinaryLen {
		return Amount{}, fmt.Errorf("%w: %d bytes instead of %d", ErrSyntax, len(b), BinaryLen)
	}
	return FromUint64(binary.BigEndian.Uint64(b), currency)
}

// AppendN12 appends the minor units in format n12: 12 decimal digits, two to a byte, leading zeros
// (EMV 4.3 Book 3, 4.3; the format of 9F02, amount authorised).
func (a Amount) AppendN12(dst []byte) []byte {
	var b [N12Len]byte
	minor := a.minor
	for i := N12Len - 1; i >= 0; i-- {
		b[i] = byte(minor/10%10<<4 | minor%10)
		minor /= 100
	}
	return append(dst, b[:]...)
}

// ParseN12 reads 6 bytes in format n12. It returns [ErrSyntax] for another length or a digit above
// 9, and [ErrCurrency].
func ParseN12(b []byte, currency Currency) (Amount, error) {
	if len(b) != N12Len {
		return Amount{}, fmt.Errorf("%w: %d bytes instead of %d", ErrSyntax, len(b), N12Len)
	}
	minor, err := decodeBCD(b)
	if err != nil {
		return Amount{}, err
	}
	return New(minor, currency)
}

func decodeBCD(b []byte) (int64, error) {
	var n int64
	for _, pair := range b {
		high, low := pair>>4, pair&0x0F
		if high > 9 || low > 9 {
			return 0, fmt.Errorf("%w: % X isn't BCD", ErrSyntax, b)
		}
		n = n*100 + int64(high)*10 + int64(low)
	}
	return n, nil
}
