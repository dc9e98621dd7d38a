package search

import (
	"errors"
	"io"
)

// Hit is one occurrence of a pattern.
type Hit struct {
	Pattern int   // its index in the set
	Offset  int64 // of the first byte in the stream that belongs to it
	// View is how it was written, from the outside to the inside, such as "base64 > hex"; empty: as
	// it is.
	View string
}

// depth is how many encodings inside each other are undone.
const depth = 2

// Scanner searches streams for one set, one after the other. It belongs to one goroutine.
type Scanner struct {
	root  *view
	block []byte
}

// NewScanner returns a scanner for a set.
func NewScanner(set *Set) *Scanner {
	return &Scanner{root: newView(set, "", depth), block: make([]byte, 64<<10)}
}

// Scan reads a stream to its end and reports every occurrence, in the order in which they end.
func (s *Scanner) Scan(r io.Reader, report func(Hit)) error {
	s.root.cut()
	var offset int64
	for {
		n, err := r.Read(s.block)
		for _, b := range s.block[:n] {
			s.root.push(b, offset, report)
			offset++
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// view is the stream in one decoding: what was seen last of it, and its decodings in turn.
type view struct {
	set   *Set
	name  string
	last  uint64            // the last eight bytes
	run   int               // how many bytes belong together
	past  [MaxPattern]byte  // the last bytes, as a ring
	from  [MaxPattern]int64 // where in the stream they stand
	inner []run
}

func newView(set *Set, name string, depth int) *view {
	v := &view{set: set, name: name}
	if depth == 0 {
		return v
	}
	child := func(encoding string) *view {
		if name != "" {
			encoding = name + " > " + encoding
		}
		return newView(set, encoding, depth-1)
	}
	v.inner = []run{
		newRun(hexadecimal(), 2, func() *view { return child("hex") }),
		newRun(base64(), 4, func() *view { return child("base64") }),
	}
	return v
}

// push takes the next byte, which stands at an offset of the stream.
func (v *view) push(b byte, offset int64, report func(Hit)) {
	at := v.run % MaxPattern
	v.past[at], v.from[at] = b, offset
	v.run++
	v.last = v.last<<8 | uint64(b)
	if v.run >= MinPattern && v.set.maybe(v.last) {
		v.match(report)
	}
	for i := range v.inner {
		v.inner[i].push(b, offset, report)
	}
}

// cut ends what belongs together.
func (v *view) cut() {
	if v.run == 0 {
		return
	}
	v.run = 0
	for i := range v.inner {
		v.inner[i].cut()
	}
}

// match reports the patterns that end here.
func (v *view) match(report func(Hit)) {
	i, ok := v.set.first[v.last]
	for ; ok && i >= 0; i = v.set.next[i] {
		if p := v.set.patterns[i]; v.endsWith(p) {
			report(Hit{
				Pattern: int(i), Offset: v.from[(v.run-len(p))%MaxPattern], View: v.name,
			})
		}
	}
}

func (v *view) endsWith(p []byte) bool {
	if v.run < len(p) {
		return false
	}
	for i, b := range p {
		if v.past[(v.run-len(p)+i)%MaxPattern] != b {
			return false
		}
	}
	return true
}
