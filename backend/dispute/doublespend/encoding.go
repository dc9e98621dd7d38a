package doublespend

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// MaxLen is the longest evidence in bytes, encoded: type and label, the token, two meters.
const MaxLen = 1 + len(wire.Label) + wire.TokenLen + 2*meterLen

const meterLen = 214

// Encode returns type and label of [wire.MsgDoubleSpend], the token, and both statements in the
// order of their digests: one sequence of bytes for one evidence.
func (e Evidence) Encode() []byte {
	e = New(e.Token, e.A, e.B)
	out := append(message.Prefix(wire.MsgDoubleSpend), message.Encode(wire.SigToken, e.Token)...)
	return append(append(out, e.A.Encode()...), e.B.Encode()...)
}

// Decode is the inverse of [Evidence.Encode], to the byte. It returns [ErrFormat]; it verifies
// nothing.
func Decode(raw []byte) (Evidence, error) {
	prefix := message.Prefix(wire.MsgDoubleSpend)
	start := len(prefix) + wire.TokenLen
	if len(raw) < start || len(raw) > MaxLen || string(raw[:len(prefix)]) != string(prefix) {
		return Evidence{}, fmt.Errorf("%w: %d bytes", ErrFormat, len(raw))
	}
	t, err := message.Decode[message.Token](wire.SigToken, raw[len(prefix):start])
	if err != nil {
		return Evidence{}, fmt.Errorf("%w: token: %w", ErrFormat, err)
	}
	rest := raw[start:]
	n := min(statementLen(rest), len(rest))
	a, err := DecodeStatement(rest[:n])
	if err != nil {
		return Evidence{}, fmt.Errorf("first statement: %w", err)
	}
	b, err := DecodeStatement(rest[n:])
	if err != nil {
		return Evidence{}, fmt.Errorf("second statement: %w", err)
	}
	e := New(t, a, b)
	if e.A != a {
		return Evidence{}, fmt.Errorf("%w: its statements aren't in their order", ErrFormat)
	}
	return e, nil
}

// DecodeStatement is the inverse of Encode of a [Statement]. It returns [ErrFormat].
func DecodeStatement(raw []byte) (Statement, error) {
	var s Statement
	var err error
	switch kindOf(raw) {
	case wire.SigSpend:
		s, err = message.Decode[Spend](wire.SigSpend, raw)
	case wire.SigMeter:
		s, err = message.Decode[Meter](wire.SigMeter, raw)
	case wire.SigTokenClose:
		s, err = message.Decode[Close](wire.SigTokenClose, raw)
	default:
		return nil, fmt.Errorf("%w: neither a spend, a meter nor a close", ErrFormat)
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return s, nil
}

// statementLen is how long the statement at the start of raw has to be.
func statementLen(raw []byte) int {
	switch kindOf(raw) {
	case wire.SigSpend:
		return message.Size[Spend]()
	case wire.SigMeter:
		return message.Size[Meter]()
	case wire.SigTokenClose:
		return message.Size[Close]()
	default:
		return 0
	}
}

// kindOf is the type that bytes begin with.
func kindOf(raw []byte) wire.MessageType {
	if len(raw) == 0 {
		return 0
	}
	return wire.MessageType(raw[0])
}
