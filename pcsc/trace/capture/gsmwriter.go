package capture

import (
	"bytes"
	"io"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture/gsmtap"
)

// NewGSMTAPWriter writes a capture of GSMTAP packets in UDP, IPv4 and Ethernet, from and to
// 127.0.0.1 as a loopback interface shows them: one with the ATR, or with 3B 00 if the header names
// none, and then one for each command with its answer. A reset is the ATR once more. A packet has
// the time of its answer.
//
// An exchange of more than 65,491 bytes doesn't fit into a packet and is left out; Losses says so.
// The error wraps trace.ErrInvalid for a header that the grammar doesn't allow, or is what w
// returned. w is never closed.
func NewGSMTAPWriter(w io.Writer, header trace.Header, o WriterOptions) (*Writer, error) {
	c, err := newWriter(w, gsmtap.LinkEthernet, header, o)
	if err != nil {
		return nil, err
	}
	atr := header.ATR()
	if atr == nil {
		atr = []byte{0x3B, 0x00}
	}
	m := &gsmMouth{write: c.packet, atr: atr}
	c.mouth = m
	return c, m.begin()
}

// gsmMouth says steps as GSMTAP packets.
type gsmMouth struct {
	write  func([]byte) error
	atr    []byte
	buffer []byte
}

func (m *gsmMouth) send(sub gsmtap.SubType, payload ...[]byte) error {
	packet, err := gsmtap.Append(m.buffer[:0], sub, payload...)
	if err != nil {
		return err
	}
	m.buffer = packet
	return m.write(packet)
}

func (m *gsmMouth) begin() error { return m.send(gsmtap.ATR, m.atr) }

func (m *gsmMouth) carries(s trace.Step) bool {
	return s.Kind == trace.Exchange || s.Kind == trace.Reset && s.Failure == ""
}

// plain reports whether a payload without a comment is read as the same exchange, and no time is to
// be told beside the packet's.
func (m *gsmMouth) plain(s trace.Step, command, answer []byte) bool {
	c, a, ok := gsmtap.Split(append(bytes.Clone(command), answer...))
	return ok && s.Took == 0 && bytes.Equal(c, command) && bytes.Equal(a, answer)
}

func (m *gsmMouth) exchange(_ trace.Step, command, answer []byte, passed func()) error {
	passed()
	return m.send(gsmtap.APDU, command, answer)
}

func (m *gsmMouth) event(trace.Step) error { return m.begin() }

// carry says the ATR, which stands for the steps of its comment and not for a reset.
func (m *gsmMouth) carry() error { return m.begin() }

func (m *gsmMouth) room() int    { return gsmtap.MaxPayload }
func (m *gsmMouth) silent() bool { return true }
