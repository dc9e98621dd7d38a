package trace

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// maxLine is the longest line in bytes, without its LF.
const maxLine = 1024

// readAhead is how much is read at once, in bytes; more than a line.
const readAhead = 4 << 10

// Reader reads a trace step by step and holds no more than one of them.
type Reader struct {
	lines  *bufio.Reader
	header Header
	line   []byte // the current line, valid until the next read; nil if it was taken
	number int    // its number, from 1
	err    error  // what ended the reading

	digits          [256]byte // the values of hexadecimal digits
	labels          map[string]string
	command, answer scratch
}

// NewReader reads the header. Like every error of a Reader, the error is a [*SyntaxError] or what r
// returned.
func NewReader(r io.Reader) (*Reader, error) {
	t := &Reader{
		lines:  bufio.NewReaderSize(r, readAhead),
		digits: digitTable(), labels: make(map[string]string),
	}
	switch line, err := t.peek(); {
	case errors.Is(err, io.EOF):
		return nil, t.fault(1, "first line is missing, want "+Magic)
	case err != nil:
		return nil, err
	case string(line) != Magic:
		return nil, t.notMagic(line)
	}
	t.take()
	for {
		more, err := t.readField()
		if err != nil {
			return nil, err
		}
		if !more {
			return t, nil
		}
	}
}

// notMagic says what the first line is in the place of [Magic].
func (r *Reader) notMagic(line []byte) error {
	version, found := bytes.CutPrefix(line, []byte(magicStem))
	if !found {
		return r.fault(1, "first line isn't "+Magic)
	}
	return r.fault(len(magicStem)+1, "version "+quote(string(version))+" isn't known, only v1")
}

// Header returns the fields before the dialogue.
func (r *Reader) Header() Header { return r.header }

// Line returns the number of the line that was read last, from 1.
func (r *Reader) Line() int { return r.number }

// readField reads one line of the header, and reports false at the first that isn't.
func (r *Reader) readField() (bool, error) {
	line, err := r.peek()
	if errors.Is(err, io.EOF) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	key, value, found := strings.Cut(string(line), ":")
	if !found || strings.ContainsAny(key, " <>!") {
		return false, nil
	}
	value, found = strings.CutPrefix(value, " ")
	if !found {
		return false, r.fault(len(key)+2, "a space follows the colon")
	}
	field := Field{Key: Key(key), Value: value}
	if fault := r.header.fault(field); fault != "" {
		return false, r.fault(1, fault)
	}
	r.header = append(r.header, field)
	r.take()
	return true, nil
}

// Next returns the next step, or [io.EOF] after the last. After an error it returns that again. The
// step is the caller's.
func (r *Reader) Next() (Step, error) {
	var s Step
	if err := r.Read(&s); err != nil {
		return Step{}, err
	}
	s.Command, s.Answer = s.Command.clone(), s.Answer.clone()
	return s, nil
}

// Read is [Reader.Next] without allocating: what the step holds is the reader's and valid until the
// next call. After an error the step is empty.
func (r *Reader) Read(s *Step) error {
	if r.err == nil {
		*s, r.err = r.readStep()
	}
	if r.err != nil {
		*s = Step{}
	}
	return r.err
}

func (r *Reader) readStep() (Step, error) {
	line, err := r.peek()
	if err != nil {
		return Step{}, err
	}
	step := Step{Line: r.number}
	switch word, rest, _ := bytes.Cut(line, []byte(" ")); {
	case string(word) == ">":
		step.Kind = Exchange
		return r.readExchange(step)
	case string(line) == "reset":
		step.Kind = Reset
		r.take()
		return r.readFailure(step)
	case string(line) == "remove":
		step.Kind = Remove
	case string(line) == "insert":
		step.Kind = Insert
	case string(word) == "idle":
		step.Kind = Idle
		if step.Took = microseconds(rest); step.Took == 0 {
			return Step{}, r.fault(6, "idle needs a number of us")
		}
	case string(word) == "tear":
		step.Kind = Tear
		if step.Write = number(rest); step.Write == 0 {
			return Step{}, r.fault(6, "tear needs the number of a write")
		}
	case bytes.HasPrefix(line, []byte(magicStem)):
		return Step{}, r.fault(1, "a second trace begins here; one file holds one")
	default:
		return Step{}, r.fault(1, "command or event expected")
	}
	r.take()
	return step, nil
}

// readExchange reads a command and what answers it.
func (r *Reader) readExchange(step Step) (Step, error) {
	var err error
	if step.Command, err = r.readMessage(&r.command, apdu.MinCommand, apdu.MaxCommand); err != nil {
		return Step{}, err
	}
	line, err := r.peek()
	switch {
	case errors.Is(err, io.EOF):
		return Step{}, r.cut(1, "an answer is missing")
	case err != nil:
		return Step{}, err
	case bytes.HasPrefix(line, []byte("!")):
		if step, err = r.readFailure(step); err != nil {
			return Step{}, err
		}
	case bytes.HasPrefix(line, []byte("<")):
		if step.Answer, err = r.readMessage(&r.answer, 2, pcsc.MaxResponse); err != nil {
			return Step{}, err
		}
	default:
		return Step{}, r.fault(1, "answer expected")
	}
	return r.readTook(step)
}

// readFailure reads the failure that the step may have.
func (r *Reader) readFailure(step Step) (Step, error) {
	line, err := r.peek()
	if errors.Is(err, io.EOF) {
		return step, nil
	}
	if err != nil {
		return Step{}, err
	}
	if !bytes.HasPrefix(line, []byte("!")) {
		return step, nil
	}
	name, found := bytes.CutPrefix(line, []byte("! "))
	step.Failure = failureNamed(name)
	if !found || step.Failure == "" {
		return Step{}, r.fault(3, "unknown failure "+quote(string(name)))
	}
	r.take()
	return step, nil
}

// readTook reads the duration that the step may have.
func (r *Reader) readTook(step Step) (Step, error) {
	line, err := r.peek()
	if errors.Is(err, io.EOF) {
		return step, nil
	}
	if err != nil {
		return Step{}, err
	}
	rest, found := bytes.CutPrefix(line, []byte("took"))
	if !found {
		return step, nil
	}
	rest, head := bytes.CutPrefix(rest, []byte(" "))
	if step.Took = microseconds(rest); !head || step.Took == 0 {
		return Step{}, r.fault(6, "took needs a number of us")
	}
	r.take()
	return step, nil
}

// microseconds reads "1200 us", and returns 0 for anything else.
func microseconds(b []byte) time.Duration {
	b, found := bytes.CutSuffix(b, []byte(" us"))
	if !found {
		return 0
	}
	return time.Duration(number(b)) * time.Microsecond
}

// number reads a decimal number without leading zeros, 1 to maxNumber, and returns 0 for anything
// else.
func number(b []byte) int {
	if len(b) == 0 || len(b) > 9 || b[0] == '0' {
		return 0
	}
	n := 0
	for _, c := range b {
		if c < '0' || c > '9' {
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// peek returns the current line without its LF, reading it if need be, or io.EOF.
func (r *Reader) peek() ([]byte, error) {
	if r.line != nil {
		return r.line, nil
	}
	line, err := r.lines.ReadSlice('\n')
	switch {
	case errors.Is(err, io.EOF) && len(line) == 0:
		return nil, io.EOF
	case err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, bufio.ErrBufferFull):
		return nil, err
	}
	r.number++
	line, ended := bytes.CutSuffix(line, []byte("\n"))
	switch {
	case len(line) > maxLine:
		return nil, r.fault(maxLine+1, fmt.Sprintf("line of more than %d bytes", maxLine))
	case !ended:
		return nil, r.cut(len(line)+1, "the line isn't ended")
	}
	r.line = line
	return line, nil
}

// take lets the next peek read on.
func (r *Reader) take() { r.line = nil }

func (r *Reader) fault(column int, what string) error {
	return &SyntaxError{Line: max(1, r.number), Column: column, What: what}
}

// cut is the fault of a text that ends too early.
func (r *Reader) cut(column int, what string) error {
	return &SyntaxError{
		Line: max(1, r.number), Column: column, What: "the text is cut off: " + what, Cut: true,
	}
}
