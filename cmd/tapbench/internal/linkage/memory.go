package linkage

import (
	"bytes"
	mathbits "math/bits"
	"strings"
)

// equality looks for values that a user has shown before, and trusts each field as far as it was
// right so far.
type equality struct {
	seen  map[string][2]int // how often each user has shown it
	trust trust
	last  int
}

func newEquality() *equality {
	return &equality{seen: make(map[string][2]int), trust: make(trust)}
}

// Name implements [Guesser].
func (*equality) Name() string { return "equal fields" }

// owner returns who has shown a field's value more often, if anybody has.
func (e *equality) owner(f Field) (user int, ok bool) {
	n := e.seen[f.Name+"\x00"+string(f.Value)]
	if n[1] > n[0] {
		user = 1
	}
	return user, n[0] != n[1]
}

// Guess implements [Guesser].
func (e *equality) Guess(t Tap) int {
	votes := 0.0
	for _, f := range t {
		if user, ok := e.owner(f); ok {
			votes += e.trust.vote(f.Name, user)
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
		if owner, ok := e.owner(f); ok {
			e.trust.learn(f.Name, owner == user)
		}
		key := f.Name + "\x00" + string(f.Value)
		n := e.seen[key]
		n[user]++
		e.seen[key] = n
	}
	e.last = user
}

// trust is how often a field was right, and of how many times.
type trust map[string][2]int

// vote returns a field's vote for a user: near to none if it was right half of the time, against
// the user if it was mostly wrong.
func (t trust) vote(field string, user int) float64 {
	r := t[field]
	edge := (float64(r[0])+1)/(float64(r[1])+2) - 0.5
	return edge * edge * edge * float64(2*user-1)
}

func (t trust) learn(field string, right bool) {
	r := t[field]
	if r[1]++; right {
		r[0]++
	}
	t[field] = r
}

// neighbour takes, field by field, the user of the earlier tap that is nearest, and lets the fields
// vote: each by how often it was right so far.
type neighbour struct {
	name     string
	distance func(a, b []byte) []byte // a number, big-endian
	past     map[string][]shown
	trust    trust
}

// shown is a value and who has shown it.
type shown struct {
	value []byte
	user  int
}

func newNeighbour(name string, distance func(a, b []byte) []byte) *neighbour {
	return &neighbour{
		name: name, distance: distance, past: make(map[string][]shown), trust: make(trust),
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
		if user, ok := n.nearest(f); ok {
			votes += n.trust.vote(f.Name, user)
		}
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
			n.trust.learn(f.Name, guess == user)
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
