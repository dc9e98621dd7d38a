package message

import (
	"crypto/ecdh"
	"crypto/hpke"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/wire"
)

// MaxEvidence is the largest attestation evidence in bytes, encoded; see [SealEvidence].
const MaxEvidence = 4096

// BINFOLen is the published size of BINFO: one for everybody.
const BINFOLen = wire.PointLen + 2 + binfoInnerLen + MaxEvidence + gcmOverhead

const (
	binfoInnerLen = wire.PointLen + 304 + wire.MACLen
	gcmOverhead   = 16
)

// ErrEvidenceSize means that evidence is larger than [MaxEvidence]. Nothing was sent. Start the
// phone anew to shorten its measurement list.
var ErrEvidenceSize = errors.New("attestation evidence is too long")

// SealEvidence seals the host's evidence beside phase 2 message 3 with HPKE (AES-128-GCM, info
// type || label || th_3): enc || ciphertext, padded to one size.
func SealEvidence(to PublicKey, th Transcript, evidence []byte) ([]byte, error) {
	return hostSeal(to, append(Prefix(wire.MsgAIDEvidence), th[:]...), nil, evidence)
}

// OpenEvidence is the inverse of [SealEvidence].
func OpenEvidence(key *ecdh.PrivateKey, th Transcript, sealed []byte) ([]byte, error) {
	_, evidence, err := hostOpen(key, append(Prefix(wire.MsgAIDEvidence), th[:]...), 0, sealed)
	return evidence, err
}

// SealBINFO makes BINFO of its inner part and the evidence: HPKE (AES-128-GCM, info type ||
// label), always [BINFOLen] bytes. It refuses more than [MaxEvidence] with [ErrEvidenceSize].
func SealBINFO(to PublicKey, inner, evidence []byte) ([]byte, error) {
	if len(inner) != binfoInnerLen {
		return nil, fmt.Errorf("%w: inner BINFO of %d bytes", ErrLayout, len(inner))
	}
	return hostSeal(to, Prefix(wire.MsgBINFOOuter), inner, evidence)
}

// OpenBINFO is the inverse of [SealBINFO].
func OpenBINFO(key *ecdh.PrivateKey, sealed []byte) (inner, evidence []byte, err error) {
	return hostOpen(key, Prefix(wire.MsgBINFOOuter), binfoInnerLen, sealed)
}

// hostSeal pads inner || len(evidence) || evidence to one size and seals it.
func hostSeal(to PublicKey, info, inner, evidence []byte) ([]byte, error) {
	if len(evidence) > MaxEvidence {
		return nil, fmt.Errorf("%w: %d bytes, at most %d", ErrEvidenceSize, len(evidence), MaxEvidence)
	}
	point, err := to.ECDH()
	if err != nil {
		return nil, err
	}
	key, err := hpke.NewDHKEMPublicKey(point)
	if err != nil {
		return nil, fmt.Errorf("sealing evidence: %w", err)
	}
	plain := make([]byte, 0, len(inner)+2+MaxEvidence)
	plain = append(plain, inner...)
	plain = binary.BigEndian.AppendUint16(plain, uint16(len(evidence))) //nolint:gosec // checked
	plain = append(plain, evidence...)
	return hpke.Seal(key, hpke.HKDFSHA256(), hpke.AES128GCM(), info, plain[:cap(plain)])
}

func hostOpen(key *ecdh.PrivateKey, info []byte, innerLen int, sealed []byte) (
	inner, evidence []byte, err error,
) {
	if len(sealed) != wire.PointLen+innerLen+2+MaxEvidence+gcmOverhead {
		return nil, nil, fmt.Errorf("%w: %d bytes of evidence", ErrLayout, len(sealed))
	}
	private, err := hpke.NewDHKEMPrivateKey(key)
	if err != nil {
		return nil, nil, fmt.Errorf("opening evidence: %w", err)
	}
	plain, err := hpke.Open(private, hpke.HKDFSHA256(), hpke.AES128GCM(), info, sealed)
	if err != nil {
		return nil, nil, fmt.Errorf("%w: evidence", ErrSealed)
	}
	inner, rest := plain[:innerLen], plain[innerLen+2:]
	n := int(binary.BigEndian.Uint16(plain[innerLen:]))
	if n > len(rest) {
		return nil, nil, fmt.Errorf("%w: evidence of %d bytes", ErrLayout, n)
	}
	for _, b := range rest[n:] {
		if b != 0 {
			return nil, nil, fmt.Errorf("%w: padding of evidence", ErrLayout)
		}
	}
	return inner, rest[:n], nil
}
