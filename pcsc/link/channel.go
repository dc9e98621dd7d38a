package link

import (
	"errors"
	"time"
)

// ErrRate means that a bit rate isn't one of [Rates].
var ErrRate = errors.New("no such bit rate")

// Channel is a contactless link and what stands behind it.
type Channel struct {
	// Rate is in kbit/s: 106, 212 or 424 (ISO/IEC 14443-3, type A; 848 is left out).
	Rate int
	// Frame is the longest frame in bytes, both ways, with its header and CRC: 256 (FSD and FSC of
	// code 8, ISO/IEC 14443-4).
	Frame int
	// Turn is the pause between two frames. Reader is what reader and host add to each APDU. Both
	// are estimates.
	Turn, Reader time.Duration
}

// Rates returns the bit rates, in kbit/s.
func Rates() []int { return []int{106, 212, 424} }

// NewChannel returns a link of a rate with the frames and pauses of a built-in reader, or
// [ErrRate].
func NewChannel(rate int) (Channel, error) {
	for _, known := range Rates() {
		if rate == known {
			return Channel{
				Rate: rate, Frame: 256, Turn: 100 * time.Microsecond,
				Reader: time.Millisecond,
			}, nil
		}
	}
	return Channel{}, ErrRate
}

const (
	frameOverhead = 3          // PCB and CRC, without CID and NAD (ISO/IEC 14443-4, block format)
	bitsPerByte   = 9          // with its parity bit (ISO/IEC 14443-3, type A standard frame)
	carrier       = 13_560_000 // Hz
)

// Time is what one exchange takes on the link: its frames, the acknowledgements between the blocks
// of a chain, a pause after each frame, and the reader.
func (c Channel) Time(e Exchange) time.Duration {
	bytes, frames := 0, 0
	for _, n := range []int{e.Sent, e.Received} {
		payload := max(1, c.Frame-frameOverhead)
		blocks := max(1, (n+payload-1)/payload)
		frames += 2*blocks - 1 // each block but the last is acknowledged
		bytes += n + (2*blocks-1)*frameOverhead
	}
	// A bit takes 128 periods of the carrier at 106 kbit/s, fewer in proportion above.
	const slowest = 106
	periods := int64(bytes) * bitsPerByte * 128 * slowest / int64(max(1, c.Rate))
	return time.Duration(periods*int64(time.Second)/carrier) +
		time.Duration(frames)*c.Turn + c.Reader
}
