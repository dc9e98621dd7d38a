package carddata

import (
	"encoding/hex"
	"fmt"
	"strings"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// Flow says how much a transaction needs of a card's data.
type Flow byte

// The flows.
const (
	// Full is a transaction of two cryptograms.
	Full Flow = iota
	// Single is a contactless one, which ends with the first cryptogram where there is no CDOL2.
	Single
	// Fast is one whose cryptogram came with the processing options.
	Fast
)

// Data is what every transaction needs of a card's records.
type Data struct {
	PAN          []byte     // 5A as it is
	Number       emv.AnyPAN // and its digits
	Sequence     byte       // 5F34; 0 where the card has none
	CDOL1, CDOL2 []byte     // nil: none, or none is needed
	Offered      rules.Offered
	Codes        rules.Codes // issuer action codes
	Currency     *[2]byte    // 9F42
	Lower, Upper *byte       // 9F14, 9F23
}

// maxPAN is the longest account number, in bytes: 19 digits.
const maxPAN = 10

// Read reads what is mandatory (EMV 4.3 Book 3, 7.2) and what has one format, and terminates for
// what is missing or obviously wrong (7.5): then the data are those before it. A fast card may say
// number and date in 57 alone; the date becomes an object of its own.
func Read(o *Objects, flow Flow) (Data, error) {
	var d Data
	for _, m := range []struct {
		tag  tlv.Tag
		into *[]byte
		must bool
	}{
		{emv.TagPAN, &d.PAN, flow != Fast},
		{emv.TagCDOL1, &d.CDOL1, flow != Fast},
		{emv.TagCDOL2, &d.CDOL2, flow == Full},
	} {
		value, ok := o.Find(m.tag)
		if !ok && m.must {
			return d, outcome.Terminatedf(clause.Mandatory, "%s is missing", emv.Describe(m.tag))
		}
		*m.into = value
	}
	if flow == Fast {
		d.CDOL2 = nil // its one cryptogram is there
		d.panOfTrack2(o)
	}
	digits, err := d.accountNumber()
	if err != nil {
		return d, err
	}
	d.Number = emv.AnyPAN(digits)
	return d, d.readFixed(o)
}

// panOfTrack2 takes the account number out of 57, where a fast card gives no other.
func (d *Data) panOfTrack2(o *Objects) {
	track, _ := o.Find(emv.TagTrack2)
	text := fmt.Sprintf("%X", track)
	digits, rest, ok := strings.Cut(text, "D")
	if d.PAN != nil || !ok || len(rest) < 4 {
		return
	}
	digits += strings.Repeat("F", len(digits)%2)
	d.PAN, _ = hex.DecodeString(digits) // digits of %X
	if _, own := o.Find(emv.TagExpiration); !own {
		o.lastDay(rest[:4])
	}
}

// lastDay keeps the end of a month YYMM as the expiration date.
func (o *Objects) lastDay(month string) {
	day, err := hex.DecodeString(month + "01")
	if err != nil {
		return
	}
	if first, err := emv.ParseCardDate([3]byte(day)); err == nil {
		last := emv.Date(first.AddDate(0, 1, -1))
		o.Set(emv.TagExpiration, last[:])
	}
}

// accountNumber returns the digits of 5A.
func (d *Data) accountNumber() (string, error) {
	text := strings.TrimRight(fmt.Sprintf("%X", d.PAN), "F")
	if len(d.PAN) > maxPAN || text == "" || strings.Trim(text, "0123456789") != "" {
		return "", outcome.Terminatedf(clause.Erroneous, "%s isn't one", emv.Describe(emv.TagPAN))
	}
	return text, nil
}

// readFixed reads the objects of a fixed length.
func (d *Data) readFixed(o *Objects) error {
	codes := rules.IACDefaults()
	var expires, effective, version, usage, country, currency, sequence, lower, upper []byte
	var denial, online, fallback []byte
	for _, f := range []struct {
		tag  tlv.Tag
		n    int
		into *[]byte
	}{
		{emv.TagExpiration, 3, &expires},
		{emv.TagEffective, 3, &effective},
		{emv.TagCardVersion, 2, &version},
		{emv.TagUsageControl, 2, &usage},
		{emv.TagIssuerCountry, 2, &country},
		{emv.TagApplicationCurrency, 2, &currency},
		{emv.TagSequence, 1, &sequence},
		{emv.TagLowerLimit, 1, &lower},
		{emv.TagUpperLimit, 1, &upper},
		{emv.TagIACDenial, 5, &denial},
		{emv.TagIACOnline, 5, &online},
		{emv.TagIACDefault, 5, &fallback},
	} {
		value, ok := o.Find(f.tag)
		if ok && len(value) != f.n {
			return outcome.Terminatedf(clause.Erroneous, "%s has %d bytes, want %d",
				emv.Describe(f.tag), len(value), f.n)
		}
		*f.into = value
	}
	if expires == nil {
		return outcome.Terminatedf(clause.Mandatory, "%s is missing", emv.Describe(emv.TagExpiration))
	}
	if err := days(expires, effective); err != nil {
		return err
	}
	d.Offered = rules.Offered{
		Version: two(version), Usage: two(usage), Country: two(country), Expires: [3]byte(expires),
	}
	if effective != nil {
		day := [3]byte(effective)
		d.Offered.Effective = &day
	}
	d.Currency, d.Lower, d.Upper = two(currency), one(lower), one(upper)
	take(&codes.Denial, denial)
	take(&codes.Online, online)
	take(&codes.Default, fallback)
	d.Codes = codes
	if sequence != nil {
		d.Sequence = sequence[0]>>4*10 + sequence[0]&0x0F
	}
	return nil
}

// days refuses dates that are none (7.5).
func days(expires, effective []byte) error {
	if _, err := emv.ParseCardDate([3]byte(expires)); err != nil {
		return outcome.Terminated(clause.Erroneous, emv.Describe(emv.TagExpiration)+" is no day", err)
	}
	if effective == nil {
		return nil
	}
	if _, err := emv.ParseCardDate([3]byte(effective)); err != nil {
		return outcome.Terminated(clause.Erroneous, emv.Describe(emv.TagEffective)+" is no day", err)
	}
	return nil
}

func two(b []byte) *[2]byte {
	if b == nil {
		return nil
	}
	v := [2]byte(b)
	return &v
}

func one(b []byte) *byte {
	if b == nil {
		return nil
	}
	return &b[0]
}

func take(code *[5]byte, b []byte) {
	if b != nil {
		*code = [5]byte(b)
	}
}
