package twintest

import (
	"errors"
	"math/rand/v2"
	"slices"

	"tapbench/applet/jcardsim"
)

// fuzzer runs cases on twins.
type fuzzer struct {
	corpus   *corpus
	machine  *jcardsim.Machine
	seed     uint64
	next     uint64 // the number of the next case
	commands int    // how many the twins have answered
	table    *table
}

// FoundError is a case in which the twins differ.
type FoundError struct {
	*DifferenceError
	Case
}

// run runs a case. The error is a [*FoundError], or that of a machine.
func (f *fuzzer) run(c *Case) error {
	w, err := newTwins(f.machine, c.seedling.state())
	if err != nil {
		return err
	}
	for i, s := range c.steps {
		at, state := w.at, w.model.store.state
		answer, err := w.do(s)
		var different *DifferenceError
		if errors.As(err, &different) {
			return &FoundError{different, Case{c.seedling, c.steps[:i+1]}}
		}
		if err != nil {
			return err
		}
		if hit, ok := cellOf(&at, state, s, answer); ok {
			f.commands++
			f.table.hits[hit]++
			if f.table.hits[hit] < leastHits {
				f.table.examples[hit] = Case{c.seedling, c.steps[:i+1]}
			}
		}
	}
	return w.close()
}

// fuzz runs cases until the twins have answered so many commands.
func (f *fuzzer) fuzz(commands int) error {
	for f.commands < commands {
		c := f.corpus.newCase(f.seed, f.next)
		f.next++
		if err := f.run(c); err != nil {
			return err
		}
	}
	return nil
}

// exploration looks for cells on emulators alone, which are fast.
type exploration struct {
	*fuzzer
	known map[cell]bool
	found []Case // one for each cell that the twins haven't had
}

func (e *exploration) isKnown(c cell) bool { return e.table.hits[c] > 0 || e.known[c] }

func (e *exploration) try(c *Case) error {
	return trace(c, func(i int, hit cell) {
		if !e.isKnown(hit) {
			e.known[hit] = true
			e.found = append(e.found, Case{c.seedling, c.steps[:i+1]})
		}
	})
}

// explore runs the sweep on emulators alone, then cases by chance until every cell without a reason
// is known, but not more than a number of cases. It returns what it has found.
func (f *fuzzer) explore(all []reason, most int) ([]Case, error) {
	e := &exploration{fuzzer: f, known: map[cell]bool{}}
	if err := f.corpus.sweep(e.isKnown, e.try); err != nil {
		return nil, err
	}
	missing := slices.DeleteFunc(f.table.unreached(), func(c cell) bool {
		return e.isKnown(c) || covered(all, c)
	})
	for n := 0; n < most && len(missing) > 0; n++ {
		missing = slices.DeleteFunc(missing, e.isKnown)
		c := f.corpus.newCase(f.seed, f.next)
		f.next++
		if err := e.try(c); err != nil {
			return nil, err
		}
	}
	return e.found, nil
}

// trace runs a case on an emulator and tells the cell of each step.
func trace(c *Case, tell func(i int, hit cell)) error {
	m, err := newModel(c.seedling.state())
	if err != nil {
		return err
	}
	var at situation
	for i, s := range c.steps {
		if at.isPlatforms(s) {
			continue
		}
		state := m.store.state
		answer := m.do(s)
		if hit, ok := cellOf(&at, state, s, answer); ok {
			tell(i, hit)
		}
		at.pass(s, answer)
	}
	return nil
}

// topUp hits each scarce cell until it has been hit often enough: by its example, with what came
// before the last step thinned out and something else behind it.
func (f *fuzzer) topUp() error {
	for _, want := range f.table.scarce() {
		for f.table.hits[want] < leastHits {
			if err := f.run(f.again(want)); err != nil {
				return err
			}
		}
	}
	return nil
}

// again makes another case that hits a cell.
func (f *fuzzer) again(want cell) *Case {
	f.next++
	r := rand.New(rand.NewPCG(f.seed, f.next)) //nolint:gosec // to be had again
	old := f.table.examples[want]
	if thin := thinned(r, &old); reaches(thin, want) {
		f.table.examples[want] = *thin
		old = *thin
	}
	b := f.corpus.builder(r, f.next)
	b.put(old.steps...)
	for range 2 { // most refusals can be had again
		b.intrude(old.seedling.dialogue)
		b.put(old.steps[len(old.steps)-1])
	}
	return &Case{old.seedling, b.steps}
}

// thinned leaves some of the steps out, but the last.
func thinned(r *rand.Rand, c *Case) *Case {
	last := len(c.steps) - 1
	share := 1 + r.IntN(4)
	steps := slices.DeleteFunc(slices.Clone(c.steps[:last]), func(Step) bool {
		return r.IntN(share+1) == 0
	})
	return &Case{c.seedling, append(steps, c.steps[last])}
}

// reaches says whether a case hits a cell with its last step.
func reaches(c *Case, want cell) (hits bool) {
	err := trace(c, func(i int, hit cell) {
		hits = hits || i == len(c.steps)-1 && hit == want
	})
	return err == nil && hits
}
