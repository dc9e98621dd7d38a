package quote

import (
	"crypto/sha256"
	"fmt"
)

// TPMS_ATTEST constants (Part 2, clauses 6.2 and 6.9).
const (
	magic     = 0xFF544347 // TPM_GENERATED_VALUE
	typeQuote = 0x8018     // TPM_ST_ATTEST_QUOTE
)

// Bounds of a TPMS_ATTEST, in bytes or entries: a quote over one bank has 145 bytes.
const (
	maxAttest     = 512
	maxName       = 2 + 64
	maxExtra      = 64
	maxSelections = 16
)

// ClockInfo is the TPM's time as a quote carries it (TPMS_CLOCK_INFO, Part 2, clause 10.11.1).
type ClockInfo struct {
	// Clock is the time in milliseconds for which the TPM has been powered; it is never set back,
	// but after a power cut it may continue from a value up to some seconds earlier.
	Clock uint64
	// ResetCount counts the TPM's resets: the reboots.
	ResetCount uint32
	// RestartCount counts suspends and resumes since the last reset.
	RestartCount uint32
	// Safe says that no higher Clock was ever reported.
	Safe bool
}

// Attest is a quote as the TPM made it.
type Attest struct {
	Signer    []byte // Qualified Name of the signing key
	ExtraData []byte // the caller's qualifying data
	Clock     ClockInfo
	Firmware  uint64
	PCRs      []int // the PCRs of the SHA-256 bank that are covered, ascending
	PCRDigest []byte

	banks []uint16 // hash algorithms of all banks that are covered
}

// ParseAttest reads a marshalled TPMS_ATTEST. It is strict; its slices alias b. Errors: [ErrMagic],
// [ErrType], [ErrTooLarge], [ErrEvidence].
//
// It checks no signature: believe nothing of what it returns before [Verify] has.
func ParseAttest(b []byte) (Attest, error) {
	if len(b) > maxAttest {
		return Attest{}, fmt.Errorf("%w: attestation of %d bytes", ErrTooLarge, len(b))
	}
	r := newReader(b)
	if got := r.U32(); r.Err() == nil && got != magic {
		return Attest{}, fmt.Errorf("%w: %08X", ErrMagic, got)
	}
	if got := r.U16(); r.Err() == nil && got != typeQuote {
		return Attest{}, fmt.Errorf("%w: type %04X", ErrType, got)
	}
	a := Attest{Signer: r.sized("signer", maxName), ExtraData: r.sized("qualifying data", maxExtra)}
	a.Clock = ClockInfo{Clock: r.U64(), ResetCount: r.U32(), RestartCount: r.U32()}
	safe := r.U8()
	if safe > 1 {
		r.Fail(ErrEvidence, "safe is %02X", safe)
	}
	a.Clock.Safe = safe == 1
	a.Firmware = r.U64()
	a.selection(r)
	a.PCRDigest = r.sized("PCR digest", sha256.Size)
	if err := r.End("attestation"); err != nil {
		return Attest{}, err
	}
	return a, nil
}

// selection reads a TPML_PCR_SELECTION.
func (a *Attest) selection(r *reader) {
	count := r.U32()
	if count > maxSelections {
		r.Fail(ErrEvidence, "%d PCR banks", count)
	}
	for i := uint32(0); i < count && r.Err() == nil; i++ {
		bank := r.U16()
		bitmap := r.Take(uint64(r.U8()))
		a.banks = append(a.banks, bank)
		if bank == algSHA256 {
			a.PCRs = append(a.PCRs, numbers(bitmap)...)
		}
	}
}

// numbers returns the PCRs that a selection's bitmap names: bit i of octet j is PCR 8j + i (Part 2,
// clause 10.6.1).
func numbers(bitmap []byte) []int {
	var pcrs []int
	for i, octet := range bitmap {
		for bit := range 8 {
			if octet&(1<<bit) != 0 {
				pcrs = append(pcrs, 8*i+bit)
			}
		}
	}
	return pcrs
}
