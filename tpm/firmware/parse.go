package firmware

import (
	"bytes"
	"fmt"
	"math"

	"tapbench/tpm/measure"
)

const (
	// MaxLog is the longest log that is read, in bytes. A server's log has 20 to 100 KiB.
	MaxLog = 1 << 20
	// maxData is the longest event in bytes: the revocation list of Secure Boot has some 24,000.
	maxData = 1 << 16
	// maxBanks is how many banks a log may have. The TCG has named six hashes.
	maxBanks = 8

	algSHA256  = 0x000B
	sha1Size   = 20
	maxDigest  = 64
	sha256Size = 32
)

// signature begins the first event of a crypto-agile log.
const signature = "Spec ID Event03\x00"

// bank is one of the banks that the first event announces.
type bank struct{ algorithm, size uint16 }

// Parse reads a log. It is strict: every event has one digest for each bank that the first event
// announces, and nothing follows the last one. The log keeps nothing of b. Errors: [ErrTooLarge],
// [ErrFormat], [ErrBank], [ErrOrder], with the number of the event, the first being 0.
func Parse(b []byte) (*Log, error) {
	if len(b) > MaxLog {
		return nil, fmt.Errorf("%w: %d bytes, %d allowed", ErrTooLarge, len(b), MaxLog)
	}
	log := &Log{raw: bytes.Clone(b)}
	in := newReader(log.raw)
	banks, err := in.first()
	if err != nil {
		return nil, fmt.Errorf("event 0: %w", err)
	}
	extended := false // PCR 0
	for number := 1; in.Len() > 0; number++ {
		event := in.event(banks)
		if in.Err() == nil && extended && event.sets() {
			in.Fail(ErrOrder, "%s", event.Type)
		}
		if in.Err() != nil {
			return nil, fmt.Errorf("event %d: %w", number, in.Err())
		}
		extended = extended || event.PCR == 0 && event.Extends()
		log.events = append(log.events, event)
	}
	return log, nil
}

// first reads the first event, which extends nothing and says what banks follow.
func (r *reader) first() ([]bank, error) {
	pcr, kind := r.U32(), Type(r.U32())
	r.Take(sha1Size)
	data := r.data()
	if pcr != 0 || kind != NoAction || !bytes.HasPrefix(data, []byte(signature)) {
		r.Fail(ErrFormat, "not crypto-agile: it doesn't begin with %q", signature[:len(signature)-1])
		return nil, r.Err()
	}
	in := newReader(data)
	in.Take(uint64(len(signature)))
	in.U32() // class: client or server
	minor, major := in.U8(), in.U8()
	in.Take(2) // errata, size of UINTN
	if major != 2 || minor != 0 {
		in.Fail(ErrFormat, "version %d.%d", major, minor)
	}
	banks := in.banks()
	in.Take(uint64(in.U8())) // vendor data
	return banks, in.End("vendor data")
}

// banks reads which banks a log has. SHA-256 has to be one of them, once.
func (r *reader) banks() []bank {
	count := r.U32()
	if count > maxBanks {
		r.Fail(ErrFormat, "%d banks", count)
		return nil
	}
	banks := make([]bank, 0, maxBanks)
	sha256s := 0
	for range count {
		b := bank{r.U16(), r.U16()}
		if b.algorithm == algSHA256 {
			sha256s++
		}
		if b.size == 0 || b.size > maxDigest || b.algorithm == algSHA256 && b.size != sha256Size {
			r.Fail(ErrFormat, "bank %04X with digests of %d bytes", b.algorithm, b.size)
		}
		banks = append(banks, b)
	}
	if r.Err() == nil && sha256s != 1 {
		r.Fail(ErrBank, "%d of %d banks", sha256s, count)
	}
	return banks
}

// event reads one event of the crypto-agile form.
func (r *reader) event(banks []bank) Event {
	pcr, kind := r.U32(), Type(r.U32())
	event := Event{PCR: int(pcr), Type: kind}
	switch {
	case r.Err() != nil:
	case pcr == math.MaxUint32 && kind == NoAction:
		event.PCR = NoPCR
	case pcr > measure.MaxPCR:
		r.Fail(ErrFormat, "PCR %d", pcr)
	}
	if count := r.U32(); r.Err() == nil && count != uint32(len(banks)) { //nolint:gosec // at most 8
		r.Fail(ErrBank, "%d digests for %d banks", count, len(banks))
	}
	for _, b := range banks {
		algorithm := r.U16()
		digest := r.Take(uint64(b.size))
		if r.Err() == nil && algorithm != b.algorithm {
			r.Fail(ErrBank, "digest of bank %04X instead of %04X", algorithm, b.algorithm)
		}
		if r.Err() == nil && algorithm == algSHA256 {
			event.Digest = [sha256Size]byte(digest)
		}
	}
	event.Data = r.data()
	return event
}

// data reads an event's data after its length.
func (r *reader) data() []byte {
	size := r.U32()
	if size > maxData {
		r.Fail(ErrFormat, "event of %d bytes", size)
	}
	return r.Take(uint64(size))
}
