package quote

import (
	"encoding/binary"

	"tapbench/tpm/cursor"
)

// reader walks over a marshalled TPM structure (big-endian).
type reader struct{ cursor.Cursor }

func newReader(b []byte) *reader {
	return &reader{cursor.New(b, binary.BigEndian, ErrEvidence)}
}

// sized returns a TPM2B: a 2-byte length of at most limit, then as many bytes.
func (r *reader) sized(what string, limit int) []byte {
	n := r.U16()
	if int(n) > limit {
		r.Fail(ErrEvidence, "%s of %d bytes", what, n)
		return nil
	}
	return r.Take(uint64(n))
}
