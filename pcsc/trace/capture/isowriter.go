package capture

import (
	"io"
	"math"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture/iso14443"
)

// NewISO14443Writer writes a capture of link type 264: a type A card is found, selected and
// activated, and commands and answers pass in I-blocks, frames having 256 bytes at most. The
// historical bytes of a contactless card's ATR are in the ATS. A reset is DESELECT and a new
// activation, removing and inserting the card turns the field off and on. Frames that the card or
// the reader would send at once have one time; an answer comes when the command was taken up as
// long as the trace says.
//
// The error wraps trace.ErrInvalid for a header that the grammar doesn't allow, or is what w
// returned. w is never closed.
func NewISO14443Writer(w io.Writer, header trace.Header, o WriterOptions) (*Writer, error) {
	c, err := newWriter(w, iso14443.LinkType, header, o)
	if err != nil {
		return nil, err
	}
	m := &isoMouth{write: c.packet}
	m.speaker.Emit = m.emit
	m.speaker.Hist, _ = iso14443.Historical(header.ATR())
	c.mouth = m
	return c, m.begin()
}

// isoMouth says steps as a conversation of ISO 14443.
type isoMouth struct {
	write   func([]byte) error
	speaker iso14443.Speaker
	buffer  []byte
	off     bool // the field is off
}

func (m *isoMouth) emit(p iso14443.Packet) error {
	packet, err := iso14443.AppendPacket(m.buffer[:0], p)
	if err != nil {
		return err
	}
	m.buffer = packet
	return m.write(packet)
}

func (m *isoMouth) begin() error {
	if err := m.speaker.Field(true); err != nil {
		return err
	}
	return m.speaker.Activate(false)
}

func (m *isoMouth) carries(s trace.Step) bool {
	switch s.Kind {
	case trace.Exchange:
		return true
	case trace.Reset:
		return s.Failure == "" && !m.off
	case trace.Remove:
		return !m.off
	case trace.Insert:
		return m.off
	default:
		return false
	}
}

func (m *isoMouth) plain(trace.Step, []byte, []byte) bool { return true }

func (m *isoMouth) exchange(s trace.Step, command, answer []byte, passed func()) error {
	if err := m.speaker.Command(command); err != nil {
		return err
	}
	passed()
	if s.Failure != "" {
		return m.speaker.Unanswered()
	}
	return m.speaker.Answer(answer)
}

func (m *isoMouth) event(s trace.Step) error {
	switch s.Kind {
	case trace.Remove:
		m.off = true
		return m.speaker.Field(false)
	case trace.Insert:
		m.off = false
		return m.begin()
	default:
		if err := m.speaker.Deselect(); err != nil {
			return err
		}
		return m.speaker.Activate(true)
	}
}

// carry says that the field is on, which a listener knows.
func (m *isoMouth) carry() error { return m.speaker.Field(true) }

func (m *isoMouth) room() int    { return math.MaxInt }
func (m *isoMouth) silent() bool { return false }
