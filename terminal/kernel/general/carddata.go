package general

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

// cardData is what every transaction needs of a card's records.
type cardData struct {
	pan          []byte // 5A as it is
	cdol1, cdol2 []byte
	offered      rules.Offered
	codes        rules.Codes
	currency     *[2]byte // 9F42
	lower, upper *byte    // 9F14, 9F23
}

// maxPAN is the longest account number, in bytes: 19 digits.
const maxPAN = 10

// takeData reads what is mandatory (EMV 4.3 Book 3, 7.2) and what has one format, and terminates
// for what is missing or obviously wrong (7.5).
func (t *transaction) takeData() error {
	d := &t.data
	for _, m := range []struct {
		tag  tlv.Tag
		into *[]byte
		must bool
	}{
		{emv.TagPAN, &d.pan, t.fast == nil},
		{emv.TagCDOL1, &d.cdol1, t.fast == nil},
		// Contactless transactions end with the first cryptogram where there is no CDOL2.
		{emv.TagCDOL2, &d.cdol2, !t.contactless()},
	} {
		value, ok := t.objects.find(m.tag)
		if !ok && m.must {
			return outcome.Terminatedf(clause.Mandatory, "%s is missing", emv.Describe(m.tag))
		}
		*m.into = value
	}
	if t.fast != nil {
		d.cdol2 = nil // its one cryptogram is there
		t.panOfTrack2()
	}
	digits, err := t.accountNumber()
	if err != nil {
		return err
	}
	t.out.PAN = emv.AnyPAN(digits)
	return t.takeFixed()
}

// panOfTrack2 takes the account number out of 57, where a fast card gives no other.
func (t *transaction) panOfTrack2() {
	track, _ := t.objects.find(emv.TagTrack2)
	text := fmt.Sprintf("%X", track)
	digits, rest, ok := strings.Cut(text, "D")
	if t.data.pan != nil || !ok || len(rest) < 4 {
		return
	}
	digits += strings.Repeat("F", len(digits)%2)
	t.data.pan, _ = hex.DecodeString(digits) // digits of %X
	if _, own := t.objects.find(emv.TagExpiration); !own {
		t.lastDay(rest[:4])
	}
}

// lastDay keeps the end of a month YYMM as the expiration date.
func (t *transaction) lastDay(month string) {
	day, err := hex.DecodeString(month + "01")
	if err != nil {
		return
	}
	if first, err := emv.ParseCardDate([3]byte(day)); err == nil {
		last := emv.Date(first.AddDate(0, 1, -1))
		t.objects.set(emv.TagExpiration, last[:])
	}
}

// accountNumber returns the digits of 5A.
func (t *transaction) accountNumber() (string, error) {
	text := strings.TrimRight(fmt.Sprintf("%X", t.data.pan), "F")
	if len(t.data.pan) > maxPAN || text == "" || strings.Trim(text, "0123456789") != "" {
		return "", outcome.Terminatedf(clause.Erroneous, "%s isn't one", emv.Describe(emv.TagPAN))
	}
	return text, nil
}

// takeFixed reads the objects of a fixed length.
func (t *transaction) takeFixed() error {
	d, codes := &t.data, rules.IACDefaults()
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
		value, ok := t.objects.find(f.tag)
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
	d.offered = rules.Offered{
		Version: two(version), Usage: two(usage), Country: two(country), Expires: [3]byte(expires),
	}
	if effective != nil {
		day := [3]byte(effective)
		d.offered.Effective = &day
	}
	d.currency, d.lower, d.upper = two(currency), one(lower), one(upper)
	take(&codes.Denial, denial)
	take(&codes.Online, online)
	take(&codes.Default, fallback)
	d.codes = codes
	if sequence != nil {
		t.out.Sequence = sequence[0]>>4*10 + sequence[0]&0x0F
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
