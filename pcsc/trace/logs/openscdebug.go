package logs

import (
	"bytes"
	"strings"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// openscLog is OpenSC's debug log.
type openscLog struct {
	now     time.Duration // time of day of the last line that has one
	thread  string        // that wrote the last line
	threads map[string]*openscThread
	bytes   []byte // of the APDU whose lines are being read
	missing int    // how many of its bytes are still to come
	inward  bool   // whether it is an answer
}

// openscThread is what a thread of the program is about.
type openscThread struct {
	connection
}

func newOpenSCLog() *openscLog {
	return &openscLog{threads: make(map[string]*openscThread)}
}

// openscHead is the beginning of a line with a time: "P:1; T:0x7f 07:11:46.733 [opensc-tool] …", or
// in older versions "0x7f 07:11:46.733 [opensc-tool] …".
type openscHead struct {
	thread string
	day    time.Duration
	text   []byte
}

func cutOpenSCHead(line []byte) (openscHead, bool) {
	rest := line
	if bytes.HasPrefix(rest, []byte("P:")) {
		_, rest, _ = bytes.Cut(rest, []byte("; T:"))
	}
	thread, rest, _ := bytes.Cut(rest, []byte(" "))
	clock, rest, found := bytes.Cut(rest, []byte(" ["))
	if !found || !bytes.HasPrefix(thread, []byte("0x")) || len(thread) > 20 {
		return openscHead{}, false
	}
	day, ok := timeOfDay(clock)
	return openscHead{thread: string(thread), day: day, text: rest}, ok
}

// timeOfDay reads "07:11:46.733". What some builds write in place of milliseconds counts as none.
func timeOfDay(text []byte) (time.Duration, bool) {
	if len(text) < 9 || text[2] != ':' || text[5] != ':' || text[8] != '.' {
		return 0, false
	}
	var day time.Duration
	for i, unit := range []time.Duration{time.Hour, time.Minute, time.Second} {
		value, digits := decimal(text[3*i : 3*i+2])
		if digits != 2 {
			return 0, false
		}
		day += time.Duration(value) * unit
	}
	if ms, digits := decimal(text[9:]); digits == 3 && len(text) == 12 {
		day += time.Duration(ms) * time.Millisecond
	}
	return day, true
}

func isOpenSCLine(line []byte) bool {
	_, ok := cutOpenSCHead(line)
	return ok
}

func (o *openscLog) line(t *tale, text []byte) error {
	if o.missing > 0 {
		return o.more(t, text)
	}
	head, ok := cutOpenSCHead(text)
	if !ok {
		return o.begin(t, text)
	}
	o.now, o.thread = head.day, head.thread
	return o.tell(t, string(head.text))
}

// current returns the thread that wrote the last line.
func (o *openscLog) current() *openscThread {
	c := o.threads[o.thread]
	if c == nil {
		if len(o.threads) >= mostConnections {
			clear(o.threads)
		}
		c = &openscThread{}
		o.threads[o.thread] = c
	}
	return c
}

// begin reads "Outgoing APDU (12 bytes):", or "Outgoing APDU data [   12 bytes] ====".
func (o *openscLog) begin(t *tale, text []byte) error {
	rest, outward := bytes.CutPrefix(text, []byte("Outgoing APDU"))
	if !outward {
		var inward bool
		if rest, inward = bytes.CutPrefix(text, []byte("Incoming APDU")); !inward {
			return nil
		}
	}
	rest = bytes.TrimLeft(bytes.TrimPrefix(rest, []byte(" data")), " ([")
	n, digits := decimal(rest)
	if digits == 0 || !bytes.HasPrefix(rest[digits:], []byte(" byte")) {
		return t.fault(1+len(text)-len(rest), "number of bytes expected")
	}
	if n > pcsc.MaxResponse {
		return t.fault(1+len(text)-len(rest), "%d bytes, at most %d", n, pcsc.MaxResponse)
	}
	o.missing, o.inward, o.bytes = n, !outward, o.bytes[:0]
	if n == 0 {
		return o.complete(t)
	}
	return nil
}

// openscRow is how many bytes a line of a dump holds.
const openscRow = 16

// more reads one line of bytes; behind them stand their characters.
func (o *openscLog) more(t *tale, text []byte) error {
	n := min(o.missing, openscRow)
	if len(text) < 3*n-1 {
		return t.fault(len(text)+1, "%d bytes expected in this line", n)
	}
	row, at, fault := hexBytes(text[:3*n-1])
	if fault != "" {
		return t.fault(at+1, "%s", fault)
	}
	if len(row) != n {
		return t.fault(1, "%d bytes in this line, want %d", len(row), n)
	}
	o.bytes = append(o.bytes, row...)
	if o.missing -= n; o.missing > 0 {
		return nil
	}
	return o.complete(t)
}

// complete takes in an APDU.
func (o *openscLog) complete(t *tale) error {
	c := o.current()
	b := append([]byte(nil), o.bytes...)
	if !o.inward {
		if c.command != nil {
			if err := o.failed(t, c, trace.FailureComm); err != nil {
				return err
			}
		}
		if len(b) < 4 {
			return t.fault(1, "command of %d bytes, want at least 4", len(b))
		}
		c.command, c.sent = trace.Literal(b), o.now
		return nil
	}
	switch {
	case c.command == nil:
		return t.fault(1, "answer without a command before it")
	case len(b) == 0:
		return o.failed(t, c, trace.FailureComm)
	case len(b) < 2:
		return t.fault(1, "answer of %d bytes, want at least 2", len(b))
	}
	s := trace.Step{Command: c.command, Answer: trace.Literal(b), Took: max(0, o.now-c.sent)}
	c.command = nil
	return t.passed(c.reader, c.sent, s)
}

func (o *openscLog) failed(t *tale, c *openscThread, why trace.Failure) error {
	s := trace.Step{Command: c.command, Failure: why}
	c.command = nil
	return t.exchange(c.reader, s)
}

// tell reads a line with a time.
func (o *openscLog) tell(t *tale, text string) error {
	if _, name, found := strings.Cut(text, "pcsc_transmit: reader '"); found {
		if end := strings.LastIndexByte(name, '\''); end >= 0 {
			o.current().reader = name[:end]
		}
		return nil
	}
	if _, atr, found := strings.Cut(text, "match_atr_table: ATR     : "); found {
		if b, _, fault := hexBytes([]byte(strings.TrimSpace(atr))); fault == "" {
			t.sawATR(b)
		}
		return nil
	}
	if _, protocol, found := strings.Cut(text, "inal protocol: T="); found && protocol != "" {
		t.sawProtocol(protocol[0])
		return nil
	}
	if _, why, found := strings.Cut(text, "SCardTransmit/Control failed: "); found {
		if c := o.current(); c.command != nil {
			return o.failed(t, c, failureOf(why))
		}
	}
	return nil
}

func (o *openscLog) end(t *tale) error {
	if o.missing > 0 {
		t.line++
		return t.fault(1, "%d more bytes of an APDU expected at the end", o.missing)
	}
	for _, c := range o.threads {
		if c.command != nil {
			t.losses.add("command without an answer at the end")
		}
	}
	return nil
}
