package trace

import (
	"fmt"
	"slices"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// head reads the first line.
func (s *jsonScan) head() (header Header) {
	ours := false
	found := s.object(headMembers(), func(i int) {
		s.peek()
		at := s.at
		switch i {
		case headFormat:
			if name := s.text("a string"); name != jsonFormat {
				s.fail(at, "format "+quote(name)+" isn't "+jsonFormat)
			}
			ours = s.fault == nil
		case headVersion:
			if v := s.number(maxNumber); v != jsonVersion {
				s.fail(at, fmt.Sprintf("version %d isn't known, only %d", v, jsonVersion))
			}
		case headHeader:
			s.list(func() { header = s.field(header) })
		}
	})
	for i, name := range headMembers() {
		if !found.has(i) {
			s.fail(found.end, "the first line needs "+name)
		}
	}
	s.end()
	if s.fault != nil && !ours { // most likely another program's JSON
		s.fault.What = "first line isn't a trace's: " + s.fault.What
	}
	return header
}

// field reads a field of the header and appends it.
func (s *jsonScan) field(header Header) Header {
	s.peek()
	at := s.at
	var f Field
	found := s.object(fieldMembers(), func(i int) {
		if text := s.text("a string"); i == fieldKey {
			f.Key = Key(text)
		} else {
			f.Value = text
		}
	})
	for i, name := range fieldMembers() {
		if !found.has(i) {
			s.fail(found.end, "a field needs "+name)
		}
	}
	if s.fault != nil {
		return header
	}
	if fault := header.fault(f); fault != "" {
		s.fail(at, fault)
	}
	return append(header, f)
}

// step reads a line that is a step.
func (s *jsonScan) step() (step Step) {
	names := stepMembers()
	found := s.object(names, func(i int) {
		s.peek()
		at := s.at
		switch i {
		case stepStep:
			name := s.text("a string")
			if step.Kind = jsonKind(name); step.Kind == 0 {
				s.fail(at, "unknown step "+quote(name))
			}
		case stepCommand:
			step.Command = s.message("command", apdu.MinCommand, apdu.MaxCommand)
		case stepAnswer:
			step.Answer = s.message("answer", 2, pcsc.MaxResponse)
		case stepFailure:
			step.Failure = Failure(s.text("a string"))
			if step.Failure.Err() == nil {
				s.fail(at, "unknown failure "+quote(string(step.Failure)))
			}
		case stepWrite:
			step.Write = s.number(maxNumber)
		case stepTook:
			step.Took = time.Duration(s.number(maxNumber)) * time.Microsecond
		}
	})
	s.fits(step.Kind, found)
	s.end()
	return step
}

// fits looks whether a step of the kind has the members that it has, and all that it needs.
func (s *jsonScan) fits(kind Kind, found members) {
	names := stepMembers()
	if !found.has(stepStep) {
		s.fail(found.end, "a step needs step")
		return
	}
	needed, taken := needs(kind), takes(kind)
	for i, name := range names {
		switch {
		case slices.Contains(needed, i) && !found.has(i):
			s.fail(found.end, jsonName(kind)+" needs "+name)
		case i == stepStep || slices.Contains(needed, i) || slices.Contains(taken, i):
		case found.has(i):
			s.fail(found.at[i]-1, jsonName(kind)+" has no "+name)
		}
	}
	switch answered, failed := found.has(stepAnswer), found.has(stepFailure); {
	case kind != Exchange:
	case answered && failed:
		s.fail(max(found.at[stepAnswer], found.at[stepFailure])-1,
			"exchange has an answer or a failure, not both")
	case !answered && !failed:
		s.fail(found.end, "exchange needs answer or failure")
	}
}

// message reads a command or an answer: a list of parts with from least to most bytes in all.
func (s *jsonScan) message(what string, least, most int) (m Message) {
	begin, length := s.at, 0
	s.list(func() {
		s.peek()
		at := s.at
		p := s.part(most)
		if length += p.size(); length > most {
			s.fail(at, fmt.Sprintf("%s of more than %d bytes", what, most))
		}
		if s.fault != nil {
			return
		}
		if last := len(m) - 1; last >= 0 && p.Mark == Plain && m[last].Mark == Plain {
			m[last].Bytes = append(m[last].Bytes, p.Bytes...)
		} else {
			m = append(m, p)
		}
	})
	if length < least {
		s.fail(begin, fmt.Sprintf("%s of %d bytes, at least %d expected", what, length, least))
	}
	return m
}

// part reads a part of a message.
func (s *jsonScan) part(most int) (p Part) {
	found := s.object(partMembers(), func(i int) {
		switch i {
		case partVaries:
			p.Mark, p.Label = Varying, s.label(p.Label)
		case partStandIn:
			p.Mark, p.Label = StandIn, s.label(p.Label)
		case partAbsent:
			p.Mark, p.Label = Absent, s.label(p.Label)
		case partHex:
			p.Bytes = s.hex()
		case partLength:
			p.Len = s.number(most)
		}
	})
	switch absent := p.Mark == Absent; {
	case absent && found.has(partHex):
		s.fail(found.at[partHex]-1, "absent bytes have a length and no hex")
	case absent && !found.has(partLength):
		s.fail(found.end, "absent bytes need length")
	case !absent && found.has(partLength):
		s.fail(found.at[partLength]-1, "only absent bytes have a length")
	case !absent && !found.has(partHex):
		s.fail(found.end, "a part needs hex, or absent and length")
	}
	return p
}

// label reads the label that is the value of a mark; the part has none before.
func (s *jsonScan) label(before string) string {
	s.peek()
	at := s.at
	label := s.text("a label")
	switch {
	case before != "":
		s.fail(at, "a part has one mark")
	case !validLabel(label):
		s.fail(at, fmt.Sprintf("label expected: 1 to %d small letters, digits and hyphens,"+
			" a letter first", maxLabel))
	}
	return label
}
