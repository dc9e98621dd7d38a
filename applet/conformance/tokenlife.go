package conformance

import (
	"fmt"
	"slices"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// tokenStates are the states of a token slot; the suite keeps a slot in each, by its number.
func tokenStates() []wire.SlotState {
	return []wire.SlotState{
		wire.TokenEmpty, wire.TokenBuilding, wire.TokenBuilt, wire.TokenRequested, wire.TokenReady,
		wire.TokenUsed, wire.TokenClosed,
	}
}

// tokenAct is a command in the life of a token slot, as PROTOCOL.md has it: where it works, and the
// state that follows there.
type tokenAct struct {
	ins  wire.INS
	data int // bytes of its data
	next map[wire.SlotState]wire.SlotState
}

func tokenActs() []tokenAct {
	to := func(next wire.SlotState, from ...wire.SlotState) map[wire.SlotState]wire.SlotState {
		m := map[wire.SlotState]wire.SlotState{}
		for _, s := range from {
			m[s] = next
		}
		return m
	}
	shown := to(wire.TokenUsed, wire.TokenUsed)
	shown[wire.TokenClosed] = wire.TokenClosed
	return []tokenAct{
		{wire.InsTokenShow, 0, shown},
		{wire.InsTokenPut, 228, to(wire.TokenReady, wire.TokenRequested)},
		{wire.InsTokenChain, 0, to(wire.TokenBuilt, wire.TokenBuilding)},
		{wire.InsTokenRequest, 0, to(wire.TokenRequested, wire.TokenBuilt, wire.TokenRequested)},
		{
			wire.InsTokenClose, 0,
			to(wire.TokenClosed, wire.TokenReady, wire.TokenUsed, wire.TokenClosed),
		},
		// The only way out of EMPTY comes last.
		{wire.InsTokenNew, 2, to(wire.TokenBuilding, wire.TokenEmpty, wire.TokenBuilding,
			wire.TokenBuilt, wire.TokenRequested, wire.TokenClosed)},
	}
}

// bringToken takes a slot into a state with a new token of 3 x 0.05. EMPTY is only there before all
// others. A token that is USED has one unit left.
func (h *Host) bringToken(slot byte, to wire.SlotState) {
	h.t.Helper()
	now := h.tokenData()[slot].State
	if now == to {
		return
	}
	if now == wire.TokenReady || now == wire.TokenUsed {
		h.closedAt(slot)
	}
	h.run(h.newToken(slot, 5, 3))
	for _, next := range []func(){
		func() { h.extendChain(slot) },
		func() { h.run(h.requestToken(slot)) },
		func() { h.run(h.putToken(slot)) },
		func() { h.useToken(slot) },
		func() { h.closedAt(slot) },
	} {
		if h.tokenData()[slot].State == to {
			return
		}
		next()
	}
	if now := h.tokenData()[slot].State; now != to {
		h.t.Fatalf("token slot %d is in state %d, want %d", slot, now, to)
	}
}

// useToken pays with two units of the token in a slot; no other may be READY.
func (h *Host) useToken(slot byte) {
	h.t.Helper()
	h.ArmFor(0)
	record, _ := h.newPurchase(h.p.merchant(h.t, "MERCHANT-000001"), 10).pay(false)
	if record.Token != h.tokens[slot].token {
		h.t.Fatalf("another token than that of slot %d has paid", slot)
	}
	h.authenticate()
}

// withStates is a card with a token slot in each state.
func (b Backend) withStates(t TB) *Host {
	t.Helper()
	h := b.fresh(t, EpochKnown)
	h.run(h.putEpoch(currentEpoch))
	h.timed = true
	states := tokenStates()
	slices.Reverse(states) // READY comes after USED
	for _, s := range states {
		if s != wire.TokenEmpty {
			h.bringToken(byte(s), s)
		}
	}
	return h
}

// testTokenLife visits each cell of the life of a token slot.
func testTokenLife(t T, b Backend) {
	h := b.withStates(t)
	for _, act := range tokenActs() {
		for _, state := range tokenStates() {
			slot := byte(state)
			if state == wire.TokenUsed {
				h.closedAt(byte(wire.TokenReady)) // else it would pay
			}
			h.bringToken(slot, state)
			before := h.tokenData()
			want, works := act.next[state]
			wantState, wantWord := state, wire.SWConditionsNotSatisfied
			if works {
				wantState, wantWord = want, wire.SWNormal
			}
			what := fmt.Sprintf("INS %02X in state %d", byte(act.ins), state)
			wantSW(t, what, h.actOnToken(act, slot), wantWord)
			after := h.tokenData()
			if after[slot].State != wantState {
				t.Errorf("%s: state %d, want %d", what, after[slot].State, wantState)
			}
			after[slot] = before[slot]
			if diff := difference(before, after); diff != "" {
				t.Errorf("%s changed another slot (-before +after):\n%s", what, diff)
			}
		}
	}
}

// actOnToken sends a command of a token's life with data that are right where it works.
func (h *Host) actOnToken(act tokenAct, slot byte) apdu.SW {
	h.t.Helper()
	s, before := step{ins: act.ins, p1: slot}, h.tokens[slot]
	switch {
	case act.ins == wire.InsTokenNew:
		s = h.newToken(slot, 5, 3)
	case act.ins == wire.InsTokenRequest:
		s = h.requestToken(slot)
	case act.ins == wire.InsTokenPut && h.tokens[slot].key[0] != 0:
		s = h.putToken(slot)
	case act.data > 0:
		s.data = func() []byte { return make([]byte, act.data) }
	}
	sent := s.sent()
	response, err := h.exchange(ownCommand(s.ins, s.p1, s.p2, sent))
	if err != nil {
		h.t.Fatal(err)
	}
	if response.SW == wire.SWNormal {
		s.done(sent, response.Data)
	} else {
		h.tokens[slot] = before
	}
	return response.SW
}

// testTokenPrecedence asks in each state of a slot, of each command, with none and one fault beside
// those of state and data: the first in the card's order gives the status word, and nothing
// changes.
func testTokenPrecedence(t T, b Backend) {
	h := b.withStates(t)
	e := b.exam(h)
	before := h.tokenData()
	probe := func(unproven bool) {
		for _, state := range tokenStates() {
			for _, act := range tokenActs() {
				_, works := act.next[state]
				const p2 = tidSlot // 0, as the others want it
				p := probeOf(wire.AIDManagement, wire.CLAProprietary, act.ins, byte(state), p2,
					act.data)
				p.name = fmt.Sprintf("INS %02X in token state %d", byte(act.ins), state)
				p.works = func(Stage) bool { return works }
				e.ask(p, h.natural(p, unproven, false), 1)
			}
		}
	}
	h.unchanged("a refused command", func() {
		probe(false)
		h.selectApplication(wire.AIDManagement)
		probe(true)
		h.authenticate()
	})
	if diff := difference(before, h.tokenData()); diff != "" {
		t.Errorf("a refused command changed a token (-before +after):\n%s", diff)
	}
}

// testTokenRoom: what TOKEN NEW may take the place of.
func testTokenRoom(t T, b Backend) {
	h := b.fresh(t, EpochKnown)
	fresh := ownCommand(wire.InsTokenNew, 0, tidSlot, []byte{5, 3})
	wantSW(t, "before the epoch is known", h.call(fresh), wire.SWConditionsNotSatisfied)
	other := ownCommand(wire.InsTokenNew, 0, 1-tidSlot, []byte{5, 3})
	wantSW(t, "for an empty TID slot", h.call(other), wire.SWConditionsNotSatisfied)
	h.bringTime()
	h.bringToken(0, wire.TokenUsed)
	wantSW(t, "with a unit left", h.call(fresh), wire.SWConditionsNotSatisfied)

	h.bringToken(0, wire.TokenReady)
	m := h.p.merchant(t, "MERCHANT-000001")
	h.ArmFor(0)
	whole := h.newPurchase(m, 15).begin()
	wantSW(t, "GET PROCESSING OPTIONS", whole.options(), wire.SWNormal)
	whole.shown()
	h.authenticate()
	wantSW(t, "used up, but bound", h.call(fresh), wire.SWConditionsNotSatisfied)
	wantSW(t, "TOKEN CLOSE while bound", h.call(ownCommand(wire.InsTokenClose, 0, 0, nil)),
		wire.SWConditionsNotSatisfied)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	wantSW(t, "used up", h.call(fresh), wire.SWNormal)

	h.bringToken(0, wire.TokenReady)
	h.ArmFor(0)
	metered := h.newPurchase(m, 15).metered(5).begin()
	wantSW(t, "GET PROCESSING OPTIONS", metered.options(), wire.SWNormal)
	record := metered.shown()
	metered.signed(record)
	metered.ticked(record, 1)
	h.authenticate()
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	wantSW(t, "metered, with ticks left", h.call(fresh), wire.SWConditionsNotSatisfied)

	// The CA's word goes on by two epochs: past the token's last one.
	h.run(h.putEpoch(currentEpoch + 1))
	wantSW(t, "in its last epoch", h.call(fresh), wire.SWConditionsNotSatisfied)
	h.run(h.putEpoch(currentEpoch + 2))
	wantSW(t, "expired", h.call(fresh), wire.SWNormal)
}

// bringTime puts the suite's epoch.
func (h *Host) bringTime() {
	h.t.Helper()
	h.run(h.putEpoch(currentEpoch))
	h.timed = true
}

// testTokenArm: which token an arming may be for.
func testTokenArm(t T, b Backend) {
	h := b.fresh(t, EpochKnown)
	h.bringTime()
	arm := func(flags wire.ArmFlags) apdu.SW {
		return h.call(ownCommand(wire.InsArm, byte(flags), 0, armData()))
	}
	for _, state := range []wire.SlotState{
		wire.TokenBuilding, wire.TokenBuilt, wire.TokenRequested, wire.TokenUsed, wire.TokenClosed,
	} {
		h.bringToken(3, state)
		wantSW(t, fmt.Sprintf("state %d", state), arm(wire.ArmMutual), wire.SWConditionsNotSatisfied)
	}
	h.bringToken(3, wire.TokenReady)
	dollars := append(armData()[:wire.AmountLen:wire.AmountLen], 0x08, 0x40)
	wantSW(t, "another currency", h.call(ownCommand(wire.InsArm, 0, 0, dollars)),
		wire.SWConditionsNotSatisfied)
	wantSW(t, "conditions that aren't any", arm(4), wire.SWIncorrectP1P2)
	for flags := range wire.ArmFlags(4) {
		wantSW(t, fmt.Sprintf("READY, conditions %d", flags), arm(flags), wire.SWNormal)
	}
	wantSW(t, "TOKEN CLOSE while armed", h.call(ownCommand(wire.InsTokenClose, 3, 0, nil)),
		wire.SWConditionsNotSatisfied)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	h.useToken(3)
	wantSW(t, "USED", arm(wire.ArmMutual), wire.SWConditionsNotSatisfied)
	wantSW(t, "USED, and the wallet lets it", arm(wire.ArmReuse), wire.SWNormal)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	h.run(h.putEpoch(currentEpoch + 1))
	wantSW(t, "in its last epoch", arm(wire.ArmReuse), wire.SWNormal)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	h.run(h.putEpoch(currentEpoch + 2))
	wantSW(t, "expired", arm(wire.ArmReuse), wire.SWConditionsNotSatisfied)
}

// testTokenTIDClose gives up the account that has paid the tokens.
func testTokenTIDClose(t T, b Backend) {
	h := b.withStates(t)
	closedToken := byte(wire.TokenClosed)
	want, last := h.tokenData(), h.showToken(closedToken)
	at := h.closedAt(closedToken)
	for i := range want {
		if want[i].State != wire.TokenClosed {
			want[i].State = wire.TokenEmpty
		}
	}
	h.run(h.tidClose())
	if diff := difference(want, h.tokenData()); diff != "" {
		t.Errorf("TID CLOSE (-want +got):\n%s", diff)
	}
	look := func(what string) {
		t.Helper()
		if diff := difference(last, h.showToken(closedToken)); diff != "" {
			t.Errorf("%s: the closed token is another (-want +got):\n%s", what, diff)
		}
		if got := h.closedAt(closedToken); got != at {
			t.Errorf("%s: closed at %d, want %d", what, got, at)
		}
	}
	look("the account is closed")
	h.reopen()
	look("another account is there")
	wantSW(t, "TOKEN NEW before the new account's epoch is known",
		h.call(ownCommand(wire.InsTokenNew, 1, tidSlot, []byte{5, 3})),
		wire.SWConditionsNotSatisfied)
	h.bringTime()
	h.bringToken(byte(wire.TokenUsed), wire.TokenUsed)
}
