package acquirer

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxMessage is the longest message that the bench sends or takes, in bytes.
const MaxMessage = 1024

// ErrTooLong means that a frame says it is longer than [MaxMessage]. Its body wasn't read.
var ErrTooLong = errors.New("message is too long")

// readFrame reads the next message: 2 bytes of length, big-endian, then the message. At the end of
// the stream it returns io.EOF, in the middle of a frame io.ErrUnexpectedEOF; a length of 0 is
// [ErrFormat].
func readFrame(r io.Reader) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := int(binary.BigEndian.Uint16(head[:]))
	if n > MaxMessage {
		return nil, fmt.Errorf("%w: %d bytes, at most %d are taken", ErrTooLong, n, MaxMessage)
	}
	if n == 0 {
		return nil, fmt.Errorf("%w: frame without a message", ErrFormat)
	}
	body := make([]byte, n)
	_, err := io.ReadFull(r, body)
	if errors.Is(err, io.EOF) {
		err = io.ErrUnexpectedEOF
	}
	return body, err
}

// writeFrame writes a message behind its length, in one write.
func writeFrame(w io.Writer, message []byte) error {
	if len(message) > MaxMessage {
		return fmt.Errorf("%w: %d bytes", ErrTooLong, len(message))
	}
	frame := binary.BigEndian.AppendUint16(nil, uint16(len(message))) //nolint:gosec // at most 1024
	_, err := w.Write(append(frame, message...))
	return err
}
