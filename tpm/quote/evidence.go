package quote

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
)

// MaxEvidence is the longest evidence in bytes of its binary form.
const MaxEvidence = 4096

// MaxList is the longest measurement list, in bytes, that fits beside the other parts of a P-256
// key's quote over one bank: 145, 72 and 88 bytes.
const MaxList = MaxEvidence - evidenceHeader - 145 - 72 - 88

const (
	evidenceVersion = 1
	evidenceHeader  = 1 + 4*2
)

// Evidence is what an attester hands to a verifier. Its parts are as the TPM and the list's keeper
// made them.
type Evidence struct {
	Attest    []byte // TPMS_ATTEST, at most 512 bytes
	Signature []byte // TPMT_SIGNATURE, at most 128 bytes
	AKPublic  []byte // TPMT_PUBLIC of the attestation key, at most 256 bytes
	List      []byte // measurement list in its binary form
}

// parts returns the parts in their order on the wire.
func (e *Evidence) parts() [4]*[]byte {
	return [4]*[]byte{&e.Attest, &e.Signature, &e.AKPublic, &e.List}
}

// check refuses what Encode can't write and ParseEvidence wouldn't read.
func (e *Evidence) check() error {
	limits := [4]int{maxAttest, maxSignature, maxPublic, MaxEvidence}
	total := evidenceHeader
	for i, part := range e.parts() {
		if len(*part) > limits[i] {
			return fmt.Errorf("%w: part %d of %d bytes", ErrTooLarge, i+1, len(*part))
		}
		if len(*part) == 0 && part != &e.List {
			return fmt.Errorf("%w: part %d is missing", ErrEvidence, i+1)
		}
		total += len(*part)
	}
	if total > MaxEvidence {
		return fmt.Errorf("%w: %d bytes, %d allowed", ErrTooLarge, total, MaxEvidence)
	}
	return nil
}

// Encode returns the binary form, integers big-endian:
//
//	version    1    01
//	attest     2+n  length, TPMS_ATTEST
//	signature  2+n  length, TPMT_SIGNATURE
//	ak public  2+n  length, TPMT_PUBLIC
//	list       2+n  length, measurement list in its binary form
//
// Evidence that is longer than [MaxEvidence] is [ErrTooLarge]: it is refused before it is sent.
func (e Evidence) Encode() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	out := []byte{evidenceVersion}
	for _, part := range e.parts() {
		out = binary.BigEndian.AppendUint16(out, uint16(len(*part))) //nolint:gosec // check bounds it
		out = append(out, *part...)
	}
	return out, nil
}

// ParseEvidence reads the binary form; trailing bytes are refused. The parts are copies; what is in
// them is judged by [Verify]. Errors: [ErrTooLarge], [ErrEvidence].
func ParseEvidence(b []byte) (Evidence, error) {
	if len(b) > MaxEvidence {
		return Evidence{}, fmt.Errorf("%w: %d bytes, %d allowed", ErrTooLarge, len(b), MaxEvidence)
	}
	r := newReader(b)
	if version := r.U8(); r.Err() == nil && version != evidenceVersion {
		return Evidence{}, fmt.Errorf("%w: version %d", ErrEvidence, version)
	}
	var e Evidence
	for _, part := range e.parts() {
		*part = bytes.Clone(r.sized("part", MaxEvidence))
	}
	if err := r.End("evidence"); err != nil {
		return Evidence{}, err
	}
	if err := e.check(); err != nil {
		return Evidence{}, err
	}
	return e, nil
}

// evidenceJSON is the JSON form: every part in base64.
type evidenceJSON struct {
	Attest    []byte `json:"attest"`
	Signature []byte `json:"signature"`
	AKPublic  []byte `json:"ak_public"`
	List      []byte `json:"list"`
}

// MarshalJSON returns an object with the members attest, signature, ak_public and list, each in
// base64. It has [Evidence.Encode]'s errors.
func (e Evidence) MarshalJSON() ([]byte, error) {
	if err := e.check(); err != nil {
		return nil, err
	}
	return json.Marshal(evidenceJSON(e))
}

// UnmarshalJSON reads what MarshalJSON writes; unknown members are refused. It has
// [ParseEvidence]'s errors.
func (e *Evidence) UnmarshalJSON(b []byte) error {
	if len(b) > 2*MaxEvidence {
		return fmt.Errorf("%w: JSON of %d bytes", ErrTooLarge, len(b))
	}
	in := json.NewDecoder(bytes.NewReader(b))
	in.DisallowUnknownFields()
	var read evidenceJSON
	if err := in.Decode(&read); err != nil {
		return fmt.Errorf("%w: %w", ErrEvidence, err)
	}
	evidence := Evidence(read)
	if err := evidence.check(); err != nil {
		return err
	}
	*e = evidence
	return nil
}
