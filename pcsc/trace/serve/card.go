package serve

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

// Config says how a recording is served.
type Config struct {
	// Wait, unless nil, is called before an answer with the time that the recorded card took for it.
	Wait func(took time.Duration)
	// Unknown, unless nil, is called with every command that the recording doesn't hold, and with
	// what it was answered. It may keep neither.
	Unknown func(command, answer []byte)
}

// Report says how a recording was used.
type Report struct {
	// Commands is how many commands came.
	Commands int `json:"commands"`
	// Unknown is how many of them the recording doesn't hold.
	Unknown int `json:"unknown"`
	// Incomplete is how many were answered with zeros for bytes that weren't kept.
	Incomplete int `json:"incomplete"`
	// Failures is how many were answered by the card's leaving, as recorded.
	Failures int `json:"failures"`
	// Unasked is how many recorded commands nobody asked for.
	Unasked int `json:"unasked"`
	// FirstUnasked is the line of the first of them, from 1, or 0.
	FirstUnasked int `json:"first_unasked_line,omitempty"`
}

// Card is a pcsc.Processor that answers from a recording. Report may be called from any goroutine,
// everything else from one at a time.
type Card struct {
	config Config
	header trace.Header
	atr    []byte
	begins []int // the first step of each session
	index  map[key][]int
	marked []int // steps whose header isn't plain

	session, next int  // where the next command is looked for first
	used, off     bool // since the session's beginning; the power was taken

	mu     sync.Mutex // guards what follows
	steps  []recorded // whose field asked changes
	report Report
}

var _ pcsc.Processor = (*Card)(nil)

// Header returns the header of the recording.
func (c *Card) Header() trace.Header { return c.header }

// ATR returns the recorded answer to reset, or 3B 80 80 01 01 if there is none.
func (c *Card) ATR() []byte { return bytes.Clone(c.atr) }

// PowerOn begins the next session if power was taken from one that was used.
func (c *Card) PowerOn() {
	if c.off {
		c.Reset()
	}
	c.off = false
}

// PowerOff notes that power was taken.
func (c *Card) PowerOff() { c.off = true }

// Reset begins the next session if this one was used.
func (c *Card) Reset() {
	if c.used {
		c.rewind(c.session + 1)
	}
}

// rewind goes to the beginning of a session, or of the first one behind the last.
func (c *Card) rewind(session int) {
	c.session, c.next, c.used = 0, 0, false
	if session < len(c.begins) {
		c.session, c.next = session, c.begins[session]
	}
}

// Process answers a command.
func (c *Card) Process(command []byte) []byte {
	c.used = true
	c.mu.Lock()
	c.report.Commands++
	at := c.find(command)
	if at < 0 {
		c.report.Unknown++
		c.mu.Unlock()
		answer := unknown(command)
		if c.config.Unknown != nil {
			c.config.Unknown(command, answer)
		}
		return answer
	}
	step := &c.steps[at]
	step.asked = true
	switch {
	case step.answer == nil:
		c.report.Failures++
	case !step.whole:
		c.report.Incomplete++
	}
	took, answer := step.took, bytes.Clone(step.answer)
	c.mu.Unlock()
	c.session, c.next = step.session, at+1
	if c.config.Wait != nil && took > 0 {
		c.config.Wait(took)
	}
	return answer
}

// unknown is the answer to a command that the recording doesn't hold.
func unknown(command []byte) []byte {
	const insSelect = 0xA4
	sw := apdu.SWINSNotSupported
	if command[1] == insSelect && apdu.Class(command[0]).Interindustry() {
		sw = apdu.SWFileNotFound
	}
	return apdu.Response{SW: sw}.Encode()
}

// find returns the place of the recorded command that is meant, or -1.
func (c *Card) find(command []byte) int {
	best := -1
	for _, places := range [2][]int{c.index[keyOf(command, len(command))], c.marked} {
		if at := c.findIn(places, command); at >= 0 && (best < 0 || c.before(at, best)) {
			best = at
		}
	}
	return best
}

// findIn returns the first place that matches, in the order of the package's documentation.
func (c *Card) findIn(places []int, command []byte) int {
	from, _ := slices.BinarySearch(places, c.next)
	match := func(at int) bool { return c.steps[at].command.Match(command) < 0 }
	for _, at := range places[from:] {
		if c.steps[at].session != c.session {
			break
		}
		if match(at) {
			return at
		}
	}
	for _, at := range slices.Backward(places[:from]) {
		if c.steps[at].session != c.session {
			break
		}
		if match(at) {
			return at
		}
	}
	for _, at := range places[from:] {
		if match(at) {
			return at
		}
	}
	for _, at := range places[:from] {
		if match(at) {
			return at
		}
	}
	return -1
}

// before reports whether place a is looked at before place b.
func (c *Card) before(a, b int) bool { return c.rank(a) < c.rank(b) }

// rank is the turn in which a place is looked at.
func (c *Card) rank(at int) int {
	n := len(c.steps)
	same := c.steps[at].session == c.session
	switch {
	case same && at >= c.next:
		return at - c.next
	case same:
		return n + c.next - at
	case at >= c.next:
		return 2*n + at
	default:
		return 3*n + at
	}
}

// Report returns how the recording was used until now.
func (c *Card) Report() Report {
	c.mu.Lock()
	defer c.mu.Unlock()
	r := c.report
	for _, step := range c.steps {
		if step.asked {
			continue
		}
		if r.Unasked++; r.FirstUnasked == 0 {
			r.FirstUnasked = step.line
		}
	}
	return r
}
