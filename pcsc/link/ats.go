package link

import (
	"errors"
	"fmt"
	"time"
)

// ErrATS means that bytes aren't an answer to select of a card of type A.
var ErrATS = errors.New("not an answer to select")

// ATS is what a card of type A says of itself on the contactless link (ISO/IEC 14443-4:2016, 5.2).
type ATS struct {
	// Frame is the longest frame that the card takes, in bytes (FSC), with its header and CRC.
	Frame int
	// Waiting is the time in which the card answers a frame, unless it asks for more (FWT).
	Waiting time.Duration
	// Historical are 0 to 15 bytes that the reader puts into the answer to reset that it makes up.
	Historical []byte
}

// DefaultATS is that of the bench's card: 05 78 80 80 02. Frames of 256 bytes, the same bit rate
// both ways, 77.3 ms to answer, card identifiers, no historical bytes.
func DefaultATS() []byte { return []byte{0x05, 0x78, 0x80, 0x80, 0x02} }

// frameSizes are FSD and FSC by their codes (ISO/IEC 14443-4:2016, 5.1 and 5.2.3).
func frameSizes() []int {
	return []int{16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096}
}

const (
	defaultFSCI = 2 // where T0 is missing
	defaultFWI  = 4 // where TB is missing
	maxFWI      = 14
	atsTA       = 0x10
	atsTB       = 0x20
	atsTC       = 0x40
	maxHistoric = 15
)

// ParseATS reads TL || T0 || TA || TB || TC || historical bytes, each of which but TL may be
// missing. TL must be the length. An error wraps [ErrATS].
func ParseATS(b []byte) (ATS, error) {
	if len(b) == 0 || int(b[0]) != len(b) {
		return ATS{}, fmt.Errorf("%w: %d bytes, TL says otherwise", ErrATS, len(b))
	}
	ats := ATS{Frame: frameSizes()[defaultFSCI], Waiting: waiting(defaultFWI)}
	if len(b) == 1 {
		return ats, nil
	}
	format, rest := b[1], b[2:]
	code := int(format & 0x0F)
	if code >= len(frameSizes()) {
		return ATS{}, fmt.Errorf("%w: frame size %d is reserved", ErrATS, code)
	}
	ats.Frame = frameSizes()[code]
	for _, bit := range []byte{atsTA, atsTB, atsTC} {
		if format&bit == 0 {
			continue
		}
		if len(rest) == 0 {
			return ATS{}, fmt.Errorf("%w: T0 announces bytes that are missing", ErrATS)
		}
		if bit == atsTB {
			fwi := rest[0] >> 4
			if fwi > maxFWI {
				return ATS{}, fmt.Errorf("%w: waiting time %d is reserved", ErrATS, fwi)
			}
			ats.Waiting = waiting(fwi)
		}
		rest = rest[1:]
	}
	if len(rest) > maxHistoric {
		return ATS{}, fmt.Errorf("%w: %d historical bytes, at most %d", ErrATS, len(rest), maxHistoric)
	}
	ats.Historical = append([]byte(nil), rest...)
	return ats, nil
}

// waiting is FWT (ISO/IEC 14443-4:2016, 7.2): 4,096 periods of the carrier, doubled FWI times.
func waiting(fwi byte) time.Duration {
	return time.Duration(4096<<fwi) * time.Second / carrier
}

// ATR returns the answer to reset that a reader makes up for such a card: 3B 8n 80 01, the
// historical bytes, and a check byte (PC/SC Part 3, Rev. 2.01.09, 3.1.3.2.3.1).
func (a ATS) ATR() []byte {
	atr := []byte{0x3B, 0x80 | byte(len(a.Historical)&0x0F), 0x80, 0x01}
	atr = append(atr, a.Historical...)
	var check byte
	for _, b := range atr[1:] {
		check ^= b
	}
	return append(atr, check)
}
