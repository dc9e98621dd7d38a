package cryptogram

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"

	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// Message is a script's command before it is secured, and behind it.
type Message struct {
	CLA, INS, P1, P2 byte   // CLA without the bits that say secure messaging
	Data             []byte // in clear
	// Secret says that the data are enciphered.
	Secret bool
}

// The bits of CLA that say secure messaging (EMV 4.3 Book 2, 9.1).
const (
	ClassFormat1 byte = 0x0C
	ClassFormat2 byte = 0x04
)

// SecureClass is the bits of CLA by which a scheme's scripts say secure messaging: those of format
// 1, where data and MAC are objects, in the common core definitions; else those of format 2.
func (s Scheme) SecureClass() byte {
	if s.chains() {
		return ClassFormat1
	}
	return ClassFormat2
}

// chains says whether scripts have format 1 and MACs that hang together.
func (s Scheme) chains() bool { return s == VersionCCD || s == VersionCCD3DES }

// FieldLen is how long a secured data field is, in bytes, for n bytes of data and a MAC of mac
// bytes (0: 8).
func (s Scheme) FieldLen(n int, secret bool, mac int) int {
	if secret {
		n = s.encipheredLen(n)
	}
	if !s.chains() {
		return n + macLen(mac)
	}
	object := 0
	if n > 0 {
		if secret {
			n++ // the padding indicator
		}
		object = len(tlv.Append(nil, tagPlain, make([]byte, n)))
	}
	return object + objectHead + macLen(mac)
}

// encipheredLen is the length of n bytes that are enciphered.
func (s Scheme) encipheredLen(n int) int {
	block := BlockLen
	switch s {
	case VersionCCD:
		block = KeyLen
	case VersionCVN10, VersionCVN18:
		n++ // the length
	case VersionCCD3DES:
	}
	return n/block*block + block
}

func macLen(mac int) int {
	if mac == 0 {
		return MaxMAC
	}
	return mac
}

// Messaging is the secure messaging of one transaction's scripts (Book 2, 9). It prints as
// "Messaging(hidden)". One goroutine uses it, and in the order of the commands: in format 1 each
// MAC hangs on the one before.
type Messaging struct {
	scheme Scheme
	master Keys
	atc    [2]byte
	ac     AC
	macLen int
	// chain is what the next MAC of format 1 begins with; with triple DES its first 8 bytes.
	chain [KeyLen]byte
}

// Messaging makes it of a card's master keys, the ATC, the cryptogram that the card answered first,
// and the length of the MACs: 4 to 8, 0 for 8.
func (s Scheme) Messaging(card Keys, atc [2]byte, ac AC, mac int) *Messaging {
	m := &Messaging{scheme: s, master: card, atc: atc, ac: ac, macLen: macLen(mac)}
	copy(m.chain[:], ac[:])
	return m
}

// Format hides the keys, whatever the verb.
func (Messaging) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "Messaging(hidden)") }

// Seal returns the next command, secured, as a C-APDU without Le. An error is [ErrLong].
func (m *Messaging) Seal(c Message) ([]byte, error) {
	n := m.scheme.FieldLen(len(c.Data), c.Secret, m.macLen)
	if n > apdu.MaxShortNc {
		return nil, fmt.Errorf("%w: %d bytes secured, at most %d", ErrLong, n, apdu.MaxShortNc)
	}
	header := [5]byte{c.CLA | m.scheme.SecureClass(), c.INS, c.P1, c.P2, byte(n)}
	body := c.Data
	if c.Secret {
		body = m.Encipher(c.Data)
	}
	if m.scheme.chains() {
		body = object(body, c.Secret)
	}
	mac := m.sign(header, body)
	m.chain = mac
	out := slices.Concat(header[:], body)
	if m.scheme.chains() {
		out = append(out, byte(tagMAC), byte(m.macLen))
	}
	return append(out, mac[:m.macLen]...), nil
}

// Open checks the next command's MAC and returns its data in clear: header with Lc as they were
// sent, and the data field. An error is [ErrNoMAC], [ErrMAC] or, behind a right MAC,
// [ErrEnciphered].
func (m *Messaging) Open(header [5]byte, field []byte, secret bool) ([]byte, error) {
	body, mac, err := m.split(field)
	if err != nil {
		return nil, err
	}
	want := m.sign(header, body)
	if !equal(want[:m.macLen], mac) {
		return nil, ErrMAC
	}
	data := body
	if m.scheme.chains() {
		if data, err = value(body, secret); err != nil {
			return nil, err
		}
	}
	m.chain = want
	if secret {
		return m.Decipher(data)
	}
	return slices.Clone(data), nil
}

// split takes a data field apart: what the MAC covers, and the MAC.
func (m *Messaging) split(field []byte) (body, mac []byte, err error) {
	end := len(field) - m.macLen
	if end < 0 {
		return nil, nil, ErrNoMAC
	}
	body, mac = field[:end], field[end:]
	if !m.scheme.chains() {
		return body, mac, nil
	}
	head := end - objectHead
	if head < 0 || field[head] != byte(tagMAC) || int(field[head+1]) != m.macLen {
		return nil, nil, ErrNoMAC
	}
	return field[:head], mac, nil
}

// sign is the whole MAC of a command; with triple DES 8 zeros follow.
func (m *Messaging) sign(header [5]byte, body []byte) (mac [KeyLen]byte) {
	session := m.session(m.master.MAC)
	var sum [BlockLen]byte
	switch m.scheme {
	case VersionCCD:
		return SignChainedAES(session, m.chain, [4]byte(header[:]), body)
	case VersionCCD3DES:
		sum = SignChained(session, [BlockLen]byte(m.chain[:]), [4]byte(header[:]), body)
	case VersionCVN10, VersionCVN18:
		sum = SignScript(session, header, m.atc, m.ac, body)
	}
	copy(mac[:], sum[:])
	return mac
}

// session is the key of MACs or of what is enciphered.
func (m *Messaging) session(master Key) Key {
	switch m.scheme {
	case VersionCCD:
		return SessionKeyAES(master, ByCryptogram(m.ac))
	case VersionCCD3DES:
		return SessionKey(master, ByCryptogram(m.ac))
	case VersionCVN10, VersionCVN18:
	}
	return ScriptKey(master, binary.BigEndian.Uint16(m.atc[:]))
}

// Encipher enciphers a command's data of at most 255 bytes.
func (m *Messaging) Encipher(data []byte) []byte {
	session := m.session(m.master.Encipher)
	switch m.scheme {
	case VersionCCD:
		return EncipherAES(session, data)
	case VersionCCD3DES:
		return Encipher(session, data)
	case VersionCVN10, VersionCVN18:
	}
	return EncipherCounted(session, data)
}

// Decipher is its inverse, or [ErrEnciphered]. It is to be used behind a MAC only.
func (m *Messaging) Decipher(enciphered []byte) ([]byte, error) {
	session := m.session(m.master.Encipher)
	switch m.scheme {
	case VersionCCD:
		return DecipherAES(session, enciphered)
	case VersionCCD3DES:
		return Decipher(session, enciphered)
	case VersionCVN10, VersionCVN18:
	}
	return DecipherCounted(session, enciphered)
}

// PINData are the data of PIN CHANGE/UNBLOCK for a new PIN, in clear, or [ErrPIN].
func (m *Messaging) PINData(pin string) ([]byte, error) {
	block, err := PINBlock(pin)
	if err != nil {
		return nil, err
	}
	if !m.scheme.chains() {
		block = maskPINBlock(m.master.AC, block)
	}
	return block[:], nil
}

// ReadPIN is its inverse, or [ErrPIN].
func (m *Messaging) ReadPIN(data []byte) (string, error) {
	if len(data) != BlockLen {
		return "", ErrPIN
	}
	block := [BlockLen]byte(data)
	if !m.scheme.chains() {
		block = maskPINBlock(m.master.AC, block)
	}
	return ParsePINBlock(block)
}
