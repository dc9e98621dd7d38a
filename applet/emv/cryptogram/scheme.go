package cryptogram

import (
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
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
	// VersionCCD3DES: the same with triple DES: master keys by option B.
	VersionCCD3DES
)

// Schemes returns all schemes.
func Schemes() []Scheme {
	return []Scheme{VersionCVN10, VersionCVN18, VersionCCD, VersionCCD3DES}
}

// Known says whether it is one of them.
func (s Scheme) Known() bool { return slices.Contains(Schemes(), s) }

// String names the scheme as key files do: "cvn10", "cvn18", "ccd", "ccd-3des".
func (s Scheme) String() string {
	switch s {
	case VersionCVN10:
		return "cvn10"
	case VersionCVN18:
		return "cvn18"
	case VersionCCD:
		return "ccd"
	case VersionCCD3DES:
		return "ccd-3des"
	}
	return fmt.Sprintf("Scheme(%d)", byte(s))
}

// ParseScheme reads such a name, or says [ErrScheme].
func ParseScheme(name string) (Scheme, error) {
	for _, s := range Schemes() {
		if s.String() == name {
			return s, nil
		}
	}
	return 0, fmt.Errorf("%w: %q, expected cvn10, cvn18, ccd or ccd-3des", ErrScheme, name)
}

// Derive makes a card's master keys from the issuer's. An error wraps [ErrPAN] or [ErrScheme].
func (s Scheme) Derive(issuer Keys, pan string, sequence byte) (Keys, error) {
	derive := MasterKeyA
	switch s {
	case VersionCVN10:
	case VersionCVN18, VersionCCD3DES:
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
	case VersionCVN18, VersionCCD3DES:
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
	case VersionCVN18, VersionCCD3DES:
		return CVN18(session, d), nil
	case VersionCCD:
		return CCD(session, d), nil
	}
	return AC{}, ErrScheme
}

// arpcLen2 is the length of an ARPC by method 2, in bytes.
const arpcLen2 = 4

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
	case VersionCVN18, VersionCCD3DES:
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
		n = arpcLen2
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
