package cryptogram

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// ErrScheme means a value that is no scheme, or data that aren't the scheme's.
var ErrScheme = errors.New("not data of this scheme")

// Scheme is how card and issuer compute all that they share: keys, cryptograms, ARPC and the secure
// messaging of scripts.
type Scheme byte

// The schemes. Versions 10 and 18 are what pyemv 1.5 computes for them (VisaCVN10, VisaCVN18),
// secure messaging with it.
const (
	// VersionCVN10: master keys by option A, no session key, ARPC by method 1.
	VersionCVN10 Scheme = iota + 1
	// VersionCVN18: master keys by option B, common session keys, ARPC by method 2.
	VersionCVN18
	// VersionCCD: the common core definitions with AES: master keys by option C, common session keys
	// for cryptograms and for scripts, ARPC by method 2.
	VersionCCD
)

// String names the scheme as key files do: "cvn10", "cvn18", "ccd".
func (s Scheme) String() string {
	switch s {
	case VersionCVN10:
		return "cvn10"
	case VersionCVN18:
		return "cvn18"
	case VersionCCD:
		return "ccd"
	}
	return fmt.Sprintf("Scheme(%d)", byte(s))
}

// ParseScheme reads such a name, or says [ErrScheme].
func ParseScheme(name string) (Scheme, error) {
	for s := VersionCVN10; s <= VersionCCD; s++ {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%w: %q, expected cvn10, cvn18 or ccd", ErrScheme, name)
}

// Derive makes a card's master keys from the issuer's. An error wraps [ErrPAN] or [ErrScheme].
func (s Scheme) Derive(issuer Keys, pan string, sequence byte) (Keys, error) {
	derive := MasterKeyA
	switch s {
	case VersionCVN10:
	case VersionCVN18:
		derive = MasterKeyB
	case VersionCCD:
		derive = MasterKeyC
	default:
		return Keys{}, ErrScheme
	}
	var card Keys
	for _, k := range []struct {
		from Key
		to   *Key
	}{{issuer.AC, &card.AC}, {issuer.MAC, &card.MAC}, {issuer.Encipher, &card.Encipher}} {
		var err error
		if *k.to, err = derive(k.from, pan, sequence); err != nil {
			return Keys{}, err
		}
	}
	return card, nil
}

// session is the key of cryptograms and ARPC.
func (s Scheme) session(master Key, atc [2]byte) Key {
	r := ByATC(binary.BigEndian.Uint16(atc[:]))
	switch s {
	case VersionCVN18:
		return SessionKey(master, r)
	case VersionCCD:
		return SessionKeyAES(master, r)
	case VersionCVN10:
	}
	return master
}

// The third byte of a plain IAD: 06 || key index || version || CVR [4].
const (
	CVN10Byte byte = 0x0A
	CVN18Byte byte = 0x12
)

// The card verification results of a plain IAD.
const (
	cvrAt  = 3
	cvrLen = 4
)

// Compute is an application cryptogram with a card's MK_AC. A version 10 IAD must have at least 7
// bytes, or the error is [ErrScheme].
func (s Scheme) Compute(master Key, d Data) (AC, error) {
	session := s.session(master, d.ATC)
	switch s {
	case VersionCVN10:
		if len(d.IAD) < cvrAt+cvrLen {
			return AC{}, fmt.Errorf("%w: IAD of %d bytes", ErrScheme, len(d.IAD))
		}
		return CVN10(session, d, d.IAD[cvrAt:cvrAt+cvrLen]), nil
	case VersionCVN18:
		return CVN18(session, d), nil
	case VersionCCD:
		return CCD(session, d), nil
	}
	return AC{}, ErrScheme
}

// UpdateLen is the length of what the issuer says beside an ARPC, in bytes: a response code by
// method 1, a card status update by method 2.
func (s Scheme) UpdateLen() int {
	if s == VersionCVN10 {
		return 2
	}
	return 4
}

// IssuerAuth is tag 91's value: ARPC, then update, then own, which method 1 doesn't have. A wrong
// length of update, or more than 8 bytes of own, is [ErrScheme].
func (s Scheme) IssuerAuth(master Key, atc [2]byte, arqc AC, update, own []byte) ([]byte, error) {
	if len(update) != s.UpdateLen() || len(own) > BlockLen {
		return nil, fmt.Errorf("%w: update of %d bytes, %d more", ErrScheme, len(update), len(own))
	}
	session := s.session(master, atc)
	switch s {
	case VersionCVN10:
		if len(own) == 0 {
			sum := ARPC1(session, arqc, [2]byte(update))
			return append(sum[:], update...), nil
		}
	case VersionCVN18:
		sum := ARPC2(session, arqc, [4]byte(update), own)
		return append(append(sum[:], update...), own...), nil
	case VersionCCD:
		sum := ARPC2AES(session, arqc, [4]byte(update), own)
		return append(append(sum[:], update...), own...), nil
	}
	return nil, ErrScheme
}

// CheckIssuerAuth checks tag 91's value and returns what the issuer says, or [ErrMAC].
func (s Scheme) CheckIssuerAuth(master Key, atc [2]byte, arqc AC, auth []byte) ([]byte, error) {
	n := BlockLen
	if s != VersionCVN10 {
		n = minMAC
	}
	end := n + s.UpdateLen()
	if len(auth) < end {
		return nil, ErrMAC
	}
	update := auth[n:end]
	want, err := s.IssuerAuth(master, atc, arqc, update, auth[end:])
	if err != nil || !equal(want, auth) {
		return nil, ErrMAC
	}
	return append([]byte(nil), update...), nil
}

// Messaging is the secure messaging of one transaction's scripts (Book 2, 9). It prints as
// "Messaging(hidden)".
type Messaging struct {
	scheme Scheme
	master Keys
	atc    [2]byte
	ac     AC
}

// Messaging makes it of a card's master keys, the ATC, and the cryptogram that the card answered
// first.
func (s Scheme) Messaging(card Keys, atc [2]byte, ac AC) Messaging {
	return Messaging{scheme: s, master: card, atc: atc, ac: ac}
}

// Format hides the keys, whatever the verb.
func (Messaging) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "Messaging(hidden)") }

// session is the key of MACs or of what is enciphered.
func (m Messaging) session(master Key) Key {
	if m.scheme == VersionCCD {
		return SessionKeyAES(master, ByCryptogram(m.ac))
	}
	return ScriptKey(master, binary.BigEndian.Uint16(m.atc[:]))
}

// Sign is the MAC of a command: header with Lc as it is sent, MAC included, and data before the
// MAC.
func (m Messaging) Sign(header [5]byte, data []byte) [BlockLen]byte {
	session := m.session(m.master.MAC)
	if m.scheme == VersionCCD {
		return SignScriptAES(session, header, m.atc, m.ac, data)
	}
	return SignScript(session, header, m.atc, m.ac, data)
}

// Check checks a MAC of 4 to 8 bytes, or says [ErrMAC].
func (m Messaging) Check(header [5]byte, data, mac []byte) error {
	return checkMAC(m.Sign(header, data), mac)
}

// Encipher enciphers a command's data of at most 255 bytes.
func (m Messaging) Encipher(data []byte) []byte {
	session := m.session(m.master.Encipher)
	if m.scheme == VersionCCD {
		return EncipherAES(session, data)
	}
	return EncipherCounted(session, data)
}

// Decipher is its inverse, or [ErrEnciphered]. It is to be used behind a MAC only.
func (m Messaging) Decipher(enciphered []byte) ([]byte, error) {
	session := m.session(m.master.Encipher)
	if m.scheme == VersionCCD {
		return DecipherAES(session, enciphered)
	}
	return DecipherCounted(session, enciphered)
}

// EncipherPIN makes the data of PIN CHANGE/UNBLOCK for a new PIN, 16 bytes, or says [ErrPIN].
func (m Messaging) EncipherPIN(pin string) ([]byte, error) {
	block, err := PINBlock(pin)
	if err != nil {
		return nil, err
	}
	if m.scheme != VersionCCD {
		block = maskPINBlock(m.master.AC, block)
	}
	return m.Encipher(block[:]), nil
}

// DecipherPIN is its inverse: [ErrEnciphered] or [ErrPIN].
func (m Messaging) DecipherPIN(enciphered []byte) (string, error) {
	plain, err := m.Decipher(enciphered)
	if err != nil {
		return "", err
	}
	if len(plain) != BlockLen {
		return "", ErrPIN
	}
	block := [BlockLen]byte(plain)
	if m.scheme != VersionCCD {
		block = maskPINBlock(m.master.AC, block)
	}
	return ParsePINBlock(block)
}
