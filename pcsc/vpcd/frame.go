package vpcd

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

const (
	// MaxPayload is the longest payload of a frame, in bytes: what its length field can say.
	MaxPayload = 0xFFFF

	headerLen = 2
	// growth is how much room a frame's buffer gets ahead of the bytes that have come, in bytes.
	growth = 4096
)

// The controls.
const (
	controlOff   = 0x00
	controlOn    = 0x01
	controlReset = 0x02
	controlATR   = 0x04
)

// errTooLong is a payload that no frame can carry.
var errTooLong = errors.New("too long for a frame")

// readFrame reads one frame and returns its payload, which lies in buffer or, if that is too
// small, in a larger one that the next call should get. Room is made for bytes that have come,
// never for a length that was only claimed. The error is io.EOF before a frame and
// io.ErrUnexpectedEOF within one.
func readFrame(r io.Reader, buffer []byte) ([]byte, error) {
	if cap(buffer) < headerLen {
		buffer = make([]byte, headerLen, growth)
	}
	if _, err := io.ReadFull(r, buffer[:headerLen]); err != nil {
		return nil, err
	}
	length := int(binary.BigEndian.Uint16(buffer[:headerLen]))
	buffer = buffer[:0]
	for len(buffer) < length {
		have := len(buffer)
		if have == cap(buffer) {
			buffer = append(make([]byte, 0, have+growth), buffer...)
		}
		buffer = buffer[:min(length, cap(buffer))]
		if _, err := io.ReadFull(r, buffer[have:]); err != nil {
			if errors.Is(err, io.EOF) {
				err = io.ErrUnexpectedEOF
			}
			return nil, err
		}
	}
	return buffer, nil
}

// appendFrame appends a frame with the payload.
func appendFrame(dst, payload []byte) ([]byte, error) {
	if len(payload) > MaxPayload {
		return dst, fmt.Errorf("%d bytes: %w of at most %d", len(payload), errTooLong, MaxPayload)
	}
	dst = binary.BigEndian.AppendUint16(dst, uint16(len(payload))) //nolint:gosec // checked above
	return append(dst, payload...), nil
}
