package trace

import (
	"encoding/hex"
	"fmt"
	"strings"
	"time"
)

// The JSON Lines form: the first line is a [jsonHead], every other one a [jsonStep].
const (
	jsonFormat  = "tapbench-apdu"
	jsonVersion = 1
)

// jsonHead is the first line.
type jsonHead struct {
	Format  string      `json:"format"`
	Version int         `json:"version"`
	Header  []jsonField `json:"header"`
}

type jsonField struct {
	Key   Key    `json:"key"`
	Value string `json:"value"`
}

// jsonStep is one step. Members that don't belong to a step of its kind are left out.
type jsonStep struct {
	Step    string     `json:"step"`
	Command []jsonPart `json:"command,omitempty"`
	Answer  []jsonPart `json:"answer,omitempty"`
	Failure Failure    `json:"failure,omitempty"`
	Write   int        `json:"write,omitempty"`
	TookUS  int64      `json:"took_us,omitempty"`
}

// jsonPart is a part of a message: hex alone is plain; with varies or stand_in it has that mark and
// label; absent with length is what wasn't kept.
type jsonPart struct {
	Varies  string `json:"varies,omitempty"`
	StandIn string `json:"stand_in,omitempty"`
	Absent  string `json:"absent,omitempty"`
	Hex     string `json:"hex,omitempty"`
	Length  int    `json:"length,omitempty"`
}

// jsonExchange names exchanges, which have no word of their own in the text.
const jsonExchange = "exchange"

func newJSONStep(s Step) jsonStep {
	j := jsonStep{
		Step: s.Kind.String(), Failure: s.Failure, Write: s.Write, TookUS: s.Took.Microseconds(),
		Command: newJSONParts(s.Command), Answer: newJSONParts(s.Answer),
	}
	if s.Kind == Exchange {
		j.Step = jsonExchange
	}
	return j
}

func newJSONParts(m Message) []jsonPart {
	parts := make([]jsonPart, 0, len(m))
	for i, p := range m {
		if i > 0 && p.Mark == Plain && m[i-1].Mark == Plain {
			parts[len(parts)-1].Hex += strings.ToUpper(hex.EncodeToString(p.Bytes))
			continue
		}
		j := jsonPart{Hex: strings.ToUpper(hex.EncodeToString(p.Bytes)), Length: p.Len}
		switch p.Mark {
		case Varying:
			j.Varies = p.Label
		case StandIn:
			j.StandIn = p.Label
		case Absent:
			j.Absent = p.Label
		case Plain:
		}
		parts = append(parts, j)
	}
	return parts
}

// step returns the step that the line says, or what is wrong with it.
func (j jsonStep) step() (s Step, fault string) {
	for _, kind := range []Kind{Exchange, Reset, Tear, Remove, Insert, Idle} {
		if j.Step == kind.String() && kind != Exchange || j.Step == jsonExchange && kind == Exchange {
			s.Kind = kind
		}
	}
	if s.Kind == 0 {
		return s, "unknown step " + quote(j.Step)
	}
	if j.TookUS < 0 || j.TookUS > maxNumber {
		return s, fmt.Sprintf("took_us isn't 0 to %d", maxNumber)
	}
	s.Failure, s.Write, s.Took = j.Failure, j.Write, time.Duration(j.TookUS)*time.Microsecond
	if s.Command, fault = fromParts(j.Command); fault != "" {
		return s, "command: " + fault
	}
	if s.Answer, fault = fromParts(j.Answer); fault != "" {
		return s, "answer: " + fault
	}
	if !s.valid() {
		return s, "members or lengths that a step " + quote(j.Step) + " can't have"
	}
	return s, ""
}

// fromParts returns the message that the parts make.
func fromParts(parts []jsonPart) (m Message, fault string) {
	for _, j := range parts {
		p, fault := j.part()
		if fault != "" {
			return nil, fault
		}
		last := len(m) - 1
		if last >= 0 && p.Mark == Plain && m[last].Mark == Plain {
			m[last].Bytes = append(m[last].Bytes, p.Bytes...)
			continue
		}
		m = append(m, p)
	}
	return m, ""
}

func (j jsonPart) part() (p Part, fault string) {
	marks := 0
	for _, m := range []struct {
		mark  Mark
		label string
	}{{Varying, j.Varies}, {StandIn, j.StandIn}, {Absent, j.Absent}} {
		if m.label != "" {
			p.Mark, p.Label = m.mark, m.label
			marks++
		}
	}
	if marks > 1 {
		return p, "part of two marks"
	}
	b, err := hex.DecodeString(j.Hex)
	if err != nil || strings.ToUpper(j.Hex) != j.Hex {
		return p, "hex isn't pairs of digits, 0 to 9 and A to F"
	}
	p.Len = j.Length
	if len(b) > 0 {
		p.Bytes = b
	}
	if !p.valid(maxNumber) {
		return p, "part without bytes, without a label, or with a length that it can't have"
	}
	return p, ""
}
