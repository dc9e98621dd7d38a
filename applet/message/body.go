package message

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/wire"
)

// ErrLayout means that bytes aren't the message that was expected: another type, another label or
// another length. Nothing of them was used.
var ErrLayout = errors.New("malformed message")

// Prefix returns type || label, the 11 bytes with which every structure begins.
func Prefix(t wire.MessageType) []byte {
	return append([]byte{byte(t)}, wire.Label...)
}

// Encode returns type || label || fields. Body must be a struct of fixed-length fields.
func Encode[T any](t wire.MessageType, body T) []byte {
	out, err := binary.Append(Prefix(t), binary.BigEndian, body)
	if err != nil {
		panic("message: body without a fixed length: " + err.Error()) // our own struct is wrong
	}
	return out
}

// Decode is the inverse of [Encode]. The length must fit to the byte.
func Decode[T any](t wire.MessageType, raw []byte) (T, error) {
	var body T
	prefix := Prefix(t)
	size := binary.Size(body)
	if len(raw) != len(prefix)+size || string(raw[:len(prefix)]) != string(prefix) {
		return body, fmt.Errorf("%w: type %02x, %d bytes", ErrLayout, byte(t), len(raw))
	}
	if _, err := binary.Decode(raw[len(prefix):], binary.BigEndian, &body); err != nil {
		return body, fmt.Errorf("%w: type %02x: %w", ErrLayout, byte(t), err)
	}
	return body, nil
}

// Size returns the length of [Encode]'s result for a body of type T.
func Size[T any]() int {
	var body T
	return 1 + len(wire.Label) + binary.Size(body)
}

// SumHash returns SHA-256(type || label || fields), what is signed when there is no transcript.
func SumHash[T any](t wire.MessageType, fields T) Hash {
	return sha256.Sum256(Encode(t, fields))
}

// SumTranscript returns SHA-256(type || label || th || fields), what is signed within a run.
func SumTranscript[T any](t wire.MessageType, th Transcript, fields T) Hash {
	type signed struct {
		Transcript Transcript
		Fields     T
	}
	return SumHash(t, signed{th, fields})
}

// Transcript is th_k: all that one pair of parties has sent in one phase so far.
type Transcript [wire.HashLen]byte

// NewTranscript returns th_0 = SHA-256(label || phase || initiator's role || responder's role ||
// responder's ID). It names no initiator: that one may be anonymous.
func NewTranscript(phase byte, initiator, responder wire.Role, id PartyID) Transcript {
	raw := append([]byte(wire.Label), phase, byte(initiator), byte(responder))
	return sha256.Sum256(append(raw, id[:]...))
}

// Next returns th_k = SHA-256(th_{k-1} || message as sent).
func (th Transcript) Next(sent []byte) Transcript {
	h := sha256.New()
	h.Write(th[:])
	h.Write(sent)
	return Transcript(h.Sum(nil))
}
