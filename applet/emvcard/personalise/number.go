package personalise

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"

	"tapbench/applet/emv"
)

// panDigits is the length of a number that is drawn unless the profile says another.
const panDigits = 16

// number takes or draws the account number.
func (m *maker) number() error {
	m.app.PAN = m.p.PAN
	if m.app.PAN == "" {
		n := int(m.p.PANDigits)
		if n == 0 {
			n = panDigits
		}
		drawn, err := draw(m.cfg.Rand, m.p.BIN, n)
		if err != nil {
			return err
		}
		m.app.PAN = drawn
	}
	for _, keys := range m.cfg.Issuer {
		if keys.Scheme == m.app.Scheme {
			own, err := m.app.Scheme.Derive(keys.Master, m.app.PAN, m.app.Sequence)
			m.app.Keys, m.app.KeyIndex, m.app.ScriptMAC = own, keys.Index, keys.MACLen
			return err
		}
	}
	return m.wrong("scheme", "the issuer has no keys of %s", m.app.Scheme)
}

// draw draws an account number of n digits that begins with a BIN and ends in its check digit.
func draw(random io.Reader, bin string, n int) (string, error) {
	number := []byte(bin)
	for len(number) < n-1 {
		var b [1]byte
		if _, err := io.ReadFull(random, b[:]); err != nil {
			return "", fmt.Errorf("drawing an account number: %w", err)
		}
		if b[0] < 250 { // so that no digit is likelier than another
			number = append(number, '0'+b[0]%10)
		}
	}
	return string(append(number, emv.CheckDigit(string(number)))), nil
}

// bcd returns digits two to a byte. What isn't a digit of a number, D or F, stays itself.
func bcd(digits string) []byte {
	raw, err := hex.DecodeString(digits)
	if err != nil {
		return nil // can't happen: digits are read as such, and an even number of them
	}
	return raw
}

// filled returns digits in format cn: filled up with F to an even number of digits, at least n.
func filled(digits string, n int) []byte {
	n = max(n, len(digits))
	return bcd(digits + strings.Repeat("F", n+n%2-len(digits)))
}

// track2 returns track 2 equivalent data, tag 57 (EMV 4.3 Book 3, annex A): number, D, YYMM,
// service code, without discretionary data.
func track2(pan string, expires [3]byte, service string) []byte {
	return filled(fmt.Sprintf("%sD%02X%02X%s", pan, expires[0], expires[1], service), 0)
}
