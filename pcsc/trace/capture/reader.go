package capture

import (
	"errors"
	"fmt"
	"io"
	"time"

	"tapbench/pcsc/trace"
	"tapbench/pcsc/trace/capture/gsmtap"
	"tapbench/pcsc/trace/capture/iso14443"
	"tapbench/pcsc/trace/capture/pcapfile"
)

// ReaderOptions say how a [Reader] reads.
type ReaderOptions struct {
	// Untimed leaves all times out.
	Untimed bool
}

// heard is what packets say.
type heard = iso14443.Heard

// ear makes exchanges and events of the packets of one kind.
type ear interface {
	// hear takes a packet. held is the exchange that its comment ends with, or nil.
	hear(p pcapfile.Packet, at time.Duration, held *trace.Step) error
	// next returns what was heard, until there is nothing more.
	next() (heard, bool)
	// interrupt ends the exchange under way.
	interrupt()
	// fields returns what a header can say of the card, as far as packets have told.
	fields() trace.Header
	// late reports whether a packet's time is that of the end of an exchange.
	late() bool
}

// Reader reads a capture as a trace.
type Reader struct {
	file    *pcapfile.Reader
	options ReaderOptions
	losses  losses
	packet  int   // the number of the last one
	offset  int64 // and where it begins

	header trace.Header
	ours   bool // the header came from the section's comment
	ear    ear
	queue  []trace.Step
	held   *trace.Step // as its packets are to be read
	said   bool
	err    error

	origin  time.Time     // of the first packet
	latest  time.Duration // of any packet, whole microseconds since then
	clock   time.Duration // the end of the last step
	started bool
}

// NewReader reads up to the first step, because the header tells the card's ATR. Like every error
// of a Reader but io.EOF, the error is a [*pcapfile.FileError], and says at which packet and byte.
func NewReader(r io.Reader, o ReaderOptions) (*Reader, error) {
	c := &Reader{options: o, losses: losses{unit: "packet"}}
	file, err := pcapfile.NewReader(r, c.lose)
	if err != nil {
		return nil, err
	}
	c.file = file
	c.header, c.ours = parseHeader(file.Comment())
	if !c.ours && file.Comment() != "" {
		c.lose("comments")
	}
	c.fill()
	if c.err != nil && len(c.queue) == 0 && !errors.Is(c.err, io.EOF) {
		return nil, c.err
	}
	if !c.ours && c.ear != nil {
		c.header = c.ear.fields()
	}
	return c, nil
}

// Header returns the header: the one that the file was written with, or else what the packets up to
// the first exchange say, which is the ATR, and that ISO/IEC 14443-4 is T=1 to PC/SC.
func (c *Reader) Header() trace.Header { return c.header }

// Losses returns what the file has held up to here and a trace can't, each kind in a line with its
// number, such as "frames with a wrong CRC: 3, the first at packet 12".
func (c *Reader) Losses() []string { return c.losses.list() }

// Next returns the next step, or io.EOF after the last. An error wraps [ErrNothing] at the end of a
// file without any dialogue.
func (c *Reader) Next() (trace.Step, error) {
	c.fill()
	if len(c.queue) == 0 {
		return trace.Step{}, c.err
	}
	s := c.queue[0]
	c.queue = append(c.queue[:0], c.queue[1:]...)
	return s, nil
}

func (c *Reader) lose(what string) { c.losses.add(what, c.packet) }

// fill reads packets until they say a step, or the file ends.
func (c *Reader) fill() {
	for len(c.queue) == 0 && c.err == nil {
		p, err := c.file.Next()
		switch {
		case errors.Is(err, io.EOF):
			c.err = c.end()
		case err != nil:
			c.err = err
		default:
			c.packet, c.offset = p.Number, p.Offset
			c.err = c.take(p)
		}
	}
}

// end says what was under way when the file ended, and returns what ends the reading.
func (c *Reader) end() error {
	if c.ear != nil {
		c.interrupt()
	}
	if c.held != nil {
		c.lose("comments that contradict their packets")
	}
	if c.said || c.ours || c.ear != nil && c.ear.fields().ATR() != nil {
		return io.EOF
	}
	return &pcapfile.FileError{
		Packet: c.packet, Offset: c.offset, What: "end of file", Err: ErrNothing,
	}
}

// take reads a packet.
func (c *Reader) take(p pcapfile.Packet) error {
	if err := c.choose(p); err != nil {
		return err
	}
	now := c.timeOf(p)
	if !c.kindOf(p) {
		c.lose("packets of another kind of link than the first")
		return nil
	}
	only := c.takeComments(p, now)
	if only {
		return nil
	}
	err := c.ear.hear(p, now, c.held)
	c.listen()
	return err
}

// choose decides by the first packet how the file is read.
func (c *Reader) choose(p pcapfile.Packet) error {
	switch {
	case p.Link != iso14443.LinkType && !gsmtap.Reads(p.Link):
		return at(p, fmt.Sprintf("link type %d isn't read; %d (ISO 14443) is, and for GSMTAP "+
			"%d (Ethernet), %d (raw IP), %d (IPv4), %d and %d (Linux cooked), %d and %d (loopback)",
			p.Link, iso14443.LinkType, gsmtap.LinkEthernet, gsmtap.LinkRaw, gsmtap.LinkIPv4,
			gsmtap.LinkSLL, gsmtap.LinkSLL2, gsmtap.LinkNull, gsmtap.LinkLoop), nil)
	case c.ear != nil:
	case p.Link == iso14443.LinkType:
		c.ear = newISOEar(c.lose)
	default:
		c.ear = &gsmEar{lose: c.lose}
	}
	return nil
}

// kindOf reports whether a packet is of the kind that is listened to.
func (c *Reader) kindOf(p pcapfile.Packet) bool {
	return c.ear.late() == (p.Link != iso14443.LinkType)
}

// timeOf returns the time of a packet since the first, in whole microseconds. It never goes back.
func (c *Reader) timeOf(p pcapfile.Packet) time.Duration {
	if p.Time.IsZero() {
		c.lose("packets without a time")
		return c.latest
	}
	if !c.started {
		c.origin, c.started = p.Time, true
	}
	now := p.Time.Truncate(time.Microsecond).Sub(c.origin.Truncate(time.Microsecond))
	if now < c.latest {
		c.lose("packets with an earlier time than the one before")
		return c.latest
	}
	c.latest = now
	return now
}

// takeComments reads the comments of a packet, and reports whether they are all that it says.
func (c *Reader) takeComments(p pcapfile.Packet, now time.Duration) bool {
	only := false
	for _, comment := range p.Comments {
		if !isTrace(comment) {
			c.lose("comments")
			continue
		}
		steps, passed, ok := parseNotes(comment)
		if !ok {
			c.lose("comments that are damaged traces")
			continue
		}
		c.interrupt()
		only = c.takeNotes(steps, passed, now)
	}
	return only
}

// takeNotes says the steps of a comment but for a last exchange, which it holds until the packets
// have said the same. It reports whether the packet says nothing itself.
func (c *Reader) takeNotes(steps []trace.Step, passed, now time.Duration) bool {
	if c.held != nil {
		c.lose("comments that contradict their packets")
		c.held = nil
	}
	if n := len(steps); n > 0 && steps[n-1].Kind == trace.Exchange {
		c.held = &steps[n-1]
		steps = steps[:n-1]
		if c.ear.late() {
			now -= c.held.Took
		}
	}
	c.wait(now - passed)
	for _, s := range steps {
		c.emit(s)
	}
	c.clock = max(c.clock, now)
	return c.held == nil && c.ear.late()
}

// interrupt ends the exchange under way and says it.
func (c *Reader) interrupt() {
	c.ear.interrupt()
	c.listen()
}

// listen turns into steps what the packets have said.
func (c *Reader) listen() {
	for {
		h, more := c.ear.next()
		if !more {
			return
		}
		c.say(h)
	}
}

// say turns into a step what packets say, or says the step that was held for it.
func (c *Reader) say(h heard) {
	if held := c.held; held != nil {
		c.held = nil
		if agree(*held, h) {
			c.emit(*held)
			c.clock += held.Took
			return
		}
		c.lose("comments that contradict their packets")
	}
	s, ok := stepOf(h)
	if !ok {
		c.lose("commands shorter than 4 bytes")
		return
	}
	c.wait(h.Begin)
	c.clock = max(c.clock, h.Begin)
	if s.Kind == trace.Exchange {
		s.Took = c.bounded(max(h.End-h.Begin, 0))
		c.clock = max(c.clock, h.End)
	}
	c.emit(s)
}

// wait says the pause until then, if there is one.
func (c *Reader) wait(then time.Duration) {
	if then <= c.clock {
		return
	}
	c.emit(trace.Step{Kind: trace.Idle, Took: c.bounded(then - c.clock)})
	c.clock = then
}

// bounded returns the longest time that a trace can say if d is longer.
func (c *Reader) bounded(d time.Duration) time.Duration {
	if d > maxTime {
		c.lose("times longer than 999,999,999 us")
		return maxTime
	}
	return d
}

func (c *Reader) emit(s trace.Step) {
	if c.options.Untimed {
		if s.Kind == trace.Idle {
			return
		}
		s.Took = 0
	}
	c.said = true
	c.queue = append(c.queue, s)
}
