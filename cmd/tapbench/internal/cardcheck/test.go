package cardcheck

import (
	"context"
	"fmt"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"tapbench/applet/conformance"
)

// test is a case of a run, or the run itself.
type test struct {
	*runner
	name     string // empty: the run itself
	ctx      context.Context
	said     []string // findings
	told     []string // what else is worth knowing, for a case without anything to ask
	outcome  Outcome  // of a case that has ended early; empty: as said
	cleanups []func()
	cases    int // below this one
}

var _ conformance.T = (*test)(nil)

// Run runs a case below this one on a goroutine of its own, so that it can end early.
func (t *test) Run(name string, f func(conformance.T)) bool {
	if t.name == "" && !t.wants(name) {
		return true
	}
	t.cases++
	sub := &test{runner: t.runner, name: strings.TrimPrefix(t.name+"/"+name, "/")}
	if err := t.stopped(); err != nil {
		if t.name == "" { // the parts are enough
			t.note(Case{Name: sub.name, Outcome: Skipped, Said: []string{err.Error()}})
		}
		return false
	}
	began, sent := time.Now(), t.speed.sent
	done := make(chan struct{})
	go func() {
		defer close(done)
		sub.whole(f)
	}()
	<-done
	if sub.outcome == "" && len(sub.said) == 0 && sub.cases == 0 && t.speed.sent == sent {
		sub.outcome, sub.said = Skipped, sub.told
		if len(sub.told) == 0 {
			sub.said = []string{"no command was sent"}
		}
	}
	c := Case{Name: sub.name, Outcome: sub.ended(), Said: sub.said, Took: time.Since(began)}
	if sub.cases == 0 || c.Outcome != Passed {
		t.note(c)
	}
	return c.Outcome == Passed
}

// whole runs a case with its cleanups. A context of its own ends before them.
func (t *test) whole(f func(conformance.T)) {
	ctx, cancel := context.WithCancel(t.runner.ctx)
	t.ctx = ctx
	defer func() {
		for _, clean := range slices.Backward(t.cleanups) {
			t.guarded(clean)
		}
	}()
	defer cancel()
	t.guarded(func() { f(t) })
}

// guarded runs a function. A panic is a finding: the suite met an answer that nobody thought of.
func (t *test) guarded(f func()) {
	defer func() {
		if p := recover(); p != nil {
			t.Errorf("the case broke off: %v\n%s", p, debug.Stack())
		}
	}()
	f()
}

// ended returns how the case ended.
func (t *test) ended() Outcome {
	switch {
	case t.outcome != "":
		return t.outcome
	case len(t.said) > 0:
		return Failed
	default:
		return Passed
	}
}

// end ends the case at once.
func (t *test) end(o Outcome, why string) {
	t.outcome, t.said = o, append(t.said, why)
	runtime.Goexit()
}

// Helper has nothing to mark: no line is shown.
func (*test) Helper() {}

// Context ends with the case.
func (t *test) Context() context.Context { return t.ctx }

// Cleanup has f called when the case is over.
func (t *test) Cleanup(f func()) { t.cleanups = append(t.cleanups, f) }

// Error notes what isn't as it should be.
func (t *test) Error(args ...any) {
	t.said = append(t.said, strings.TrimSuffix(fmt.Sprintln(args...), "\n"))
}

// Errorf notes what isn't as it should be.
func (t *test) Errorf(format string, args ...any) {
	t.said = append(t.said, fmt.Sprintf(format, args...))
}

// Fatal notes it and ends the case.
func (t *test) Fatal(args ...any) {
	t.Error(args...)
	runtime.Goexit()
}

// Fatalf notes it and ends the case.
func (t *test) Fatalf(format string, args ...any) {
	t.Errorf(format, args...)
	runtime.Goexit()
}

// Log tells why there may be nothing to ask.
func (t *test) Log(args ...any) {
	t.told = append(t.told, strings.TrimSuffix(fmt.Sprintln(args...), "\n"))
}

// Logf tells why there may be nothing to ask.
func (t *test) Logf(format string, args ...any) {
	t.told = append(t.told, fmt.Sprintf(format, args...))
}
