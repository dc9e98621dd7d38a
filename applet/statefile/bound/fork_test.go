package bound_test

import (
	"context"
	"testing"

	"tapbench/applet/statefile/bound"
	"tapbench/applet/statefile/bound/boundtest"
)

// TestForks runs two elements on two copies of one state at the same time, in every order of their
// steps: never do both get to answer.
func TestForks(t *testing.T) {
	orders, answered := 0, 0
	for order := range uint(1 << 8) {
		n := race(t, order)
		if n > 1 {
			t.Fatalf("order %08b: both answered", order)
		}
		orders++
		answered += n
	}
	if answered == 0 {
		t.Error("none ever answered")
	}
	t.Logf("%d orders, one answered in %d of them", orders, answered)
}

// race has two stores commit, one step after the other: bit n of order says whose the n-th step is.
// When one of both is done the other one goes on alone. It returns how many may answer.
func race(t *testing.T, order uint) (answers int) {
	t.Helper()
	first, shared, _ := after(t, "first")
	type racer struct {
		turn, took chan struct{}
		err        error
	}
	var racers [2]*racer
	for n := range racers {
		r := &racer{turn: make(chan struct{}), took: make(chan struct{})}
		racers[n] = r
		gate := func() {
			r.took <- struct{}{}
			<-r.turn
		}
		copied := &file{content: first.content}
		s := open(t, copied, gated{shared, nil})
		if _, err := s.Load(); err != nil {
			t.Fatal(err)
		}
		s = open(t, copied, gated{shared, gate})
		go func() {
			defer close(r.took)
			if _, r.err = s.Load(); r.err == nil {
				r.err = s.Commit([]byte{'a' + byte(n)})
			}
		}()
		<-r.took // it waits for its first turn
	}
	running := [2]bool{true, true}
	for running[0] || running[1] {
		who := order & 1
		order >>= 1
		if !running[who] {
			who = 1 - who
		}
		racers[who].turn <- struct{}{}
		_, running[who] = <-racers[who].took
	}
	for _, r := range racers {
		if r.err == nil {
			answers++
		}
	}
	return answers
}

// gated is an index each step of which waits for its turn.
type gated struct {
	*index

	gate func()
}

func (g gated) wait() {
	if g.gate != nil {
		g.gate()
	}
}

func (g gated) Read(ctx context.Context) (value [bound.Size]byte, written bool, err error) {
	g.wait()
	return g.index.Read(ctx)
}

func (g gated) Extend(ctx context.Context, digest [bound.Size]byte) error {
	g.wait()
	return g.index.Extend(ctx, digest)
}

var _ boundtest.Store = (*bound.Store)(nil)
