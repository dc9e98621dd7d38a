package acquirer

import (
	"crypto/sha256"
	"fmt"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// TerminalLen is the length of a terminal's identification, field 41.
const TerminalLen = 8

// MaxSTAN is the highest system trace audit number; after it comes 1.
const MaxSTAN = 999_999

// Merchant is the merchant identifier, field 42 and 9F16: 15 printable ASCII characters, padded
// with spaces.
type Merchant [wire.MerchantLen]byte

// Terminal is a terminal's identification, field 41: 8 printable ASCII characters, padded with
// spaces.
type Terminal [TerminalLen]byte

// NewMerchant returns a merchant identifier of at most 15 printable ASCII characters, or
// [ErrFormat].
func NewMerchant(text string) (Merchant, error) {
	var m Merchant
	return m, pad(m[:], text, fieldMerchant)
}

// NewTerminal returns a terminal's identification of at most 8 printable ASCII characters, or
// [ErrFormat].
func NewTerminal(text string) (Terminal, error) {
	var t Terminal
	return t, pad(t[:], text, fieldTerminal)
}

// String returns the identifier without its padding.
func (m Merchant) String() string { return unpad(m[:]) }

// String returns the identification without its padding.
func (t Terminal) String() string { return unpad(t[:]) }

// Stamp is a transmission date and time, field 7: MMDDhhmmss in UTC. It has no year.
type Stamp string

// NewStamp returns the stamp of a time.
func NewStamp(t time.Time) Stamp { return Stamp(t.UTC().Format("0102150405")) }

func parseStamp(text string) (Stamp, error) {
	// A leap year stands in front, so that 29 February is a date.
	if _, err := time.Parse("20060102150405", "2000"+text); err != nil || len(text) != 10 {
		return "", fmt.Errorf("%w: field %d is no date and time", ErrFormat, fieldTransmission)
	}
	return Stamp(text), nil
}

// Key names one request of one terminal. Two requests with the same key are the same request: the
// second gets the first one's answer.
type Key struct {
	// Party is the merchant's ID in the protocol, ID_M, by its TLS certificate. The server fills it
	// in, the client leaves it out.
	Party    message.PartyID
	Merchant Merchant
	Terminal Terminal
	STAN     uint32 // 1 to [MaxSTAN]
	Sent     Stamp
}

// NewKey returns a key without its party from what was stored of it: merchant and terminal with
// their padding. It returns [ErrFormat].
func NewKey(merchant, terminal string, stan uint32, sent string) (Key, error) {
	k := Key{STAN: stan}
	if stan == 0 || stan > MaxSTAN {
		return Key{}, fmt.Errorf("%w: field %d isn't 000001 to 999999", ErrFormat, fieldSTAN)
	}
	var err error
	if k.Sent, err = parseStamp(sent); err != nil {
		return Key{}, err
	}
	if err := exactly(k.Terminal[:], terminal, fieldTerminal); err != nil {
		return Key{}, err
	}
	return k, exactly(k.Merchant[:], merchant, fieldMerchant)
}

// Sum returns SHA-256 over all fields of the key, as an identity for storage: party || merchant ||
// terminal || STAN, 6 digits || stamp, 10 digits.
func (k Key) Sum() [sha256.Size]byte {
	raw := append([]byte(nil), k.Party[:]...)
	raw = append(append(raw, k.Merchant[:]...), k.Terminal[:]...)
	return sha256.Sum256(fmt.Appendf(raw, "%06d%s", k.STAN, k.Sent))
}

// setKey sets fields 7, 11, 41 and 42.
func (m isoMessage) setKey(k Key) {
	m.fields[fieldTransmission] = string(k.Sent)
	m.fields[fieldSTAN] = fmt.Sprintf("%06d", k.STAN)
	m.fields[fieldTerminal] = string(k.Terminal[:])
	m.fields[fieldMerchant] = string(k.Merchant[:])
}

// key reads fields 7, 11, 41 and 42.
func (m isoMessage) key(party message.PartyID) (Key, error) {
	stan, err := parseSTAN(m.fields[fieldSTAN])
	if err != nil {
		return Key{}, err
	}
	k, err := NewKey(m.fields[fieldMerchant], m.fields[fieldTerminal], stan,
		m.fields[fieldTransmission])
	k.Party = party
	return k, err
}

func parseSTAN(text string) (uint32, error) {
	n, err := digits(text, 6)
	if err != nil || n == 0 || n > MaxSTAN {
		return 0, fmt.Errorf("%w: field %d isn't 000001 to 999999", ErrFormat, fieldSTAN)
	}
	return uint32(n), nil //nolint:gosec // 1 to 999,999
}

// pad copies printable text and fills up with spaces.
func pad(dst []byte, text string, id int) error {
	if text == "" || len(text) > len(dst) {
		return fmt.Errorf("%w: field %d takes 1 to %d characters", ErrFormat, id, len(dst))
	}
	for i := range dst {
		dst[i] = ' '
	}
	copy(dst, text)
	return printable(dst, id)
}

// exactly copies printable text that has the whole length.
func exactly(dst []byte, text string, id int) error {
	if len(text) != len(dst) {
		return fmt.Errorf("%w: field %d takes %d characters", ErrFormat, id, len(dst))
	}
	copy(dst, text)
	return printable(dst, id)
}

func printable(b []byte, id int) error {
	for _, c := range b {
		if c < ' ' || c > '~' {
			return fmt.Errorf("%w: field %d isn't printable ASCII", ErrFormat, id)
		}
	}
	return nil
}

func unpad(b []byte) string {
	for len(b) > 0 && b[len(b)-1] == ' ' {
		b = b[:len(b)-1]
	}
	return string(b)
}
