package card

import (
	"bufio"
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
)

// sendStep is one step of a script: a command, with the answer that it must get, or a reset.
type sendStep struct {
	line     int
	reset    bool
	command  []byte
	want     trace.Message // nil if any answer will do
	wantLine int
}

// maxScriptLine bounds a line of a script, in bytes: the longest command with a space behind each
// byte.
const maxScriptLine = 1 << 18

// sendArguments reads commands from the command line: each argument is one, or, if all of them are
// single bytes, all are one. Errors name the argument and never its bytes, which may be a PIN.
func sendArguments(args []string) ([]sendStep, error) {
	single := len(args) > 1
	for _, arg := range args {
		single = single && len(arg) == 2
	}
	if single {
		args = []string{strings.Join(args, " ")}
	}
	var steps []sendStep
	for i, arg := range args {
		command, fault := hexCommand(arg)
		if fault != "" {
			return nil, fmt.Errorf("command %d: %s", i+1, fault)
		}
		steps = append(steps, sendStep{line: i + 1, command: command})
	}
	return steps, nil
}

// hexCommand reads a command: hexadecimal digits, with spaces or colons between bytes.
func hexCommand(text string) (command []byte, fault string) {
	command, at := unspaced(text)
	if at >= 0 {
		return nil, fmt.Sprintf("column %d: byte expected: two hexadecimal digits", at+1)
	}
	if err := pcsc.CheckCommand(command); err != nil {
		return nil, err.Error()
	}
	return command, ""
}

// unspaced reads hexadecimal digits with spaces or colons between bytes. at is the offset of the
// first character that doesn't fit, or -1.
func unspaced(text string) (b []byte, at int) {
	for i := 0; i < len(text); {
		if c := text[i]; c == ' ' || c == ':' || c == '\t' {
			i++
			continue
		}
		var v [1]byte
		if i+2 > len(text) {
			return nil, i
		}
		if _, err := hex.Decode(v[:], []byte(text[i:i+2])); err != nil {
			return nil, i
		}
		b = append(b, v[0])
		i += 2
	}
	return b, -1
}

// readSendScript reads a script, or a trace. Its errors are [*trace.SyntaxError]s or the reader's.
func readSendScript(r io.Reader) ([]sendStep, error) {
	in := bufio.NewReader(r)
	first, err := in.Peek(len(trace.Magic))
	if string(first) == trace.Magic || bytes.HasPrefix(first, []byte("{")) {
		return readSendTrace(in)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, maxScriptLine)
	var s sendScript
	for lines.Scan() {
		s.line++
		if err := s.read(strings.TrimRight(lines.Text(), " \t\r")); err != nil {
			return nil, err
		}
	}
	if errors.Is(lines.Err(), bufio.ErrTooLong) {
		return nil, &trace.SyntaxError{Line: s.line + 1, Column: maxScriptLine, What: "line too long"}
	}
	if lines.Err() != nil {
		return nil, lines.Err()
	}
	return s.steps, s.finish()
}

// readSendTrace takes the commands, the answers and the resets of a trace.
func readSendTrace(r io.Reader) ([]sendStep, error) {
	reader, err := trace.Open(r)
	if err != nil {
		return nil, err
	}
	var steps []sendStep
	for {
		step, err := reader.Next()
		switch {
		case errors.Is(err, io.EOF):
			return steps, nil
		case err != nil:
			return nil, err
		case step.Kind == trace.Reset:
			steps = append(steps, sendStep{line: step.Line, reset: true})
		case step.Kind == trace.Exchange:
			command, kept := step.Command.Bytes()
			if !kept {
				return nil, &trace.SyntaxError{Line: step.Line, Column: 1, What: notKept}
			}
			steps = append(steps, sendStep{
				line: step.Line, command: command, want: step.Answer, wantLine: step.Line,
			})
		}
	}
}

const notKept = "bytes of the command weren't kept, so that it can't be sent"

// sendScript is a script that is being read.
type sendScript struct {
	line  int
	steps []sendStep
	// answer collects the lines of a wanted answer, which begins at answerLine.
	answer     []string
	answerLine int
}

func (s *sendScript) fail(column int, what string) error {
	return &trace.SyntaxError{Line: s.line, Column: column, What: what}
}

// read reads one line.
func (s *sendScript) read(line string) error {
	if s.answer != nil && strings.HasPrefix(line, "  ") {
		s.answer = append(s.answer, line)
		return nil
	}
	if err := s.finish(); err != nil {
		return err
	}
	switch text := strings.TrimLeft(line, " \t"); {
	case text == "", strings.HasPrefix(text, "#"):
		return nil
	case text == "reset":
		s.steps = append(s.steps, sendStep{line: s.line, reset: true})
		return nil
	case strings.HasPrefix(text, "<"):
		last := len(s.steps) - 1
		if last < 0 || s.steps[last].reset || s.steps[last].want != nil {
			return s.fail(1, "an answer without a command before it")
		}
		s.answer, s.answerLine = []string{text}, s.line
		return nil
	default:
		return s.command(line, strings.TrimLeft(strings.TrimPrefix(text, ">"), " \t"))
	}
}

// command reads a command; text is the end of the line.
func (s *sendScript) command(line, text string) error {
	b, at := unspaced(text)
	if at >= 0 {
		return s.fail(len(line)-len(text)+at+1, "byte expected: two hexadecimal digits")
	}
	if err := pcsc.CheckCommand(b); err != nil {
		return s.fail(1, err.Error())
	}
	s.steps = append(s.steps, sendStep{line: s.line, command: b})
	return nil
}

// finish reads the wanted answer whose lines have been collected: as traces write it, or as plain
// bytes of any form.
func (s *sendScript) finish() error {
	if s.answer == nil {
		return nil
	}
	lines := s.answer
	s.answer = nil
	last := &s.steps[len(s.steps)-1]
	last.wantLine = s.answerLine
	plain, at := unspaced(strings.TrimPrefix(lines[0], "<"))
	if len(lines) == 1 && at < 0 && len(plain) >= 2 {
		last.want = trace.Literal(plain)
		return nil
	}
	// A trace of one exchange, whose answer begins at its third line.
	const before = 3
	text := trace.Magic + "\n> 00 00 00 00\n" + strings.Join(lines, "\n") + "\n"
	reader, err := trace.NewReader(bytes.NewReader([]byte(text)))
	if err != nil {
		return err
	}
	step, err := reader.Next()
	if fault := new(trace.SyntaxError); errors.As(err, &fault) {
		fault.Line += s.answerLine - before
		return fault
	}
	if err != nil {
		return err
	}
	last.want = step.Answer
	return nil
}
