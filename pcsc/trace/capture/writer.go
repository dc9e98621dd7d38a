package capture

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"time"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture/pcapfile"
)

// WriterOptions say how a [Writer] writes.
type WriterOptions struct {
	// Start is the time of the first packet, from 1970 to 2262; the zero time means the beginning of
	// 1970.
	Start time.Time
}

// mouth makes packets of steps.
type mouth interface {
	// carries reports whether packets say the step.
	carries(s trace.Step) bool
	// plain reports whether the packets of an exchange say all of it, when read again.
	plain(s trace.Step, command, answer []byte) bool
	// exchange says an exchange, and calls passed when the answer begins.
	exchange(s trace.Step, command, answer []byte, passed func()) error
	// event says any other step.
	event(s trace.Step) error
	// carry says nothing, in a packet that a comment can be put on.
	carry() error
	// room returns how many bytes command and answer have at most.
	room() int
	// silent reports whether a packet with a comment says nothing itself, but for an exchange.
	silent() bool
}

// Writer writes a trace as a capture.
type Writer struct {
	file   *pcapfile.Writer
	mouth  mouth
	losses losses
	step   int // the number of the last one

	start   time.Time
	now     time.Duration // since then
	paused  trace.Step    // the pause that the time of the next packet says, or none
	notes   notes         // steps that no packet has said yet
	comment string        // of the next packet
	scratch notes
}

// waiting is how many bytes of notes wait for a packet at most.
const waiting = 16 << 10

// newWriter writes the file's header and the beginning of the conversation.
func newWriter(w io.Writer, link int, header trace.Header, o WriterOptions) (*Writer, error) {
	c := &Writer{losses: losses{unit: "step"}, start: o.Start}
	if c.start.IsZero() {
		c.start = time.Unix(0, 0).UTC()
	}
	var text bytes.Buffer
	if _, err := trace.NewWriter(&text, header); err != nil {
		return nil, err
	}
	comment := strings.TrimSuffix(text.String(), "\n")
	if len(comment) > pcapfile.MaxComment {
		c.losses.add(fmt.Sprintf("headers longer than %d bytes", pcapfile.MaxComment), 0)
		comment = ""
	}
	file, err := pcapfile.NewWriter(w, link, comment)
	c.file = file
	return c, err
}

// Write writes a step. The error wraps trace.ErrInvalid for a step that the grammar of traces
// doesn't allow, and then nothing was written; or it is what the writer below returned, or wraps
// [pcapfile.ErrUnfit] for a time after 2262.
func (c *Writer) Write(s trace.Step) error {
	defer c.scratch.take()
	if err := c.scratch.add(s); err != nil {
		return err
	}
	c.step++
	s.Line = 0
	if d := pauseOf(s); d > 0 {
		return c.pass(s, d)
	}
	if !c.mouth.carries(s) {
		return c.note(s)
	}
	c.paused = trace.Step{}
	if s.Kind == trace.Exchange {
		return c.exchange(s)
	}
	if !c.notes.empty() {
		if c.mouth.silent() {
			if err := c.notes.add(s); err != nil {
				return err
			}
		}
		c.comment = c.notes.take()
	}
	return c.mouth.event(s)
}

// pass lets time pass. Packets say one pause between two steps; what is told in notes keeps its
// place among them.
func (c *Writer) pass(s trace.Step, d time.Duration) error {
	c.now += d
	if c.notes.empty() && c.paused.Kind == 0 {
		c.paused = s
		return nil
	}
	return c.note(s)
}

// note keeps a step until a packet can have it in its comment.
func (c *Writer) note(s trace.Step) error {
	if err := c.notes.add(s); err != nil {
		return err
	}
	if c.notes.size() > waiting {
		return c.settle()
	}
	return nil
}

// settle writes the notes that wait on a packet of their own.
func (c *Writer) settle() error {
	if c.notes.empty() {
		return nil
	}
	c.comment, c.paused = c.notes.take(), trace.Step{}
	return c.mouth.carry()
}

func (c *Writer) exchange(s trace.Step) error {
	command, answer := filled(s.Command), filled(s.Answer)
	if room := c.mouth.room(); len(command)+len(answer) > room {
		c.losses.add(fmt.Sprintf("exchanges of more than %d bytes", room), c.step)
		c.now += s.Took
		return nil
	}
	if !c.notes.empty() || !literal(s) || !c.mouth.plain(s, command, answer) {
		if err := c.annotate(s); err != nil {
			return err
		}
	}
	return c.mouth.exchange(s, command, answer, func() { c.now += s.Took })
}

// annotate makes the comment of an exchange, of which c.scratch has the text.
func (c *Writer) annotate(s trace.Step) error {
	if c.notes.size()+c.scratch.size() > pcapfile.MaxComment {
		if err := c.settle(); err != nil {
			return err
		}
	}
	if c.scratch.size() > pcapfile.MaxComment {
		c.losses.add("marks, failures or times of exchanges too long for a comment", c.step)
		return nil
	}
	if err := c.notes.add(s); err != nil {
		return err
	}
	c.comment = c.notes.take()
	return nil
}

// literal reports whether an exchange is nothing but plain bytes.
func literal(s trace.Step) bool {
	for _, m := range []trace.Message{s.Command, s.Answer} {
		for _, p := range m {
			if p.Mark != trace.Plain {
				return false
			}
		}
	}
	return s.Failure == ""
}

// filled returns the bytes of a message, zeros for those that weren't kept.
func filled(m trace.Message) []byte {
	b := make([]byte, 0, m.Len())
	for _, p := range m {
		b = append(b, p.Bytes...)
		b = append(b, make([]byte, p.Len)...)
	}
	return b
}

// packet writes a packet, with the comment that waits for one.
func (c *Writer) packet(data []byte) error {
	comment := c.comment
	c.comment = ""
	return c.file.Write(data, c.start.Add(c.now), comment)
}

// Losses returns what the trace has held up to here and the capture can't, each kind in a line with
// its number.
func (c *Writer) Losses() []string { return c.losses.list() }

// Close writes what is still to be told. It doesn't close the writer below.
func (c *Writer) Close() error {
	if c.paused.Kind != 0 && c.notes.empty() { // no packet follows whose time could say it
		if err := c.notes.add(c.paused); err != nil {
			return err
		}
	}
	return c.settle()
}
