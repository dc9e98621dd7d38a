package capture

import (
	"io"
	"math"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture/iso14443"
)

// NewISO14443Writer writes a capture of link type 264: a type A card is found, selected and
// activated, and commands and answers pass in I-blocks, frames having 256 bytes at most. The
// historical bytes of a contactless card's ATR are in the ATS. For a reset the field goes off and
// on, and the card answers at once; after a removal it doesn't answer until it is inserted. All
// frames have the time of the step, but for an answer, which comes as much later as the trace says.
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
	return m.speaker.Activate()
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

// event turns the field off and on again. After a reset the card answers at once; after a removal
// it doesn't, and the field goes off for good.
func (m *isoMouth) event(s trace.Step) error {
	if s.Kind == trace.Insert {
		m.off = false
		return m.begin()
	}
	if err := m.speaker.Field(false); err != nil {
		return err
	}
	if s.Kind == trace.Reset {
		return m.begin()
	}
	m.off = true
	if err := m.speaker.Field(true); err != nil {
		return err
	}
	if err := m.speaker.Seek(); err != nil {
		return err
	}
	return m.speaker.Field(false)
}

// carry says that the field is on, which a listener knows.
func (m *isoMouth) carry() error { return m.speaker.Field(true) }

func (m *isoMouth) room() int    { return math.MaxInt }
func (m *isoMouth) silent() bool { return false }
