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
	in := &reader{rest: log.raw}
	banks := in.first()
	extended := false // PCR 0
	for number := 1; in.err == nil && len(in.rest) > 0; number++ {
		event := in.event(banks)
		if in.err == nil && extended && event.sets() {
			in.fail(ErrOrder, "%s", event.Type)
		}
		if in.err != nil {
			return nil, fmt.Errorf("event %d: %w", number, in.err)
		}
		extended = extended || event.PCR == 0 && event.Extends()
		log.events = append(log.events, event)
	}
	if in.err != nil {
		return nil, fmt.Errorf("event 0: %w", in.err)
	}
	return log, nil
}

// first reads the first event, which extends nothing and says what banks follow.
func (r *reader) first() []bank {
	pcr, kind := r.u32(), Type(r.u32())
	r.take(sha1Size)
	data := r.data()
	if r.err == nil && (pcr != 0 || kind != NoAction || !bytes.HasPrefix(data, []byte(signature))) {
		r.fail(ErrFormat, "not crypto-agile: it doesn't begin with %q", signature[:len(signature)-1])
		return nil
	}
	in := &reader{rest: data, err: r.err}
	in.take(uint64(len(signature)))
	in.u32() // class: client or server
	minor, major := in.u8(), in.u8()
	in.take(2) // errata, size of UINTN
	if in.err == nil && (major != 2 || minor != 0) {
		in.fail(ErrFormat, "version %d.%d", major, minor)
	}
	banks := in.banks()
	in.take(uint64(in.u8())) // vendor data
	if in.err == nil && len(in.rest) > 0 {
		in.fail(ErrFormat, "%d bytes after the vendor data", len(in.rest))
	}
	r.err = in.err
	return banks
}

// banks reads which banks a log has. SHA-256 has to be one of them, once.
func (r *reader) banks() []bank {
	count := r.u32()
	if count > maxBanks {
		r.fail(ErrFormat, "%d banks", count)
		return nil
	}
	banks := make([]bank, 0, maxBanks)
	sha256s := 0
	for range count {
		b := bank{r.u16(), r.u16()}
		if b.algorithm == algSHA256 {
			sha256s++
		}
		if b.size == 0 || b.size > maxDigest || b.algorithm == algSHA256 && b.size != sha256Size {
			r.fail(ErrFormat, "bank %04X with digests of %d bytes", b.algorithm, b.size)
		}
		banks = append(banks, b)
	}
	if r.err == nil && sha256s != 1 {
		r.fail(ErrBank, "%d of %d banks", sha256s, count)
	}
	return banks
}

// event reads one event of the crypto-agile form.
func (r *reader) event(banks []bank) Event {
	pcr, kind := r.u32(), Type(r.u32())
	event := Event{PCR: int(pcr), Type: kind}
	switch {
	case r.err != nil:
	case pcr == math.MaxUint32 && kind == NoAction:
		event.PCR = NoPCR
	case pcr > measure.MaxPCR:
		r.fail(ErrFormat, "PCR %d", pcr)
	}
	if count := r.u32(); r.err == nil && count != uint32(len(banks)) { //nolint:gosec // at most 8
		r.fail(ErrBank, "%d digests for %d banks", count, len(banks))
	}
	for _, b := range banks {
		algorithm := r.u16()
		digest := r.take(uint64(b.size))
		if r.err == nil && algorithm != b.algorithm {
			r.fail(ErrBank, "digest of bank %04X instead of %04X", algorithm, b.algorithm)
		}
		if r.err == nil && algorithm == algSHA256 {
			event.Digest = [sha256Size]byte(digest)
		}
	}
	event.Data = r.data()
	return event
}

// data reads an event's data after its length.
func (r *reader) data() []byte {
	size := r.u32()
	if size > maxData {
		r.fail(ErrFormat, "event of %d bytes", size)
	}
	return r.take(uint64(size))
}
