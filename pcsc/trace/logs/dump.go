package logs

import (
	"bytes"
	"strconv"
	"strings"
	"time"

	"tapbench/pcsc/trace"
)

// dump is apdu4j's dump.
type dump struct {
	command trace.Message // waits for its answer
	took    time.Duration
}

// isDumpLine reports whether a line looks like one of a dump.
func isDumpLine(line []byte) bool {
	if bytes.HasPrefix(line, []byte("# ATR: ")) || bytes.HasPrefix(line, []byte("# PROTOCOL: ")) {
		return true
	}
	b, _, fault := hexBytes(bytes.TrimSpace(line))
	return fault == "" && len(b) >= 4
}

func (d *dump) line(t *tale, text []byte) error {
	trimmed := bytes.TrimSpace(text)
	column := 1 + len(text) - len(bytes.TrimLeft(text, " \t"))
	switch {
	case len(trimmed) == 0:
		return nil
	case trimmed[0] == '#':
		return d.comment(t, trimmed, column)
	case d.command == nil:
		var err error
		d.command, err = t.command(trimmed, column)
		return err
	}
	answer, err := t.answer(trimmed, column)
	if err != nil {
		return err
	}
	return d.done(t, trace.Step{Command: d.command, Answer: answer, Took: d.took})
}

func (d *dump) done(t *tale, s trace.Step) error {
	d.command, d.took = nil, 0
	return t.exchange(t.reader, s)
}

// ownMark begins the comments that carry what only a trace says.
const ownMark = "# tapbench: "

// own reads such a comment.
func (d *dump) own(t *tale, text string, column int) error {
	word, rest, _ := strings.Cut(text, " ")
	number, isNumber := strconv.Atoi(strings.TrimSuffix(rest, " us"))
	var step trace.Step
	switch {
	case strings.HasSuffix(word, ":"):
		return t.field(trace.Field{
			Key: trace.Key(strings.TrimSuffix(word, ":")), Value: rest,
		}, column+len(ownMark))
	case word == "took" && isNumber == nil && d.command != nil:
		d.took = time.Duration(number) * time.Microsecond
		return nil
	case word == "reset":
		step.Kind = trace.Reset
		step.Failure = trace.Failure(strings.TrimPrefix(rest, "! "))
	case word == "idle" && isNumber == nil && number > 0:
		step.Kind, step.Took = trace.Idle, time.Duration(number)*time.Microsecond
	case word == "remove":
		step.Kind = trace.Remove
	case word == "insert":
		step.Kind = trace.Insert
	case word == "tear" && isNumber == nil:
		step.Kind, step.Write = trace.Tear, number
	default:
		return t.fault(column+len(ownMark), "event or duration of a trace expected")
	}
	if step.Failure != "" && step.Failure.Err() == nil {
		return t.fault(column+len(ownMark), "unknown failure %q", step.Failure)
	}
	t.steps = append(t.steps, step)
	return nil
}

// comment reads a line that begins with #.
func (d *dump) comment(t *tale, text []byte, column int) error {
	if atr, found := bytes.CutPrefix(text, []byte("# ATR: ")); found {
		b, at, fault := hexBytes(bytes.TrimSpace(atr))
		if fault != "" {
			return t.fault(column+len("# ATR: ")+at, "%s", fault)
		}
		t.sawATR(b)
		return nil
	}
	if protocol, found := bytes.CutPrefix(text, []byte("# PROTOCOL: T=")); found {
		if len(protocol) == 1 {
			t.sawProtocol(protocol[0])
		} else {
			t.losses.add("protocol that a trace has no name for")
		}
		return nil
	}
	if own, found := bytes.CutPrefix(text, []byte(ownMark)); found {
		return d.own(t, string(own), column)
	}
	took, rest, isTime := dumpTime(text)
	switch {
	case isTime && d.command != nil && len(rest) == 0:
		d.took = max(took, d.took)
	case isTime && d.command != nil:
		failure := trace.Failure(rest)
		if failure.Err() == nil {
			failure = trace.FailureComm
			t.losses.add("reason why an answer didn't come")
		}
		return d.done(t, trace.Step{Command: d.command, Failure: failure, Took: max(took, d.took)})
	case len(bytes.TrimLeft(text, "# ")) > 0:
		t.losses.add("comment")
	}
	return nil
}

// dumpTime reads "# 24ms", and what follows it.
func dumpTime(text []byte) (took time.Duration, rest []byte, ok bool) {
	text, ok = bytes.CutPrefix(text, []byte("# "))
	if !ok {
		return 0, nil, false
	}
	ms, digits := decimal(text)
	rest, ok = bytes.CutPrefix(text[digits:], []byte("ms"))
	return time.Duration(ms) * time.Millisecond, bytes.TrimSpace(rest), ok && digits > 0
}

func (d *dump) end(t *tale) error {
	if d.command == nil {
		return nil
	}
	t.line++
	return t.fault(1, "answer expected at the end")
}
