package quote

import (
	"encoding/binary"
	"fmt"
)

// reader walks over a marshalled TPM structure (big-endian). The first failure
// stays; what is read after it is zero.
type reader struct {
	rest []byte
	err  error
}

// fail records the first failure.
func (r *reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s", ErrEvidence, fmt.Sprintf(format, args...))
	}
	r.rest = nil
}

// take returns the next n bytes, or nil.
func (r *reader) take(n int) []byte {
	if n > len(r.rest) {
		r.fail("%d bytes announced, %d left", n, len(r.rest))
		return nil
	}
	out := r.rest[:n]
	r.rest = r.rest[n:]
	return out
}

func (r *reader) u8() byte {
	if b := r.take(1); b != nil {
		return b[0]
	}
	return 0
}

func (r *reader) u16() uint16 {
	if b := r.take(2); b != nil {
		return binary.BigEndian.Uint16(b)
	}
	return 0
}

func (r *reader) u32() uint32 {
	if b := r.take(4); b != nil {
		return binary.BigEndian.Uint32(b)
	}
	return 0
}

func (r *reader) u64() uint64 {
	if b := r.take(8); b != nil {
		return binary.BigEndian.Uint64(b)
	}
	return 0
}

// sized returns a TPM2B: a 2-byte length of at most limit, then as many bytes.
func (r *reader) sized(what string, limit int) []byte {
	n := int(r.u16())
	if n > limit {
		r.fail("%s of %d bytes", what, n)
		return nil
	}
	return r.take(n)
}

// end checks that nothing is left and returns the first failure.
func (r *reader) end(what string) error {
	if r.err == nil && len(r.rest) != 0 {
		r.fail("%d bytes after the %s", len(r.rest), what)
	}
	return r.err
}
