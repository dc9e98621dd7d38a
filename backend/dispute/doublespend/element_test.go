package doublespend_test

import (
	"fmt"
	"slices"
	"testing"

	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
)

// units is how many units the token of the tests has that try everything.
const units = 4

// said is one statement of an element in short: units from+1 to to, ticked up to tick, or a close
// at from. Two of them are one request if and only if they are equal but for tick.
type said struct {
	kind           wire.MessageType
	from, to, tick uint8
	un             byte // the request's number: no two requests are alike; 0 for a close
}

// element is an honest element's durable state for one token: it is written before anything leaves.
type element struct {
	index   uint8 // units up to here are gone
	metered bool
	from    uint8 // of the commitment
	ticked  uint8
	most    uint8
	un      byte // of the commitment
	closed  bool
}

// step is what an element can do next: where it gets to, and what leaves it then. Torn, it gets
// there too, and nothing leaves.
type step struct {
	element
	out said
}

// steps are all steps that the rules allow; un is the number of the next request.
func (e element) steps(un byte) []step {
	var all []step
	if e.closed {
		return nil
	}
	for to := e.index + 1; to <= units && !e.metered; to++ {
		spent := e
		spent.index = to
		all = append(all, step{spent, said{kind: wire.SigSpend, from: e.index, to: to, un: un}})
		met := element{index: to, metered: true, from: e.index, ticked: e.index, most: to, un: un}
		// The commitment alone leaves here: nobody claims without a tick.
		all = append(all, step{met, said{}})
	}
	if e.metered && e.ticked < e.most {
		next := e
		next.ticked++
		all = append(all, step{next, said{
			kind: wire.SigMeter, from: e.from, to: e.most, tick: next.ticked, un: e.un,
		}})
	}
	end := e
	end.closed = true
	at := e.index
	if e.metered {
		at = e.ticked
	}
	return append(all, step{end, said{kind: wire.SigTokenClose, from: at}})
}

// runs calls visit with all that leaves an element in each of its runs to the end; un is the number
// of its first request. Each step is taken whole, and torn.
func (e element) runs(un byte, before []said, visit func([]said)) {
	next := e.steps(un)
	if len(next) == 0 {
		visit(before)
		return
	}
	for _, s := range next {
		s.runs(un+1, before, visit)
		if s.out.kind != 0 {
			s.runs(un+1, append(slices.Clone(before), s.out), visit)
		}
	}
}

// judge checks pairs of statements, each kind of pair once.
type judge struct {
	world
	verdicts map[[2]said]bool
}

func newJudge(t *testing.T) judge {
	t.Helper()
	return judge{newWorld(t, units), make(map[[2]said]bool)}
}

// guilty says whether a pair is evidence.
func (j judge) guilty(t *testing.T, a, b said) bool {
	t.Helper()
	verdict, ok := j.verdicts[[2]said{a, b}]
	if !ok {
		_, err := doublespend.New(j.token, j.statement(t, a), j.statement(t, b)).Check(j.tsm.public)
		verdict = err == nil
		j.verdicts[[2]said{a, b}] = verdict
	}
	return verdict
}

// statement signs what was said: each time anew.
func (j judge) statement(t *testing.T, s said) doublespend.Statement {
	t.Helper()
	switch s.kind {
	case wire.SigSpend:
		return j.spend(t, s.from, s.to, s.un)
	case wire.SigMeter:
		return j.meter(t, s.from, s.to, s.tick, s.un)
	default:
		return j.close(t, s.from)
	}
}

// TestHonestElement: an honest element is stopped, torn, asked again and closed in every order that
// there is. No two of its statements are evidence, nor one of them signed twice.
func TestHonestElement(t *testing.T) {
	j, runs := newJudge(t), 0
	element{}.runs(1, nil, func(out []said) {
		runs++
		for _, a := range out {
			for _, b := range out {
				if j.guilty(t, a, b) {
					t.Fatalf("an honest element is guilty of %v and %v", a, b)
				}
			}
		}
	})
	t.Logf("%d runs, %d pairs", runs, len(j.verdicts))
	if runs < 500 {
		t.Errorf("only %d runs", runs)
	}
}

// share says whether two statements take a unit twice, unit by unit.
func share(a, b said) bool {
	closes := a.kind == wire.SigTokenClose && b.kind == wire.SigTokenClose
	request := a
	request.tick = b.tick
	sameRequest := request == b
	if closes || sameRequest {
		return false
	}
	for unit := range uint8(units) {
		if a.takes(unit, b.kind) && b.takes(unit, a.kind) {
			return true
		}
	}
	return false
}

// takes says whether a unit is no longer to be had after a statement, beside one of another kind.
func (s said) takes(unit uint8, beside wire.MessageType) bool {
	switch {
	case s.kind == wire.SigTokenClose:
		return unit >= s.from
	case s.kind == wire.SigMeter && beside == wire.SigTokenClose:
		return unit >= s.from && unit < s.tick
	}
	return unit >= s.from && unit < s.to
}

// TestClonedElement: an element is copied in every state, and both copies go on. Every pair of
// statements that takes a unit twice is evidence, and no other pair is.
func TestClonedElement(t *testing.T) {
	const first, second = 1, 2 // the copies' requests have other numbers
	j, guilty := newJudge(t), 0
	states, _ := element{}.reach(0)
	for state := range states {
		_, ofFirst := state.reach(first)
		_, ofSecond := state.reach(second)
		for a := range ofFirst {
			for b := range ofSecond {
				want := share(a, b)
				if got := j.guilty(t, a, b); got != want {
					t.Fatalf("copied at %+v: %v and %v: evidence %t, want %t", state, a, b, got, want)
				}
				if want {
					guilty++
				}
			}
		}
	}
	t.Logf("%d states, %d guilty pairs", len(states), guilty)
	if guilty < 1000 {
		t.Errorf("only %d guilty pairs", guilty)
	}
}

// reach returns all states that an element can get to, and all that can leave it on the way.
func (e element) reach(un byte) (states map[element]bool, out map[said]bool) {
	states, out = map[element]bool{e: true}, make(map[said]bool)
	for todo := []element{e}; len(todo) > 0; todo = todo[1:] {
		for _, s := range todo[0].steps(un) {
			if s.out.kind != 0 {
				out[s.out] = true
			}
			if !states[s.element] {
				states[s.element] = true
				todo = append(todo, s.element)
			}
		}
	}
	return states, out
}

// TestOverpaidIsProven: two copies of a new element are run to their ends in every way. Whenever
// their spends, ticks and any one refund come to more than the token, there is evidence: nothing is
// lost by refusing two closes.
func TestOverpaidIsProven(t *testing.T) {
	const first, second = 1, 100
	j, overpaid := newJudge(t), 0
	var ofFirst, ofSecond [][]said
	element{}.runs(first, nil, collect(&ofFirst))
	element{}.runs(second, nil, collect(&ofSecond))
	for _, a := range ofFirst {
		for _, b := range ofSecond {
			all := append(slices.Clone(a), b...)
			if paid(all) <= units {
				continue
			}
			overpaid++
			if !slices.ContainsFunc(a, func(x said) bool {
				return slices.ContainsFunc(b, func(y said) bool { return j.guilty(t, x, y) })
			}) {
				t.Fatalf("%d of %d units, and no evidence: %v", paid(all), units, all)
			}
		}
	}
	t.Logf("%d x %d runs, %d overpaid", len(ofFirst), len(ofSecond), overpaid)
	if overpaid == 0 {
		t.Error("nothing was overpaid")
	}
}

// collect keeps runs in which different things were said: torn steps make many alike.
func collect(into *[][]said) func([]said) {
	seen := make(map[string]bool)
	return func(out []said) {
		key := fmt.Sprint(shorter(out))
		if !seen[key] {
			seen[key] = true
			*into = append(*into, out)
		}
	}
}

// shorter leaves out the requests' numbers.
func shorter(out []said) []said {
	out = slices.Clone(out)
	for i := range out {
		out[i].un = 0
	}
	return out
}

// paid is what merchants and user get for statements: each spend, the last tick of each commitment,
// and the largest refund.
func paid(all []said) int {
	total, refund := 0, 0
	ticked := make(map[said]int)
	for _, s := range all {
		switch s.kind {
		case wire.SigSpend:
			total += int(s.to - s.from)
		case wire.SigMeter:
			commitment := s
			commitment.tick = 0
			ticked[commitment] = max(ticked[commitment], int(s.tick-s.from))
		default:
			refund = max(refund, units-int(s.from))
		}
	}
	for _, n := range ticked {
		total += n
	}
	return total + refund
}
