package capture

import (
	"bytes"
	"io"
	"strings"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture/gsmtap"
)

// NewGSMTAPWriter writes a capture of GSMTAP packets in UDP, IPv4 and Ethernet, from and to
// 127.0.0.1 as a loopback interface shows them: one with the ATR and then one for each command with
// its answer. A reset is the ATR once more. A packet has the time of its answer.
//
// What isn't a command with its answer is written as a line of a GSMTAP log, and so is an ATR or an
// exchange that Wireshark's SIM dissector takes for a malformed one; see gsmtap.Dissects. Programs
// that read SIM packets don't find those, and Losses says how many they are. An exchange of more
// than 65,491 bytes doesn't fit into a packet and is left out.
//
// The error wraps trace.ErrInvalid for a header that the grammar doesn't allow, or is what w
// returned. w is never closed.
func NewGSMTAPWriter(w io.Writer, header trace.Header, o WriterOptions) (*Writer, error) {
	c, err := newWriter(w, gsmtap.LinkEthernet, header, o)
	if err != nil {
		return nil, err
	}
	m := &gsmMouth{writer: c, atr: header.ATR()}
	c.mouth = m
	if m.showsATR() {
		return c, m.send(gsmtap.ATR, m.atr)
	}
	if err := c.notes.open(); err != nil {
		return nil, err
	}
	return c, c.settle()
}

// lostToDissectors is lost to programs that don't read comments.
const lostToDissectors = "exchanges that SIM dissectors call malformed, written as log lines"

// gsmMouth says steps as GSMTAP packets.
type gsmMouth struct {
	writer *Writer
	atr    []byte
	buffer []byte
}

// showsATR reports whether the ATR can be a packet.
func (m *gsmMouth) showsATR() bool { return m.atr != nil && gsmtap.Dissects(m.atr) }

func (m *gsmMouth) send(sub gsmtap.SubType, payload ...[]byte) error {
	packet, err := gsmtap.Append(m.buffer[:0], sub, payload...)
	if err != nil {
		return err
	}
	m.buffer = packet
	return m.writer.packet(packet)
}

func (m *gsmMouth) carries(s trace.Step) bool {
	return s.Kind == trace.Exchange || s.Kind == trace.Reset && s.Failure == "" && m.showsATR()
}

// plain reports whether a payload without a comment is read as the same exchange, and no time is to
// be told beside the packet's.
func (m *gsmMouth) plain(s trace.Step, command, answer []byte) bool {
	payload := append(bytes.Clone(command), answer...)
	c, a, ok := gsmtap.Split(payload)
	return ok && s.Took == 0 && bytes.Equal(c, command) && bytes.Equal(a, answer) &&
		gsmtap.Dissects(payload)
}

func (m *gsmMouth) exchange(s trace.Step, command, answer []byte, passed func()) error {
	passed()
	if s.Failure != "" {
		return m.carry()
	}
	if m.writer.comment != "" && !gsmtap.Dissects(append(bytes.Clone(command), answer...)) {
		m.writer.losses.add(lostToDissectors, m.writer.step)
		return m.carry()
	}
	return m.send(gsmtap.APDU, command, answer)
}

func (m *gsmMouth) event(trace.Step) error { return m.send(gsmtap.ATR, m.atr) }

// carry says as a line of a log what the packet's comment says.
func (m *gsmMouth) carry() error {
	line := strings.TrimPrefix(m.writer.comment, trace.Magic)
	line = strings.Join(strings.Fields(line), " ")
	m.buffer = gsmtap.AppendLog(m.buffer[:0], line)
	return m.writer.packet(m.buffer)
}

func (m *gsmMouth) room() int    { return gsmtap.MaxPayload }
func (m *gsmMouth) silent() bool { return true }
