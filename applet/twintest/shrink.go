package twintest

import (
	"errors"
	"slices"

	"tapbench/applet/jcardsim"
)

// shortest returns the shortest dialogue with fresh elements in which they differ in the end, and
// that difference: steps are left out while the twins still differ.
func shortest(machine *jcardsim.Machine, found *FoundError) ([]Step, *DifferenceError, error) {
	s := &shrinker{machine: machine, want: found.DifferenceError}
	before := found.seedling.dialogue.steps[:found.seedling.from]
	s.steps = slices.Concat(before, found.steps)
	if !s.differs(s.steps) { // the state that the applet was given isn't the one that it reaches
		return found.steps, found.DifferenceError, s.err
	}
	for size := len(s.steps) / 2; size > 0 && s.err == nil; {
		if !s.leaveOut(size) || size > 1 {
			size /= 2
		}
	}
	return s.steps, s.found, s.err
}

// shrinker makes a dialogue shorter.
type shrinker struct {
	machine *jcardsim.Machine
	want    *DifferenceError
	steps   []Step
	found   *DifferenceError
	err     error // a machine's
}

// leaveOut leaves out, from the end to the beginning, each run of so many steps that it can, but
// never the last one. It returns whether it could.
func (s *shrinker) leaveOut(size int) (could bool) {
	for end := len(s.steps) - 1; end > 0 && s.err == nil; {
		from := max(end-size, 0)
		if s.differs(slices.Delete(slices.Clone(s.steps), from, end)) {
			could = true
		}
		end = min(from, len(s.steps)-1)
	}
	return could
}

// differs says whether fresh twins differ within a dialogue, and takes it up to there. Most that
// lead nowhere are seen on the emulator alone: its last answer has another status word.
func (s *shrinker) differs(steps []Step) bool {
	if !s.leads(steps) {
		return false
	}
	w, err := newTwins(s.machine, nil)
	if err != nil {
		s.err = err
		return false
	}
	for i, step := range steps {
		_, err := w.do(step)
		var different *DifferenceError
		if errors.As(err, &different) {
			s.steps, s.found, s.err = steps[:i+1:i+1], different, w.close()
			return s.err == nil
		}
		if err != nil {
			s.err = err
			return false
		}
	}
	s.err = w.close()
	return false
}

// leads says whether the emulator ends a dialogue as it ended the one that was found.
func (s *shrinker) leads(steps []Step) bool {
	m, err := newModel(nil)
	if err != nil {
		s.err = err
		return false
	}
	var at situation
	var answer []byte
	for _, step := range steps {
		if at.isPlatforms(step) {
			continue
		}
		answer = m.do(step)
		at.pass(step, answer)
	}
	return swOf(answer) == swOf(s.want.Emulator)
}
