package profile

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
)

// Hex are bytes, written as hexadecimal digits.
type Hex []byte

// MarshalText writes upper-case digits.
func (h Hex) MarshalText() ([]byte, error) { return []byte(fmt.Sprintf("%X", []byte(h))), nil }

// UnmarshalText reads digits of either case.
func (h *Hex) UnmarshalText(text []byte) error {
	raw, err := hex.DecodeString(string(text))
	if err != nil {
		return fmt.Errorf("%.40q isn't bytes in hexadecimal digits", text)
	}
	*h = raw
	return nil
}

// Tag is a data object's tag, written as hexadecimal digits.
type Tag tlv.Tag

// String returns upper-case digits.
func (t Tag) String() string { return fmt.Sprintf("%02X", uint32(t)) }

// MarshalText writes them.
func (t Tag) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// UnmarshalText reads a tag of one to four bytes, coded as ISO/IEC 8825-1 has it.
func (t *Tag) UnmarshalText(text []byte) error {
	number, err := strconv.ParseUint(string(text), 16, 32)
	if err != nil || len(text)%hexPerByte != 0 || !tlv.Tag(number).Valid() {
		return fmt.Errorf("%.40q isn't a tag, such as \"9F37\"", text)
	}
	*t = Tag(number)
	return nil
}

// DOL is a data object list.
type DOL []Entry

// Encode returns the list as a card has it.
func (d DOL) Encode() []byte {
	var out []byte
	for _, e := range d {
		out = tlv.AppendDOL(out, tlv.DOLEntry{Tag: tlv.Tag(e.Tag), Len: int(e.Len)})
	}
	return out
}

// hexPerByte is how many digits a byte has.
const hexPerByte = 2

// Entry is one of its entries: a tag, and how many bytes of it the card wants.
type Entry struct {
	Tag Tag
	Len byte
}

// String returns both as hexadecimal digits: "9F37 04".
func (e Entry) String() string { return fmt.Sprintf("%s %02X", e.Tag, e.Len) }

// MarshalText writes them.
func (e Entry) MarshalText() ([]byte, error) { return []byte(e.String()), nil }

// UnmarshalText reads them.
func (e *Entry) UnmarshalText(text []byte) error {
	tag, length, found := strings.Cut(string(text), " ")
	number, err := strconv.ParseUint(length, 16, 8)
	err = errors.Join(err, e.Tag.UnmarshalText([]byte(tag)))
	if err != nil || !found || len(length) != hexPerByte {
		return fmt.Errorf("%.40q isn't a tag with a length, such as \"9F37 04\"", text)
	}
	e.Len = byte(number)
	return nil
}

// Date is a day as cards have it, YYMMDD in BCD; in a profile it is written as 2035-12-31. Zeros
// are none.
type Date [3]byte

// firstYear and lastYear are those that two digits on a card can mean, of dates to come (EMV 4.3
// Book 4, 6.7.3).
const (
	firstYear = 2000
	lastYear  = 2049
)

// Day returns the day at 00:00 UTC, the zero time for none.
func (d Date) Day() time.Time {
	day, err := emv.ParseDate(d)
	if err != nil {
		return time.Time{}
	}
	return day
}

// MarshalText writes the day.
func (d Date) MarshalText() ([]byte, error) {
	return []byte(d.Day().Format(time.DateOnly)), nil
}

// UnmarshalText reads a day of the years 2000 to 2049.
func (d *Date) UnmarshalText(text []byte) error {
	day, err := time.Parse(time.DateOnly, string(text))
	if err != nil || day.Year() < firstYear || day.Year() > lastYear {
		return fmt.Errorf("%.40q isn't a day of 2000 to 2049, such as \"2035-12-31\"", text)
	}
	*d = emv.Date(day)
	return nil
}
