package boundtest

import "fmt"

// Search says what is tried.
type Search struct {
	Rule Rule
	// NV returns an index that isn't defined, for each life anew. Default: a [Memory].
	NV func() (NV, error)
	// Copies is how many states are written at most in one life.
	Copies int
	// StartCuts is how often the power goes while the element starts, in one life at most.
	StartCuts int
	// Adopt has the life begin with a file that isn't bound.
	Adopt bool
	// Strict also has it found when a copy is taken that is older than the last one.
	Strict bool
}

// Result is what came of it.
type Result struct {
	Lives   int // sequences of steps, cuts and copies put back, each tried to its end
	Starts  int // starts of the element
	Locked  int // starts at which the file was refused
	Forward int // starts at which what was cut was brought to its end
	// Double is the first life in which an index got two answers; nil: none.
	Double []string
	// Wrong is the first life in which the element was locked though nothing was put back, or in
	// which a copy was taken that is older than the last one.
	Wrong []string
	// Err is what kept the search from going on.
	Err error
}

// String returns the counts.
func (r Result) String() string {
	return fmt.Sprintf("%d lives with %d starts: %d locked, %d brought forward",
		r.Lives, r.Starts, r.Locked, r.Forward)
}

// Explore tries everything: at each start the file as it lies there, every copy that was ever
// written, and none; at each step of starts and commits, power that goes before it; and, after a
// commit, power that goes before the answer, after it, or not. It stops at the first double answer
// and at the first life that is wrong.
func Explore(s Search) Result {
	if s.NV == nil {
		s.NV = func() (NV, error) { return new(Memory), nil }
	}
	var r Result
	var path choices
	for more := true; more; more = path.next() {
		r.Lives++
		r.Err = newLife(s, &path, &r).run()
		if !r.over() {
			continue
		}
		if r.Err == nil { // the same life again, this time with its story
			var told Result
			again := newLife(s, path.again(), &told)
			again.telling = true
			r.Err = again.run()
			r.Double, r.Wrong = told.Double, told.Wrong
		}
		break
	}
	return r
}

func (r *Result) over() bool { return r.Double != nil || r.Wrong != nil || r.Err != nil }

// choices is a path through all that can be chosen, and how to get to the next one.
type choices struct {
	taken []choice
	at    int
}

type choice struct{ taken, of int }

// pick chooses one of n.
func (c *choices) pick(n int) int {
	if c.at == len(c.taken) {
		c.taken = append(c.taken, choice{0, n})
	}
	c.at++
	return c.taken[c.at-1].taken
}

// again is the same path from its beginning.
func (c *choices) again() *choices { return &choices{taken: c.taken} }

// next goes to the next path, or says that there is none.
func (c *choices) next() bool {
	c.at = 0
	for n := len(c.taken) - 1; n >= 0; n-- {
		if c.taken[n].taken++; c.taken[n].taken < c.taken[n].of {
			c.taken = c.taken[:n+1]
			return true
		}
	}
	return false
}
