package message

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"tapbench/applet/wire"
)

// What can be wrong with what unlocks an element.
var (
	// ErrSoftware means that a software id hasn't 1 to 64 bytes, or zeros behind it.
	ErrSoftware = errors.New("not a software id")
	// ErrAttest means that bytes aren't a quote of PCR 23 in the SHA-256 bank alone.
	ErrAttest = errors.New("not a quote of PCR 23 alone")
)

// Software is a software id as the element keeps it: its length, 1 to 64, the id, zeros.
type Software [wire.SoftwareLen]byte

// NewSoftware returns a software id, or [ErrSoftware].
func NewSoftware(id string) (Software, error) {
	var s Software
	if len(id) == 0 || len(id) > len(s)-1 {
		return Software{}, fmt.Errorf("%w: %d bytes", ErrSoftware, len(id))
	}
	s[0] = byte(len(id))
	copy(s[1:], id)
	return s, nil
}

// Check returns [ErrSoftware] for what [NewSoftware] wouldn't make.
func (s Software) Check() error {
	n := int(s[0])
	if n == 0 || n > len(s)-1 || bytes.Trim(s[1+n:], "\x00") != nil {
		return fmt.Errorf("%w: length %d", ErrSoftware, n)
	}
	return nil
}

// String returns the id, or "" for what isn't one.
func (s Software) String() string {
	if s.Check() != nil {
		return ""
	}
	return string(s[1 : 1+int(s[0])])
}

// Reference is what SK_B signs as reference (phase 1): the program that unlocks this element in the
// phone of that attestation key. Nonce is the element's, so that no earlier one can be put back.
type Reference struct {
	Bank     PartyID
	SE       PublicKey
	AK       PublicKey
	Nonce    Nonce
	Software Software
	Program  Hash // SHA-256 of the executable
	Policy   wire.LaunchPolicy
}

// Digest returns what is signed.
func (m Reference) Digest() Hash {
	th := NewTranscript(1, wire.RoleUser, wire.RoleBank, m.Bank)
	return SumTranscript(wire.MsgReference, th, m)
}

// LaunchConsent is what SK_B signs as launch-consent (phase 1): this element may unlock once, in
// the session that its nonce belongs to.
type LaunchConsent struct {
	Bank     PartyID
	SE       PublicKey
	AK       PublicKey
	Nonce    Nonce
	Software Software
	Program  Hash
}

// Digest returns what is signed.
func (m LaunchConsent) Digest() Hash {
	th := NewTranscript(1, wire.RoleUser, wire.RoleBank, m.Bank)
	return SumTranscript(wire.MsgLaunchConsent, th, m)
}

// LaunchQuestion is what a quote has to answer so that the element unlocks.
type LaunchQuestion struct {
	Nonce    Nonce
	Software Software // checked
	AK, SE   PublicKey
}

// launchPurpose says in the qualifying data that the element judges.
const launchPurpose = 3

// Qualifying returns the quote's extraData: SHA-256("tapbench/1 quote" || 03 || nonce || zeros [16]
// || software id with its length || PK_AK || PK_SE).
func (q LaunchQuestion) Qualifying() Hash {
	in := append([]byte(wire.Label+" quote"), launchPurpose)
	in = append(in, q.Nonce[:]...)
	in = append(in, make([]byte, wire.SessionIDLen)...)
	in = append(in, q.Software[:1+int(q.Software[0])]...)
	in = append(in, q.AK[:]...)
	return sha256.Sum256(append(in, q.SE[:]...))
}

// LaunchPCRs returns the PCR digest of a quote of PCR 23 after the start of a program: the PCR was
// reset, then extended with the program's digest.
func LaunchPCRs(program Hash) Hash {
	value := sha256.Sum256(append(make([]byte, wire.HashLen), program[:]...))
	return sha256.Sum256(value[:])
}

// Where the parts of a quote over SHA-256 names and one PCR bank lie (TPM 2.0 Library, Part 2,
// revision 1.59, clauses 10.12.8 and 10.12.12): magic, type, signer [36], extraData [34], clock
// [17], firmware [8], selection [10], digest [34].
const (
	attestSigner    = 6
	attestExtra     = attestSigner + 36
	attestClock     = attestExtra + 34
	attestSelection = attestClock + 17 + 8
	attestDigest    = attestSelection + 10
)

// ParseLaunchAttest reads a TPMS_ATTEST of [wire.AttestLen] bytes and returns the qualifying data
// and the PCR digest in it. Whatever isn't a quote that covers PCR 23 of the SHA-256 bank, and
// nothing else, is [ErrAttest]. Who signed it is the caller's to check.
func ParseLaunchAttest(raw []byte) (qualifying, pcrs Hash, err error) {
	if len(raw) != wire.AttestLen {
		return Hash{}, Hash{}, fmt.Errorf("%w: %d bytes", ErrAttest, len(raw))
	}
	for _, part := range []struct {
		at   int
		want string
	}{
		{0, "\xFFTCG\x80\x18"},             // TPM_GENERATED_VALUE, TPM_ST_ATTEST_QUOTE
		{attestSigner, "\x00\x22\x00\x0B"}, // a Qualified Name by SHA-256
		{attestExtra, "\x00\x20"},
		// One selection, of the SHA-256 bank, in three octets: PCR 23.
		{attestSelection, "\x00\x00\x00\x01\x00\x0B\x03\x00\x00\x80"},
		{attestDigest, "\x00\x20"},
	} {
		if string(raw[part.at:part.at+len(part.want)]) != part.want {
			return Hash{}, Hash{}, fmt.Errorf("%w: bytes from %d", ErrAttest, part.at)
		}
	}
	return Hash(raw[attestExtra+2 : attestClock]), Hash(raw[attestDigest+2:]), nil
}
