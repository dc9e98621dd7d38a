package logs

import (
	"bytes"
	"strings"
	"time"

	"tapbench/pcsc/trace"
)

// daemonLog is the log of pcscd --apdu.
type daemonLog struct {
	now     time.Duration          // since the first line
	client  string                 // whose request is served, where lines don't name their thread
	threads map[string]*connection // by thread, or by client
	last    string                 // the reader that was connected last
}

// connection is a client's connection to a reader, as far as the log tells of it.
type connection struct {
	reader  string
	command trace.Message // waits for its answer
	sent    time.Duration
}

// mostConnections bounds how many connections are kept in mind.
const mostConnections = 1024

func newDaemonLog() *daemonLog {
	return &daemonLog{threads: make(map[string]*connection)}
}

// daemonLine is a line of the log, taken apart.
type daemonLine struct {
	since  time.Duration // since the line before
	thread string        // empty in older versions
	text   []byte
	column int // where text begins, from 1
}

// cutDaemonLine takes a line apart: eight or more digits of microseconds, perhaps a thread in
// brackets, and the text. What a journal writes before that is passed over.
func cutDaemonLine(line []byte) (daemonLine, bool) {
	for at := 0; at < len(line) && at < 256; {
		rest := line[at:]
		value, digits := decimal(rest)
		if digits == 8 && len(rest) > 9 && rest[8] == ' ' {
			l := daemonLine{since: time.Duration(value) * time.Microsecond}
			l.column = at + 9 + 1
			l.text = rest[9:]
			if l.text[0] == '[' {
				if end := bytes.Index(l.text, []byte("] ")); end > 0 {
					l.thread = string(l.text[1:end])
					l.text = l.text[end+2:]
					l.column += end + 2
				}
			}
			return l, true
		}
		next := bytes.IndexByte(rest, ' ')
		if next < 0 {
			break
		}
		at += next + 1
	}
	return daemonLine{}, false
}

// isDaemonLine reports whether a line is pcscd's. Text of its own begins with the name of a source
// file or with what apdu logging writes.
func isDaemonLine(line []byte) bool {
	l, ok := cutDaemonLine(withoutColour(line))
	if !ok {
		return false
	}
	for _, mark := range []string{"APDU: ", "SW: ", "Card ATR: "} {
		if bytes.HasPrefix(l.text, []byte(mark)) {
			return true
		}
	}
	word, _, _ := bytes.Cut(l.text, []byte(" "))
	return bytes.Contains(word, []byte(".c:")) || bytes.Contains(word, []byte(".l:"))
}

// withoutColour leaves out what colours the log on a terminal.
func withoutColour(line []byte) []byte {
	if bytes.IndexByte(line, 0x1B) < 0 {
		return line
	}
	out := make([]byte, 0, len(line))
	for at := 0; at < len(line); at++ {
		if line[at] != 0x1B {
			out = append(out, line[at])
			continue
		}
		end := bytes.IndexByte(line[at:], 'm')
		if end < 0 {
			break
		}
		at += end
	}
	return out
}

func (d *daemonLog) line(t *tale, text []byte) error {
	l, ok := cutDaemonLine(withoutColour(text))
	if !ok {
		return nil
	}
	d.now += l.since
	if hex, found := bytes.CutPrefix(l.text, []byte("APDU: ")); found {
		return d.sent(t, d.connection(l), hex, l.column+len("APDU: "))
	}
	if hex, found := bytes.CutPrefix(l.text, []byte("SW: ")); found {
		return d.received(t, d.connection(l), hex, l.column+len("SW: "))
	}
	if hex, found := bytes.CutPrefix(l.text, []byte("Card ATR: ")); found {
		b, at, fault := hexBytes(hex)
		if fault != "" {
			return t.fault(l.column+len("Card ATR: ")+at, "%s", fault)
		}
		if t.wanted == "" || t.wanted == d.last {
			t.sawATR(b)
		}
		return nil
	}
	return d.other(t, l)
}

// connection returns the connection that a line is about.
func (d *daemonLog) connection(l daemonLine) *connection {
	key := l.thread
	if key == "" {
		key = "client " + d.client
	}
	c := d.threads[key]
	if c == nil {
		if len(d.threads) >= mostConnections {
			clear(d.threads)
		}
		c = &connection{reader: d.last}
		d.threads[key] = c
	}
	return c
}

func (d *daemonLog) sent(t *tale, c *connection, hex []byte, column int) error {
	if c.command != nil {
		if err := d.failed(t, c, trace.FailureComm); err != nil {
			return err
		}
	}
	var err error
	c.command, err = t.command(hex, column)
	c.sent = d.now
	return err
}

func (d *daemonLog) received(t *tale, c *connection, hex []byte, column int) error {
	if c.command == nil {
		c = d.onlyWaiting(c)
	}
	if c.command == nil {
		return t.fault(column, "answer without a command before it: commands of several clients "+
			"are mixed, and this version of pcscd doesn't say whose they are")
	}
	if len(bytes.TrimSpace(hex)) == 0 {
		return d.failed(t, c, trace.FailureComm)
	}
	answer, err := t.answer(hex, column)
	if err != nil {
		return err
	}
	s := trace.Step{Command: c.command, Answer: answer, Took: d.now - c.sent}
	c.command = nil
	return t.passed(c.reader, c.sent, s)
}

// onlyWaiting returns the one connection that waits for an answer, or c if there isn't just one.
func (d *daemonLog) onlyWaiting(c *connection) *connection {
	found := c
	for _, other := range d.threads {
		switch {
		case other.command == nil:
		case found != c:
			return c
		default:
			found = other
		}
	}
	return found
}

// failed ends the command that waits without an answer.
func (d *daemonLog) failed(t *tale, c *connection, why trace.Failure) error {
	s := trace.Step{Command: c.command, Failure: why}
	c.command = nil
	return t.exchange(c.reader, s)
}

// other reads what pcscd tells with --debug.
func (d *daemonLog) other(t *tale, l daemonLine) error {
	text := string(l.text)
	if _, reader, found := strings.Cut(text, "SCardConnect() Attempting Connect to "); found {
		reader, _, _ = strings.Cut(reader, " using protocol")
		d.last = strings.TrimSpace(reader)
		c := d.connection(l)
		c.reader, c.command = d.last, nil
		return nil
	}
	if _, client, found := strings.Cut(text, "Received command: "); found {
		_, d.client, _ = strings.Cut(client, " from client ")
		return nil
	}
	if _, protocol, found := strings.Cut(text, "SCardConnect() Active Protocol: T="); found {
		if len(protocol) > 0 {
			t.sawProtocol(protocol[0])
		}
		return nil
	}
	return d.happened(t, l, text)
}

// happened reads what befell the card.
func (d *daemonLog) happened(t *tale, l daemonLine, text string) error {
	if _, reader, found := strings.Cut(text, "Card Removed From "); found {
		t.event(strings.TrimSpace(reader), trace.Remove)
		return nil
	}
	if _, reader, found := strings.Cut(text, "Card inserted into "); found {
		d.last = strings.TrimSpace(reader)
		t.event(d.last, trace.Insert)
		return nil
	}
	for _, reset := range []string{"SCardDisconnect() dwDisposition: ", "dwInitialization: "} {
		if _, how, found := strings.Cut(text, reset); found {
			if how == "1" || how == "2" {
				t.event(d.connection(l).reader, trace.Reset)
			}
			return nil
		}
	}
	if _, why, found := strings.Cut(text, "SCardTransmit() Card not transacted: "); found {
		if c := d.connection(l); c.command != nil {
			return d.failed(t, c, failureOf(why))
		}
	}
	return nil
}

// failureOf names the failure that a PC/SC return value or its name stands for.
func failureOf(code string) trace.Failure {
	for _, f := range []struct {
		code, name string
		failure    trace.Failure
	}{
		{"0x80100069", "SCARD_W_REMOVED_CARD", trace.FailureRemoved},
		{"0x80100068", "SCARD_W_RESET_CARD", trace.FailureReset},
		{"0x8010000C", "SCARD_E_NO_SMARTCARD", trace.FailureNoCard},
		{"0x8010000B", "SCARD_E_SHARING_VIOLATION", trace.FailureSharing},
		{"0x80100017", "SCARD_E_READER_UNAVAILABLE", trace.FailureNoReader},
		{"0x8010001D", "SCARD_E_NO_SERVICE", trace.FailureNoService},
	} {
		if strings.Contains(strings.ToUpper(code), strings.ToUpper(f.code)) ||
			strings.Contains(code, f.name) {
			return f.failure
		}
	}
	return trace.FailureComm
}

func (d *daemonLog) end(t *tale) error {
	for _, c := range d.threads {
		if c.command != nil {
			t.losses.add("command without an answer at the end")
		}
	}
	return nil
}
