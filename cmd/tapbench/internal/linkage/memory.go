package linkage

import (
	"bytes"
	mathbits "math/bits"
	"strings"
)

// equality looks for values that a user has shown before.
type equality struct {
	seen map[string][2]int // how often each user has shown it
	last int
}

func newEquality() *equality { return &equality{seen: make(map[string][2]int)} }

// Name implements [Guesser].
func (*equality) Name() string { return "equal fields" }

// Guess votes by the fields' values: the rarer a value, the more it says.
func (e *equality) Guess(t Tap) int {
	votes := 0.0
	for _, f := range t {
		n := e.seen[f.Name+"\x00"+string(f.Value)]
		if total := n[0] + n[1]; total > 0 {
			votes += float64(n[1]-n[0]) / float64(total*total)
		}
	}
	switch {
	case votes > 0:
		return 1
	case votes < 0:
		return 0
	default:
		return 1 - e.last
	}
}

// Learn implements [Guesser].
func (e *equality) Learn(t Tap, user int) {
	for _, f := range t {
		key := f.Name + "\x00" + string(f.Value)
		n := e.seen[key]
		n[user]++
		e.seen[key] = n
	}
	e.last = user
}

// neighbour takes, field by field, the user of the earlier tap that is nearest, and lets the fields
// vote: each by how often it was right so far.
type neighbour struct {
	name     string
	distance func(a, b []byte) []byte // a number, big-endian
	past     map[string][]shown
	right    map[string][2]int // how often a field was right, and of how many
}

// shown is a value and who has shown it.
type shown struct {
	value []byte
	user  int
}

func newNeighbour(name string, distance func(a, b []byte) []byte) *neighbour {
	return &neighbour{
		name: name, distance: distance, past: make(map[string][]shown),
		right: make(map[string][2]int),
	}
}

// Name implements [Guesser].
func (n *neighbour) Name() string { return n.name }

// nearest returns the user of a field's nearest neighbour.
func (n *neighbour) nearest(f Field) (user int, ok bool) {
	var best []byte
	for _, s := range n.past[f.Name] {
		if d := n.distance(f.Value, s.value); best == nil || less(d, best) {
			best, user = d, s.user
		}
	}
	return user, best != nil
}

// Guess implements [Guesser].
func (n *neighbour) Guess(t Tap) int {
	votes := 0.0
	for _, f := range t {
		user, ok := n.nearest(f)
		if !ok {
			continue
		}
		r := n.right[f.Name]
		trust := (float64(r[0])+1)/(float64(r[1])+2) - 0.5
		votes += trust * trust * trust * float64(2*user-1)
	}
	if votes > 0 {
		return 1
	}
	return 0
}

// Learn implements [Guesser].
func (n *neighbour) Learn(t Tap, user int) {
	for _, f := range t {
		if guess, ok := n.nearest(f); ok {
			r := n.right[f.Name]
			if r[1]++; guess == user {
				r[0]++
			}
			n.right[f.Name] = r
		}
		n.past[f.Name] = append(n.past[f.Name], shown{f.Value, user})
	}
}

// numeric is how far two values lie apart as numbers: serial numbers that were given out one after
// the other are neighbours.
func numeric(a, b []byte) []byte {
	a, b = bytes.TrimLeft(a, "\x00"), bytes.TrimLeft(b, "\x00")
	if less(a, b) {
		a, b = b, a
	}
	d := make([]byte, len(a))
	borrow := 0
	for i := range a {
		at := len(a) - 1 - i
		v := int(a[at]) - borrow
		if i < len(b) {
			v -= int(b[len(b)-1-i])
		}
		borrow = 0
		if v < 0 {
			v, borrow = v+256, 1
		}
		d[at] = byte(v)
	}
	return d
}

// less reports whether a is less than b, as numbers.
func less(a, b []byte) bool {
	a, b = bytes.TrimLeft(a, "\x00"), bytes.TrimLeft(b, "\x00")
	if len(a) != len(b) {
		return len(a) < len(b)
	}
	return bytes.Compare(a, b) < 0
}

// bits is how many bits differ.
func bits(a, b []byte) []byte {
	if len(a) < len(b) {
		a, b = b, a
	}
	n := 8 * (len(a) - len(b))
	for i := range b {
		n += mathbits.OnesCount8(a[i] ^ b[i])
	}
	return []byte{byte(n >> 16), byte(n >> 8), byte(n)}
}

// previous guesses that the users take turns, or come in runs, whichever was truer so far.
type previous struct{ last, same, other int }

func newPrevious() *previous { return &previous{} }

// Name implements [Guesser].
func (*previous) Name() string { return "order of taps" }

// Guess implements [Guesser].
func (p *previous) Guess(Tap) int {
	if p.same >= p.other {
		return p.last
	}
	return 1 - p.last
}

// Learn implements [Guesser].
func (p *previous) Learn(_ Tap, user int) {
	if user == p.last {
		p.same++
	} else {
		p.other++
	}
	p.last = user
}

// isStatus reports whether a field is a status word.
func isStatus(f Field) bool { return strings.HasSuffix(f.Name, " SW") }
