package conformance

import (
	"fmt"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// tokenStep is one write on the way to a token, and what the host must do about a lost answer.
type tokenStep struct {
	name string
	do   func(h *Host) step
	want func(*tokenStatus) // what the write changes in DF07
	lost func(h *Host)      // the answer was lost, but the write is there
}

// tokenSteps are all writes from PUT EPOCH to TOKEN CLOSE, for a token of two slices.
func tokenSteps() []tokenStep {
	const slot, units = tokenSlot, wire.ChainSlice + 7
	chain := func(h *Host) step {
		return step{ins: wire.InsTokenChain, p1: slot, answer: 1}
	}
	nothing := func(*tokenStatus) {}
	forget := func(*Host) {}
	return []tokenStep{
		{
			"PUT EPOCH", func(h *Host) step { return h.putEpoch(currentEpoch) }, nothing,
			func(h *Host) { h.timed = true },
		},
		{
			"TOKEN NEW", func(h *Host) step { return h.newToken(slot, 5, units) },
			func(s *tokenStatus) {
				*s = tokenStatus{State: wire.TokenBuilding, TID: tidSlot, Unit: 5, Length: units}
			}, forget,
		},
		{"a slice", chain, nothing, forget},
		{"the last slice", chain, func(s *tokenStatus) { s.State = wire.TokenBuilt }, forget},
		{
			"TOKEN REQUEST", func(h *Host) step { return h.requestToken(slot) },
			func(s *tokenStatus) { s.State = wire.TokenRequested },
			func(h *Host) {
				h.tid.received++ // the lost message has used up a counter
				h.run(h.requestToken(slot))
			},
		},
		{
			"TOKEN PUT", func(h *Host) step { return h.putToken(slot) },
			func(s *tokenStatus) { s.State, s.Epoch = wire.TokenReady, currentEpoch+1 }, forget,
		},
		{
			"TOKEN CLOSE", func(h *Host) step { return h.closeToken(slot, 0) },
			func(s *tokenStatus) { s.State = wire.TokenClosed }, forget,
		},
	}
}

// testTokenTearing cuts the power at each write on the way to a closed token, before it and after
// it: the old or the new state is there, whole, and the run comes to its end.
func testTokenTearing(t T, b Backend) {
	if !b.canTear(t) {
		return
	}
	for i, torn := range tokenSteps() {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after %t", torn.name, after), func(t T) {
				testTornToken(t, b, i, after)
			})
		}
	}
	if !b.Caps.Stores {
		t.Run("one write a command", func(t T) { testTokenWrites(t, b) })
	}
}

// testTornToken tears the i-th step.
func testTornToken(t T, b Backend, i int, after bool) {
	h := b.fresh(t, EpochKnown)
	steps := tokenSteps()
	for _, s := range steps[:i] {
		h.run(s.do(h))
	}
	want := h.tokenData()
	s := steps[i].do(h)
	look := func(n int) {
		t.Helper()
		h.authenticate()
		if diff := difference(want, h.tokenData()); diff != "" {
			t.Errorf("after power cut %d (-want +got):\n%s", n, diff)
		}
	}
	rest := steps[i+1:]
	switch {
	case after:
		b.Tear(h.card, 1, true)
		h.torn(b, ownCommand(s.ins, s.p1, s.p2, s.sent()))
		steps[i].want(&want[tokenSlot])
		look(1)
		steps[i].lost(h)
	case steps[i].name == "TOKEN CLOSE": // it pays below, so that it mustn't be closed
		rest = steps[i:]
		b.Tear(h.card, 1, false)
		h.torn(b, ownCommand(s.ins, s.p1, s.p2, nil))
		look(1)
	default:
		h.everyStore(b, s, look)
	}
	for _, s := range rest {
		if s.name == "TOKEN CLOSE" {
			h.ArmFor(wire.ArmReuse) // it pays: the chain is the root's, from end to end
			h.newPurchase(h.p.merchant(t, "MERCHANT-000001"), 5*(wire.ChainSlice+7)).pay(false)
			h.authenticate()
			break
		}
		h.run(s.do(h))
	}
	wantAt := byte(wire.ChainSlice + 7)
	if i == len(steps)-1 && after {
		wantAt = 0
	}
	if at := h.closedAt(tokenSlot); at != wantAt {
		t.Errorf("closed at %d, want %d", at, wantAt)
	}
}

// testTokenWrites has the power cut at the second write: no command reaches it. TOKEN SHOW and
// TOKEN CLOSE of a closed slot write nothing.
func testTokenWrites(t T, b Backend) {
	h := b.fresh(t, EpochKnown)
	for _, s := range tokenSteps() {
		b.Tear(h.card, 2, false)
		h.run(s.do(h))
	}
	b.Tear(h.card, 1, false)
	for _, c := range []apdu.Command{
		ownCommand(wire.InsTokenShow, tokenSlot, 0, nil),
		ownCommand(wire.InsTokenClose, tokenSlot, 0, nil),
	} {
		wantSW(t, "a command that writes nothing", h.call(c), wire.SWNormal)
	}
	b.Tear(h.card, 0, false)
	b.Tear(h.card, 1, true)
	h.torn(b, ownCommand(wire.InsTIDClose, tidSlot, 0, nil))
	h.authenticate()
	h.tid.received++
	h.run(h.tidClose())
	if got := h.tokenData()[tokenSlot].State; got != wire.TokenClosed {
		t.Errorf("after a torn TID CLOSE the closed token is in state %d", got)
	}
}
