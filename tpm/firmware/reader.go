package firmware

import (
	"encoding/binary"

	"tapbench/tpm/cursor"
)

// reader walks over a log's bytes (little-endian).
type reader struct{ cursor.Cursor }

func newReader(b []byte) *reader {
	return &reader{cursor.New(b, binary.LittleEndian, ErrFormat)}
}
