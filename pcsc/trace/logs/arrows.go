package logs

import (
	"bytes"
	"time"

	"tapbench/pcsc/trace"
)

// arrows is what GlobalPlatformPro and apdu4j print: A>> before commands, A<< before answers.
type arrows struct {
	reader  string
	command trace.Message // waits for its answer
}

const (
	arrowOut = ">> "
	arrowIn  = "<< "
)

// cutArrow returns what stands behind an arrow that has at most a short word before it.
func cutArrow(line []byte, arrow string) (rest []byte, column int, found bool) {
	at := bytes.Index(line, []byte(arrow))
	if at < 0 || at > 8 || bytes.ContainsAny(line[:at], " ") {
		return nil, 0, false
	}
	return line[at+len(arrow):], at + len(arrow) + 1, true
}

func isArrow(line []byte) bool {
	rest, _, found := cutArrow(line, arrowOut)
	if !found {
		return false
	}
	text, _ := commandText(rest)
	b, _, fault := hexBytes(text)
	return fault == "" && len(b) >= 4
}

// isConnect reports whether a line is that of a connection, in either form.
func isConnect(line []byte) bool {
	_, _, found := cutConnect(line)
	return found
}

// cutConnect reads `SCardConnect("NAME", T=*) -> T=1, 3B80…`, which newer versions begin with "# ".
func cutConnect(line []byte) (name, rest []byte, found bool) {
	line, _ = bytes.CutPrefix(line, []byte("# "))
	line, found = bytes.CutPrefix(line, []byte(`SCardConnect("`))
	if !found {
		return nil, nil, false
	}
	name, rest, found = bytes.Cut(line, []byte(`", `))
	if !found {
		return nil, nil, false
	}
	_, rest, found = bytes.Cut(rest, []byte(" -> T="))
	return name, rest, found
}

func (a *arrows) line(t *tale, text []byte) error {
	if rest, column, found := cutArrow(text, arrowOut); found {
		return a.sent(t, rest, column)
	}
	if rest, column, found := cutArrow(text, arrowIn); found {
		return a.received(t, rest, column)
	}
	name, rest, found := cutConnect(text)
	if !found || len(rest) == 0 {
		return nil
	}
	a.reader = string(name)
	t.sawProtocol(rest[0])
	if _, atr, found := bytes.Cut(rest, []byte(", ")); found {
		if b, _, fault := hexBytes(atr); fault == "" {
			t.sawATR(b)
		}
	}
	return nil
}

// commandText leaves out "T=1 (4+0008) ", which older versions write before the command.
func commandText(rest []byte) (text []byte, skipped int) {
	if !bytes.HasPrefix(rest, []byte("T=")) {
		return rest, 0
	}
	at := bytes.Index(rest, []byte(") "))
	if at < 0 {
		return rest, 0
	}
	return rest[at+2:], at + 2
}

func (a *arrows) sent(t *tale, rest []byte, column int) error {
	if a.command != nil {
		if err := a.failed(t, 0); err != nil {
			return err
		}
	}
	text, skipped := commandText(rest)
	if skipped > 2 {
		t.sawProtocol(rest[2])
	}
	var err error
	a.command, err = t.command(bytes.TrimSpace(text), column+skipped)
	return err
}

// failed ends the command that waits without an answer.
func (a *arrows) failed(t *tale, took time.Duration) error {
	s := trace.Step{Command: a.command, Failure: trace.FailureComm, Took: took}
	a.command = nil
	return t.exchange(a.reader, s)
}

// received reads "(0018+2) (26ms) 6F10… 9000" of older versions and "6F10… 9000 (26ms)" of newer.
func (a *arrows) received(t *tale, rest []byte, column int) error {
	if a.command == nil {
		return t.fault(1, "answer without a command before it")
	}
	var took time.Duration
	if bytes.HasPrefix(rest, []byte("[error]")) {
		if at := bytes.LastIndexByte(rest, '('); at >= 0 {
			took, _ = clockTime(rest[at:])
		}
		t.losses.add("reason why an answer didn't come")
		return a.failed(t, took)
	}
	text := rest
	for len(text) > 0 && text[0] == '(' {
		end := bytes.IndexByte(text, ')')
		if end < 0 {
			return t.fault(column, "bracket isn't closed")
		}
		if d, ok := clockTime(text[:end+1]); ok {
			took = d
		}
		column += end + 1
		text = text[end+1:]
		trimmed := bytes.TrimLeft(text, " ")
		column += len(text) - len(trimmed)
		text = trimmed
	}
	if at := bytes.IndexByte(text, '('); at >= 0 {
		took, _ = clockTime(text[at:])
		text = text[:at]
	}
	answer, err := t.answer(bytes.TrimSpace(text), column)
	if err != nil {
		return err
	}
	s := trace.Step{Command: a.command, Answer: answer, Took: took}
	a.command = nil
	return t.exchange(a.reader, s)
}

// clockTime reads "(26ms)", "(2.41ms)" and "(1s24ms)".
func clockTime(text []byte) (time.Duration, bool) {
	text, open := bytes.CutPrefix(text, []byte("("))
	text, closed := bytes.CutSuffix(bytes.TrimSpace(text), []byte(")"))
	if !open || !closed {
		return 0, false
	}
	d, err := time.ParseDuration(string(text))
	return d.Truncate(time.Microsecond), err == nil
}

func (a *arrows) end(t *tale) error {
	if a.command == nil {
		return nil
	}
	t.losses.add("command without an answer at the end")
	return nil
}
