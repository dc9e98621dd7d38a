package decode

import (
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// Describe returns a value in words, such as "12.50", "2026-11-21", "EUR" or "SFI 1, records 1 to
// 3", or "" when its bytes say all there is to say. Of a value that isn't [Clear] it shows nothing
// but its length, and of a PAN and of track data the last four digits of the PAN. Value is the
// field's, whole or cut. An amount is shown with two decimals: it doesn't say how many its
// currency has.
func Describe(f Field, value []byte) string {
	if f.Template || len(value) == 0 {
		return ""
	}
	if f.Secrecy != Clear {
		return masked(f.Secrecy, value)
	}
	switch f.Format {
	case Numeric:
		return digits(value)
	case Compressed:
		return strings.TrimRight(digits(value), "F")
	case Alphanumeric:
		return text(value)
	case BitField:
		return bitWords(f, value)
	case DOL:
		return listWords(value)
	case Integer:
		return number(value)
	case Coded:
		return coded(f, value)
	case Amount, Day, TimeOfDay, Currency, Country:
		return decimal(f.Format, value)
	case Binary:
		return binaryWords(f, value)
	default:
		return ""
	}
}

// Words returns what [Describe] does of a payment application's data element, by its tag.
func Words(tag tlv.Tag, value []byte) string {
	t := traitOf(tag)
	return Describe(Field{Tag: tag, Len: len(value), Format: t.format, Secrecy: t.secrecy}, value)
}

// masked says of a secret value what may be said.
func masked(s Secrecy, value []byte) string {
	if s == PAN || s == Track {
		if last := lastFour(value); last != "" {
			return "ends in " + last + ", the rest is hidden"
		}
	}
	if len(value) == 1 {
		return "1 byte, hidden"
	}
	return strconv.Itoa(len(value)) + " bytes, hidden"
}

// lastFour returns the last four digits of the PAN with which a PAN or track field begins, or "" if
// there is none that is whole: 12 to 19 digits with a valid check digit.
func lastFour(value []byte) string {
	pan := digits(value)
	if value[0] == 'B' { // track 1 in the form of ISO/IEC 7813, in ASCII
		pan = string(value[1:])
	}
	if i := strings.IndexFunc(pan, func(c rune) bool { return c < '0' || c > '9' }); i >= 0 {
		pan = pan[:i]
	}
	return emv.LastFour(pan)
}

// digits returns the hexadecimal digits.
func digits(value []byte) string { return fmt.Sprintf("%X", value) }

// text returns printable ASCII between quotation marks, without padding.
func text(value []byte) string {
	for _, b := range value {
		if b < ' ' || b > '~' {
			return ""
		}
	}
	return strconv.Quote(strings.TrimRight(string(value), " "))
}

// number returns an unsigned number of up to 8 bytes.
func number(value []byte) string {
	var wide [8]byte
	if len(value) > len(wide) {
		return ""
	}
	copy(wide[len(wide)-len(value):], value)
	return strconv.FormatUint(binary.BigEndian.Uint64(wide[:]), 10)
}

// decimal returns what a fixed number of BCD digits stands for.
func decimal(format Format, value []byte) string {
	switch {
	case format == Amount && len(value) == wire.AmountLen:
		n, err := emv.ParseN12([wire.AmountLen]byte(value))
		if err != nil {
			return ""
		}
		return fmt.Sprintf("%d.%02d", n/100, n%100)
	case format == Day && len(value) == wire.DateLen:
		day, err := emv.ParseDate([wire.DateLen]byte(value))
		if err != nil {
			return ""
		}
		return day.Format("2006-01-02")
	case format == TimeOfDay && len(value) == 3:
		return fmt.Sprintf("%02X:%02X:%02X", value[0], value[1], value[2])
	case len(value) != wire.CurrencyLen:
		return ""
	}
	n, err := emv.ParseN3([2]byte(value))
	switch {
	case err != nil:
		return ""
	case format == Currency:
		return currencyCode(n)
	default:
		return countryCode(n)
	}
}

// bitWords returns the meaning of the bits that are set.
func bitWords(f Field, value []byte) string {
	if f.Tag == 0 {
		return algorithmWords(value)
	}
	var words []string
	for _, b := range Bits(f.Tag, value) {
		if b.Set {
			words = append(words, b.Text)
		}
	}
	if len(words) == 0 {
		return "none"
	}
	return strings.Join(words, "; ")
}

// listWords returns the entries of a data object list: tag, length, name.
func listWords(value []byte) string {
	entries, err := tlv.ParseDOL(value)
	if err != nil {
		return ""
	}
	words := make([]string, 0, len(entries))
	for _, e := range entries {
		words = append(words, strings.TrimRight(
			fmt.Sprintf("%s[%d] %s", e.Tag, e.Len, tagName(e.Tag, dataGrammar, payment)), " "))
	}
	return strings.Join(words, ", ")
}

// binaryWords names the application that a DF name selects.
func binaryWords(f Field, value []byte) string {
	switch {
	case f.Tag == emv.TagADFName, f.Tag == emv.TagDFName, f.Tag == 0x9F06, f.Name == nameDFName:
		name, _ := applicationOf(value)
		return name
	default:
		return ""
	}
}
