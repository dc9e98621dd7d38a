package compare

import (
	"bytes"
	"hash/fnv"
	"sort"

	"tapbench/applet/decode"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/trace"
)

// span is a stretch of bytes under a mark.
type span struct {
	off, end int
	mark     trace.Mark
	label    string
}

// side is a command or an answer: its bytes, zeros where they weren't kept, and what they are.
type side struct {
	bytes  []byte
	marked []span
	fields []decode.Field // they cover all bytes, in their order
}

// entry is an item with what comparing needs. Its memory is used again.
type entry struct {
	Item
	write           int // of a tear
	command, answer side
	strong          uint64 // the question and its outcome
	weak            uint64 // the question
	content         uint64 // all that doesn't vary
}

// size is about how much memory the entry's APDUs take, in bytes.
func (e *entry) size() int {
	const perField, perSpan = 96, 48
	n := cap(e.command.bytes) + cap(e.answer.bytes)
	n += perField * (cap(e.command.fields) + cap(e.answer.fields))
	return n + perSpan*(cap(e.command.marked)+cap(e.answer.marked))
}

// load fills the entry with a step.
func (e *entry) load(d *decode.Decoder, s trace.Step, number int) {
	e.Item = Item{
		Line: s.Line, Number: number, Kind: s.Kind, Name: s.Kind.String(), Failure: s.Failure,
		Took: s.Took,
	}
	e.write = s.Write
	e.command.flatten(s.Command)
	e.answer.flatten(s.Answer)
	switch s.Kind {
	case trace.Exchange:
		e.decode(d)
	case trace.Reset, trace.Insert:
		d.Reset()
		e.command.fields, e.answer.fields = e.command.fields[:0], e.answer.fields[:0]
	default:
		e.command.fields, e.answer.fields = e.command.fields[:0], e.answer.fields[:0]
	}
	e.hash()
}

// decode gives the bytes their names.
func (e *entry) decode(d *decode.Decoder) {
	var answer []byte
	if len(e.answer.bytes) > 0 {
		answer = e.answer.bytes
	}
	x := d.Exchange(e.command.bytes, answer)
	e.Name, e.Application, e.Phase, e.Status = x.Name, x.Application, x.Phase, x.Status
	e.Sent, e.Received = len(e.command.bytes), len(e.answer.bytes)
	copy(e.Header[:], e.command.bytes)
	e.command.cover(x.Command)
	e.answer.cover(x.Answer)
}

// flatten takes the bytes and marks of a message.
func (s *side) flatten(m trace.Message) {
	s.bytes, s.marked = s.bytes[:0], s.marked[:0]
	for _, p := range m {
		off := len(s.bytes)
		s.bytes = append(s.bytes, p.Bytes...)
		if p.Mark == trace.Absent {
			s.bytes = append(s.bytes, make([]byte, min(p.Len, apdu.MaxCommand))...)
		}
		if p.Mark != trace.Plain {
			s.marked = append(s.marked, span{off, len(s.bytes), p.Mark, p.Label})
		}
	}
}

// unnamed is the name of bytes that the decoder doesn't know.
const unnamed = "data"

// cover takes the fields, and makes one of each stretch that has none.
func (s *side) cover(fields []decode.Field) {
	s.fields = s.fields[:0]
	at := 0
	fill := func(end int) {
		if end > at {
			s.fields = append(s.fields, decode.Field{
				Name: unnamed, Start: at, Off: at, Len: end - at,
			})
			at = end
		}
	}
	for _, f := range fields {
		if f.Start < 0 || f.Off < f.Start || f.Len < 0 || f.Off+f.Len > len(s.bytes) {
			continue
		}
		fill(f.Start)
		s.fields = append(s.fields, f)
		if f.Template {
			at = max(at, f.Off)
		} else {
			at = max(at, f.Off+f.Len)
		}
	}
	fill(len(s.bytes))
}

// hash computes what the entry is aligned by.
func (e *entry) hash() {
	h := fnv.New64a()
	put := func(text string) { _, _ = h.Write(append([]byte(text), 0)) }
	_, _ = h.Write([]byte{byte(e.Kind)})
	if e.Kind == trace.Exchange {
		put(e.Name)
		put(e.Application)
		_, _ = h.Write(e.Header[1:])
		if e.Header[1] == insSelect {
			_, _ = h.Write(e.command.bytes)
		}
	}
	e.weak = h.Sum64()
	put(string(e.Failure))
	_, _ = h.Write([]byte{e.Status.SW1(), e.Status.SW2()})
	e.strong = h.Sum64()
	e.command.hash(h.Write)
	e.answer.hash(h.Write)
	e.content = h.Sum64()
}

// insSelect is SELECT (ISO/IEC 7816-4:2005, 7.1.1), whose data says which application is meant.
const insSelect = 0xA4

// hash writes the bytes that don't vary, and the length.
func (s *side) hash(write func([]byte) (int, error)) {
	for _, f := range s.fields {
		end := f.Off + f.Len
		if f.Template {
			end = f.Off
		}
		_, _ = write(s.bytes[f.Start:f.Off])
		if f.Variation == decode.Constant && !s.touched(f.Off, end) {
			_, _ = write(s.bytes[f.Off:end])
		}
	}
	_, _ = write([]byte{byte(len(s.bytes) >> 8), byte(len(s.bytes))})
}

// touched reports whether a mark lies on any of the bytes.
func (s *side) touched(off, end int) bool {
	n := s.from(off)
	return n < len(s.marked) && s.marked[n].off < end
}

// from returns the index of the first mark that ends behind off.
func (s *side) from(off int) int {
	return sort.Search(len(s.marked), func(n int) bool { return s.marked[n].end > off })
}

// mark returns the mark on a byte, Plain for none.
func (s *side) mark(at int) (trace.Mark, string) {
	if n := s.from(at); n < len(s.marked) && s.marked[n].off <= at {
		return s.marked[n].mark, s.marked[n].label
	}
	return trace.Plain, ""
}

// equal reports whether the entries are the same, byte for byte, and wholly kept.
func (e *entry) equal(o *entry) bool {
	return e.strong == o.strong && e.write == o.write && e.Failure == o.Failure &&
		e.Kind == o.Kind && e.command.kept() && o.command.kept() && e.answer.kept() &&
		o.answer.kept() && bytes.Equal(e.command.bytes, o.command.bytes) &&
		bytes.Equal(e.answer.bytes, o.answer.bytes)
}

// kept reports whether all bytes are in the trace.
func (s *side) kept() bool {
	for _, m := range s.marked {
		if m.mark == trace.Absent {
			return false
		}
	}
	return true
}
