package logs

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"tapbench/pcsc/trace"
)

// Form names what a log looks like.
type Form string

// The forms.
const (
	APDU4J Form = "apdu4j"
	GPPro  Form = "gppro"
	PCSCD  Form = "pcscd"
	OpenSC Form = "opensc"
)

// Forms returns all forms, in the order in which they are tried.
func Forms() []Form { return []Form{GPPro, PCSCD, OpenSC, APDU4J} }

// ErrForm means that a text is in none of the known forms, or not in the one that was named.
var ErrForm = errors.New("not a log in a known form")

// Options say how to read a log.
type Options struct {
	// Form is the log's; empty to find out.
	Form Form
	// Reader is the name of the reader whose dialogue is meant, needed where there are several.
	Reader string
}

// maxLine is the longest line in bytes: an extended APDU as pairs of digits with spaces, and what
// stands before it.
const maxLine = 256 << 10

// detectable is how many bytes of a log are looked at to find its form.
const detectable = 64 << 10

// Reader reads a log as the steps of a trace.
type Reader struct {
	lines  *bufio.Reader
	number int
	parser parser
	tale   tale
	ended  bool
	err    error
}

// parser takes in a log line by line.
type parser interface {
	// line reads one line without its end.
	line(t *tale, text []byte) error
	// end is told that no line follows.
	end(t *tale) error
}

// NewReader finds the log's form and reads up to its first exchange. Errors wrap [ErrForm], are a
// [*trace.SyntaxError], or come from r.
func NewReader(r io.Reader, o Options) (*Reader, error) {
	t := &Reader{lines: bufio.NewReaderSize(r, maxLine)}
	t.tale.wanted = o.Reader
	form := o.Form
	if form == "" {
		var err error
		if form, err = detect(t.lines); err != nil {
			return nil, err
		}
	}
	switch form {
	case APDU4J:
		t.parser = &dump{}
	case GPPro:
		t.parser = &arrows{}
	case PCSCD:
		t.parser = newDaemonLog()
	case OpenSC:
		t.parser = newOpenSCLog()
	default:
		return nil, fmt.Errorf("%w: %q isn't one of %v", ErrForm, form, Forms())
	}
	t.tale.origin = form
	for len(t.tale.steps) == 0 && !t.ended {
		if err := t.readLine(); err != nil {
			return nil, err
		}
	}
	if t.tale.exchanges == 0 && t.ended {
		return nil, fmt.Errorf("%w: no exchange in it that reads as %s", ErrForm, form)
	}
	return t, nil
}

// detect looks for the first line that only one form has.
func detect(r *bufio.Reader) (Form, error) {
	head, err := r.Peek(detectable)
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	for line := range bytes.Lines(head) {
		line = bytes.TrimRight(line, "\r\n")
		switch {
		case isArrow(line), isConnect(line):
			return GPPro, nil
		case isDaemonLine(line):
			return PCSCD, nil
		case isOpenSCLine(line):
			return OpenSC, nil
		case isDumpLine(line):
			return APDU4J, nil
		}
	}
	return "", fmt.Errorf("%w: none of its first lines is of %v", ErrForm, Forms())
}

// Header returns what the log says before its first exchange.
func (r *Reader) Header() trace.Header { return r.tale.header() }

// Next returns the next step, or [io.EOF] after the last. After an error it returns that again.
func (r *Reader) Next() (trace.Step, error) {
	for len(r.tale.steps) == 0 {
		if r.err == nil && r.ended {
			r.err = io.EOF
		}
		if r.err != nil {
			return trace.Step{}, r.err
		}
		r.err = r.readLine()
	}
	step := r.tale.steps[0]
	r.tale.steps = slices.Delete(r.tale.steps, 0, 1)
	return step, nil
}

// Losses says what the log holds so far that a trace can't say, in words and with numbers.
func (r *Reader) Losses() []string { return r.tale.losses.list() }

func (r *Reader) readLine() error {
	line, err := r.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		r.ended = true
		return r.parser.end(&r.tale)
	case errors.Is(err, bufio.ErrBufferFull):
		return &trace.SyntaxError{
			Line: r.number + 1, Column: maxLine + 1,
			What: fmt.Sprintf("line of more than %d bytes", maxLine),
		}
	case err != nil && !errors.Is(err, io.EOF):
		return err
	}
	r.number++
	r.tale.line = r.number
	return r.parser.line(&r.tale, bytes.TrimRight(line, "\r\n"))
}
