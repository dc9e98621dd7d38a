package quote

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"slices"

	"tapbench/tpm/measure"
)

// Expect is what a verifier knows by itself before it looks at any evidence.
type Expect struct {
	// AK is the enrolled attestation key's TPMT_PUBLIC.
	AK []byte
	// Binding is the question. Its AK is filled in from the enrolled key.
	Binding Binding
	// Qualifying, if set, is the question in Binding's place: qualifying data of 16 to 64 bytes
	// that somebody else's verifier chose. It must hold a nonce.
	Qualifying []byte
	// PCRs are the PCRs that the quote has to cover, no more and no fewer.
	PCRs []int
	// Explained are the values of those PCRs that something else than the list explains, such as a
	// firmware's event log; nil for none. The list may have no entry for them.
	Explained map[int][32]byte
	// Released reports whether a digest is one of software that was released. It is asked for each
	// entry of the list.
	Released func(digest [32]byte) bool
	// Revoked reports whether a digest is one of software that was released and may no longer run;
	// nil for none.
	Revoked func(digest [32]byte) bool
	// Last is the time of this key's last accepted quote, or nil if there was none.
	Last *ClockInfo
}

// Verdict is what accepted evidence says.
type Verdict struct {
	Clock    ClockInfo       // to be kept as the next Expect's Last
	Rebooted bool            // the TPM was reset since Expect.Last
	Firmware uint64          // the TPM's firmware version
	Entries  []measure.Entry // what was measured, oldest first
	PCRs     [][32]byte      // the values of Expect.PCRs, in ascending order of their numbers
}

// Verify judges evidence. It makes these checks, in this order, and stops at the first that fails:
//
//  1. the expectation itself is complete ([ErrExpect]); its nonce has 16 bytes ([ErrNonce]), the
//     rest of its binding is well-formed ([ErrBinding]) and its AK is an attestation key
//     ([ErrEvidence], [ErrAKAttributes]); qualifying data in the binding's place has 16 to 64
//     bytes ([ErrNonce]);
//  2. the evidence has all parts ([ErrEvidence]) and isn't too large ([ErrTooLarge]);
//  3. its AK is the enrolled one ([ErrAK]);
//  4. the signature is the AK's over the TPMS_ATTEST ([ErrSignature]): from here on the data is
//     the TPM's, and only now it is looked into;
//  5. it begins with TPM_GENERATED_VALUE ([ErrMagic]);
//  6. it is a quote ([ErrType]) and well-formed ([ErrEvidence]);
//  7. its signer is a primary key of the endorsement hierarchy ([ErrSigner]);
//  8. its qualifying data is the answer to this question ([ErrQualifyingData]);
//  9. reset count, restart count and clock haven't gone back ([ErrClock]);
//  10. it covers the PCRs asked for, in the SHA-256 bank only ([ErrPCRSelection]);
//  11. the measurement list is well-formed, has entries only for PCRs that it has to explain, and
//     one at least if there is such a PCR ([ErrList]);
//  12. what the list replays to and Expect.Explained lead to the quoted PCR digest
//     ([ErrPCRDigest]);
//  13. no measured digest was revoked ([ErrRevoked]);
//  14. every measured digest was released ([ErrUnreleased]).
//
// That the nonce is fresh and used once is the caller's to see to: it made the nonce.
func Verify(ev Evidence, exp Expect) (Verdict, error) {
	ak, qualifying, err := exp.complete()
	if err != nil {
		return Verdict{}, err
	}
	if err := ev.check(); err != nil {
		return Verdict{}, err
	}
	if !bytes.Equal(ev.AKPublic, exp.AK) {
		return Verdict{}, ErrAK
	}
	if err := verifySignature(ak.key, ev.Attest, ev.Signature); err != nil {
		return Verdict{}, err
	}
	attest, err := ParseAttest(ev.Attest)
	if err != nil {
		return Verdict{}, err
	}
	if signer := ak.QualifiedName(); !bytes.Equal(attest.Signer, signer[:]) {
		return Verdict{}, ErrSigner
	}
	if !bytes.Equal(attest.ExtraData, qualifying) {
		return Verdict{}, ErrQualifyingData
	}
	if err := exp.checkClock(attest.Clock); err != nil {
		return Verdict{}, err
	}
	verdict := Verdict{Clock: attest.Clock, Firmware: attest.Firmware}
	verdict.Rebooted = exp.Last != nil && attest.Clock.ResetCount != exp.Last.ResetCount
	return exp.judgeList(verdict, attest, ev.List)
}

// complete checks the expectation: check 1.
func (exp Expect) complete() (AK, []byte, error) {
	if exp.Released == nil || len(exp.PCRs) == 0 {
		return AK{}, nil, fmt.Errorf("%w: no PCRs or no rule for released digests", ErrExpect)
	}
	for i, pcr := range exp.PCRs {
		if pcr < 0 || pcr > measure.MaxPCR || slices.Contains(exp.PCRs[:i], pcr) {
			return AK{}, nil, fmt.Errorf("%w: PCR %d", ErrExpect, pcr)
		}
	}
	for pcr := range exp.Explained {
		if !slices.Contains(exp.PCRs, pcr) {
			return AK{}, nil, fmt.Errorf("%w: PCR %d is explained and not asked for", ErrExpect, pcr)
		}
	}
	ak, err := ParseAK(exp.AK)
	if err != nil {
		return AK{}, nil, fmt.Errorf("%w: enrolled key: %w", ErrExpect, err)
	}
	if n := len(exp.Qualifying); n > 0 {
		if n < NonceSize || n > maxExtra {
			return AK{}, nil, fmt.Errorf("%w: qualifying data of %d bytes", ErrNonce, n)
		}
		return ak, exp.Qualifying, nil
	}
	binding := exp.Binding
	binding.AK = ak.point[:]
	qualifying, err := QualifyingData(binding)
	return ak, qualifying[:], err
}

// checkClock compares with the last accepted quote: check 9. A reset may set the clock back by the
// seconds that weren't yet saved, a restart may not.
func (exp Expect) checkClock(now ClockInfo) error {
	last := exp.Last
	if last == nil || now.ResetCount > last.ResetCount {
		return nil
	}
	if now.ResetCount < last.ResetCount {
		return fmt.Errorf("%w: reset count %d after %d", ErrClock, now.ResetCount, last.ResetCount)
	}
	if now.RestartCount < last.RestartCount {
		return fmt.Errorf("%w: restart count %d after %d", ErrClock, now.RestartCount, last.RestartCount)
	}
	if now.Clock < last.Clock {
		return fmt.Errorf("%w: clock %d ms after %d ms", ErrClock, now.Clock, last.Clock)
	}
	return nil
}

// judgeList makes the checks 10 to 14 and completes the verdict.
func (exp Expect) judgeList(v Verdict, attest Attest, encoded []byte) (Verdict, error) {
	pcrs := slices.Sorted(slices.Values(exp.PCRs))
	if !slices.Equal(attest.banks, []uint16{algSHA256}) || !slices.Equal(attest.PCRs, pcrs) {
		return Verdict{}, fmt.Errorf("%w: %v of banks %04X, not %v of 000B", ErrPCRSelection,
			attest.PCRs, attest.banks, pcrs)
	}
	list, err := measure.ParseList(encoded)
	if err != nil {
		return Verdict{}, fmt.Errorf("%w: %w", ErrList, err)
	}
	v.Entries = list.Entries()
	if err := exp.checkEntries(v.Entries); err != nil {
		return Verdict{}, err
	}
	digest := sha256.New()
	for _, pcr := range pcrs {
		value, explained := exp.Explained[pcr]
		if !explained {
			value = list.Replay(pcr)
		}
		v.PCRs = append(v.PCRs, value)
		digest.Write(value[:])
	}
	if !bytes.Equal(digest.Sum(nil), attest.PCRDigest) {
		return Verdict{}, ErrPCRDigest
	}
	if err := exp.checkSoftware(v.Entries); err != nil {
		return Verdict{}, err
	}
	return v, nil
}

// checkEntries checks what the list speaks of: check 11.
func (exp Expect) checkEntries(entries []measure.Entry) error {
	if len(entries) == 0 && len(exp.Explained) < len(exp.PCRs) {
		return fmt.Errorf("%w: nothing was measured", ErrList)
	}
	for _, e := range entries {
		if _, explained := exp.Explained[e.PCR]; explained || !slices.Contains(exp.PCRs, e.PCR) {
			return fmt.Errorf("%w: entry for PCR %d, which isn't the list's to explain", ErrList, e.PCR)
		}
	}
	return nil
}

// checkSoftware checks what was measured: 13 and 14.
func (exp Expect) checkSoftware(entries []measure.Entry) error {
	for _, e := range entries {
		if exp.Revoked != nil && exp.Revoked(e.Digest) {
			return fmt.Errorf("%w: %s (sha256 %x)", ErrRevoked, e.Path, e.Digest)
		}
	}
	for _, e := range entries {
		if !exp.Released(e.Digest) {
			return fmt.Errorf("%w: %s (sha256 %x)", ErrUnreleased, e.Path, e.Digest)
		}
	}
	return nil
}
