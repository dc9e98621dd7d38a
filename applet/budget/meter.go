package budget

import (
	"bytes"
	"time"

	"tapbench/applet/decode"
	"tapbench/applet/tap"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

// Meter measures a dialogue step by step.
type Meter struct {
	decoder         *decode.Decoder
	command, answer []byte // of the current exchange, zeros where they weren't kept

	run   run
	piece piece
	whole piece
	taps  int
	tap   peaks
	// inTap are the phases of a payment, each at its dearest in a tap.
	inTap    [phases]peaks
	commands map[string]*command
	names    []string // of the commands, in the order of their first run
}

// phases is how many phases there are.
const phases = int(decode.Authorisation) + 1

// NewMeter returns a meter at the beginning of a dialogue.
func NewMeter() *Meter {
	return &Meter{decoder: decode.New(), commands: make(map[string]*command)}
}

// cost is what exchanges came to.
type cost struct {
	apdus, sent, received int64
	took                  time.Duration
	line                  int // the first exchange's
	untimed               int // the line of the first exchange without a time, or 0
}

func (c *cost) add(o cost) {
	if c.apdus == 0 {
		c.line = o.line
	}
	c.apdus, c.sent, c.received = c.apdus+o.apdus, c.sent+o.sent, c.received+o.received
	c.took += o.took
	if c.untimed == 0 {
		c.untimed = o.untimed
	}
}

// amount returns one quantity of a cost.
func (c *cost) amount(q Quantity) int64 {
	switch q {
	case Time:
		return c.took.Microseconds()
	case APDUs:
		return c.apdus
	case Bytes:
		return c.sent + c.received
	case Sent:
		return c.sent
	case Received:
		return c.received
	case Runs:
		return 0
	default:
		return 0
	}
}

// peak is the dearest of several.
type peak struct {
	amount int64
	line   int
}

// peaks has the dearest of each quantity.
type peaks struct {
	count   int
	of      [quantities]peak
	untimed int // the line of the first exchange without a time, or 0
}

func (p *peaks) add(c *cost) {
	if c.apdus == 0 {
		return
	}
	p.count++
	for q := range Quantity(quantities) {
		if n := c.amount(q); n > p.of[q].amount {
			p.of[q] = peak{n, c.line}
		}
	}
	if p.untimed == 0 {
		p.untimed = c.untimed
	}
}

// command is what is known of one command: its dearest run, and its most runs in a tap.
type command struct {
	peaks
	inWhole int
	inPiece int
	inTap   peak
}

// run is a command that is under way with all that belongs to it.
type run struct {
	cost
	name   string
	phase  decode.Phase
	header [apdu.MinCommand]byte
	open   bool // the next exchange may belong to it
	chain  bool // the last one was a part of a chain
	wrong  bool // it was answered 6Cxx
}

// piece is a stretch of the dialogue that may be a tap.
type piece struct {
	cost
	tap.Stretch
	phases [phases]cost
}

// Step measures the next step of a trace.
func (m *Meter) Step(s trace.Step) {
	switch s.Kind {
	case trace.Exchange:
		m.exchange(s)
	case trace.Reset, trace.Insert:
		m.endPiece()
		m.decoder.Reset()
	case trace.Remove:
		m.endPiece()
	case trace.Tear:
	default:
	}
}

func (m *Meter) exchange(s trace.Step) {
	m.command, m.answer = flatten(m.command[:0], s.Command), flatten(m.answer[:0], s.Answer)
	var answer []byte
	if s.Answer != nil {
		answer = m.answer
	}
	x := m.decoder.Exchange(m.command, answer)
	if !m.continues() {
		m.endRun()
		if m.piece.EndsBefore(x.Phase) {
			m.endPiece()
		}
		m.run = run{name: Name(x, m.command), phase: x.Phase}
	}
	m.run.note(m.command, x.Status)
	c := cost{
		apdus: 1, sent: int64(len(m.command)), received: int64(len(m.answer)), took: s.Took,
		line: s.Line,
	}
	if s.Took <= 0 {
		c.untimed = s.Line
	}
	m.run.add(c)
}

// Name returns the name by which a budget calls a command: its standard's, or CLA and INS in
// hexadecimal digits if nothing specifies it, such as "80 78".
func Name(x *decode.Exchange, command []byte) string {
	const digits = "0123456789ABCDEF"
	if x.Source != "" || len(command) < 2 {
		return x.Name
	}
	a, b := command[0], command[1]
	return string([]byte{digits[a>>4], digits[a&0x0F], ' ', digits[b>>4], digits[b&0x0F]})
}

// insGetResponse is GET RESPONSE (ISO/IEC 7816-4:2005, 7.6.1).
const insGetResponse = 0xC0

// continues reports whether the current command belongs to the run that is open.
func (m *Meter) continues() bool {
	header := m.command[:apdu.MinCommand]
	switch {
	case !m.run.open:
		return false
	case header[1] == insGetResponse:
		return true
	case m.run.chain:
		return header[1] == m.run.header[1]
	default:
		return m.run.wrong && bytes.Equal(header, m.run.header[:])
	}
}

// note remembers what decides whether the next exchange belongs to the run.
func (r *run) note(command []byte, status apdu.SW) {
	r.open, r.chain = true, apdu.Class(command[0]).Chaining()
	r.wrong = status.SW1() == 0x6C
	copy(r.header[:], command)
}

// endRun counts the run that is open.
func (m *Meter) endRun() {
	r := &m.run
	if r.apdus == 0 {
		return
	}
	c, known := m.commands[r.name]
	if !known {
		c = &command{}
		m.commands[r.name] = c
		m.names = append(m.names, r.name)
	}
	c.add(&r.cost)
	c.inWhole++
	c.inPiece++
	m.piece.count(r)
	m.whole.count(r)
	m.run = run{}
}

// count adds a run to a stretch.
func (p *piece) count(r *run) {
	p.add(r.cost)
	p.Add(r.phase)
	if int(r.phase) < phases {
		p.phases[r.phase].add(r.cost)
	}
}

// endPiece ends a stretch, and a tap if it is one.
func (m *Meter) endPiece() {
	m.endRun()
	if m.piece.IsTap() {
		m.taps++
		m.tap.add(&m.piece.cost)
		for n := range m.piece.phases {
			m.inTap[n].add(&m.piece.phases[n])
		}
	}
	for _, c := range m.commands {
		if n := int64(c.inPiece); m.piece.IsTap() && n > c.inTap.amount {
			c.inTap = peak{n, m.piece.line}
		}
		c.inPiece = 0
	}
	m.piece = piece{}
}

// Taps returns how many taps have come to their end.
func (m *Meter) Taps() int { return m.taps }

// flatten appends the bytes of a message, zeros where they weren't kept.
func flatten(dst []byte, message trace.Message) []byte {
	for _, p := range message {
		dst = append(dst, p.Bytes...)
		if p.Mark == trace.Absent {
			dst = append(dst, make([]byte, min(p.Len, apdu.MaxCommand))...)
		}
	}
	return dst
}
