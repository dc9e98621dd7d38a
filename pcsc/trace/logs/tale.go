package logs

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

// tale is what a parser has understood so far.
type tale struct {
	origin Form
	line   int    // the line that is being read, from 1
	wanted string // the reader whose dialogue is meant, or ""

	atr       []byte
	protocol  pcsc.Protocol
	reader    string
	fields    trace.Header // what else belongs into the header
	exchanges int
	ended     time.Duration // when the last exchange did, by the log's clock
	steps     []trace.Step  // read and not yet fetched
	losses    losses
}

// header returns the header of the trace.
func (t *tale) header() trace.Header {
	var h trace.Header
	if len(t.atr) >= 2 && len(t.atr) <= 33 {
		h = append(h, trace.Field{Key: trace.KeyATR, Value: fmt.Sprintf("% X", t.atr)})
	}
	if t.protocol != pcsc.ProtocolUnknown {
		h = append(h, trace.Field{Key: trace.KeyProtocol, Value: t.protocol.String()})
	}
	if t.reader != "" {
		h = append(h, trace.Field{Key: trace.KeyReader, Value: t.reader})
	}
	if t.origin != APDU4J {
		h = append(h, trace.Field{Key: trace.KeyOrigin, Value: string(t.origin)})
	}
	return append(h, t.fields...)
}

// field is told of another field of the header.
func (t *tale) field(f trace.Field, column int) error {
	header := append(t.header(), f)
	if _, err := trace.NewWriter(io.Discard, header); err != nil {
		return t.fault(column, "%v", err)
	}
	switch {
	case t.exchanges > 0:
		t.losses.add("header field behind the first exchange")
	case f.Key == trace.KeyReader:
		t.reader = f.Value
	default:
		t.fields = append(t.fields, f)
	}
	return nil
}

// fault is an error in the line that is being read. Columns count from 1.
func (t *tale) fault(column int, what string, args ...any) error {
	return &trace.SyntaxError{Line: t.line, Column: column, What: fmt.Sprintf(what, args...)}
}

// sawATR is told of an answer to reset.
func (t *tale) sawATR(atr []byte) {
	switch {
	case t.exchanges == 0 || t.atr == nil && len(t.steps) > 0:
		t.atr = append([]byte(nil), atr...)
	case string(atr) != string(t.atr):
		t.losses.add("answer to reset of another card")
	}
}

// sawProtocol is told of a transmission protocol, by its number.
func (t *tale) sawProtocol(digit byte) {
	if t.exchanges > 0 {
		return
	}
	switch digit {
	case '0':
		t.protocol = pcsc.ProtocolT0
	case '1':
		t.protocol = pcsc.ProtocolT1
	}
}

// exchange is told of an exchange on a reader, whose name may be unknown.
func (t *tale) exchange(reader string, s trace.Step) error {
	reader = printable(reader)
	if t.wanted != "" && reader != t.wanted {
		t.losses.add("exchange of another reader")
		return nil
	}
	if t.reader == "" && t.exchanges == 0 {
		t.reader = reader
	}
	if reader != t.reader {
		return t.fault(1, "exchange on reader %q, and on %q before: choose one of them",
			reader, t.reader)
	}
	s.Kind = trace.Exchange
	if took := s.Took.Round(time.Microsecond); took < 0 || took >= 1000*time.Second {
		s.Took = 0
		t.losses.add("duration that a trace can't say")
	}
	t.exchanges++
	t.steps = append(t.steps, s)
	return nil
}

// passed is told of an exchange as exchange is, with the log's time at its beginning. What lies
// between it and the one before was idle.
func (t *tale) passed(reader string, begin time.Duration, s trace.Step) error {
	idle, before := begin-t.ended, t.exchanges
	if err := t.exchange(reader, s); err != nil || t.exchanges == before {
		return err
	}
	t.ended = begin + s.Took
	idle = idle.Truncate(time.Microsecond)
	if before == 0 || idle <= 0 || idle >= maxIdle {
		return nil
	}
	last := len(t.steps) - 1
	t.steps = slices.Insert(t.steps, last, trace.Step{Kind: trace.Idle, Took: idle})
	return nil
}

// maxIdle is where idle times end that a trace can say; a log that ran over night has longer ones.
const maxIdle = 1000 * time.Second

// event is told of something that happened to the card. What came before the first exchange is what
// the dialogue begins with.
func (t *tale) event(reader string, kind trace.Kind) {
	if t.exchanges == 0 || reader != "" && t.reader != "" && printable(reader) != t.reader {
		return
	}
	t.steps = append(t.steps, trace.Step{Kind: kind})
}

// printable makes a name out of a log fit for a trace: at most 128 bytes that can be printed.
func printable(name string) string {
	var out []rune
	for _, r := range name {
		if unicode.IsPrint(r) && r != unicode.ReplacementChar && len(out) < 64 {
			out = append(out, r)
		}
	}
	return strings.TrimSpace(string(out))
}

// command reads a C-APDU from text that begins at a column.
func (t *tale) command(text []byte, column int) (trace.Message, error) {
	b, at, fault := hexBytes(text)
	if fault != "" {
		return nil, t.fault(column+at, "%s", fault)
	}
	if len(b) < apdu.MinCommand || len(b) > apdu.MaxCommand {
		return nil, t.fault(column, "command of %d bytes, want %d to %d",
			len(b), apdu.MinCommand, apdu.MaxCommand)
	}
	return trace.Literal(b), nil
}

// answer reads an R-APDU likewise.
func (t *tale) answer(text []byte, column int) (trace.Message, error) {
	b, at, fault := hexBytes(text)
	if fault != "" {
		return nil, t.fault(column+at, "%s", fault)
	}
	if len(b) < 2 || len(b) > pcsc.MaxResponse {
		return nil, t.fault(column, "answer of %d bytes, want 2 to %d", len(b), pcsc.MaxResponse)
	}
	return trace.Literal(b), nil
}

// losses counts what a trace can't say, by what it is.
type losses struct {
	kinds  []string
	counts []int
}

func (l *losses) add(what string) {
	for i, kind := range l.kinds {
		if kind == what {
			l.counts[i]++
			return
		}
	}
	l.kinds = append(l.kinds, what)
	l.counts = append(l.counts, 1)
}

func (l *losses) list() []string {
	var all []string
	for i, kind := range l.kinds {
		all = append(all, fmt.Sprintf("%s: %d", kind, l.counts[i]))
	}
	return all
}
