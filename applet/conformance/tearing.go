package conformance

import (
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// testTearing cuts the power at each command's write, before each of its stores and after it: the
// old or the new state is there, whole, and the run can be brought to its end.
func testTearing(t T, b Backend) {
	if !b.canTear(t) {
		return
	}
	for _, torn := range []struct {
		name string
		run  func(T, Backend, int, bool) bool
	}{
		{"record", testTornRecord}, {"cryptogram", testTornAC}, {"disarm", testTornDisarm},
	} {
		for _, after := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, after %t", torn.name, after), func(t T) {
				eachCut(after, func(n int) bool { return torn.run(t, b, n, after) })
			})
		}
	}
	t.Run("all stages, after false", func(t T) { testTornSteps(t, b) })
	for to := Keyed; to <= Armed; to++ {
		t.Run(fmt.Sprintf("stage %d, after true", to), func(t T) { testTornStep(t, b, to) })
	}
	if !b.Caps.Stores {
		t.Run("one write a command", func(t T) { testOneWrite(t, b) })
	}
}

// eachCut runs a test with a cut before the first store, the second and so on, until none comes, or
// with one cut after the first write. Run reports whether the cut came.
func eachCut(after bool, run func(n int) (cut bool)) {
	for n := 1; run(n) && !after; n++ {
	}
}

// everyStore sends a step's command, cut before its first store, its second and so on, until its
// answer comes. Look follows each cut, on a card that has power and nothing selected; the host must
// be proven again behind it.
func (h *Host) everyStore(b Backend, s step, look func(n int)) {
	h.t.Helper()
	sent := s.sent()
	for n := 1; ; n++ {
		b.Tear(h.card, n, false)
		response, answered := h.try(b, ownCommand(s.ins, s.p1, s.p2, sent))
		if answered {
			b.Tear(h.card, 0, false)
			if n == 1 {
				h.t.Errorf("INS %02X stores nothing", byte(s.ins))
			}
			wantSW(h.t, fmt.Sprintf("INS %02X behind %d cuts", byte(s.ins), n-1), response.SW,
				wire.SWNormal)
			s.done(sent, response.Data)
			return
		}
		look(n)
	}
}

// torn sends a command whose answer must be lost, and gives the card power again.
func (h *Host) torn(b Backend, c apdu.Command) {
	h.t.Helper()
	response, err := h.session.Exchange(h.t.Context(), c)
	if !errors.Is(err, pcsc.ErrCardRemoved) {
		h.t.Fatalf("INS %02X: got %v, %v, want the card to be gone", c.INS, response, err)
	}
	h.card = b.Again(h.t, h.card)
	h.session = pcsc.NewSession(h.card)
}

// cut sends a command that the power may be cut in, and reports whether it was. If not, this was
// the cut behind the last store, and it must have been accepted; the first cut must come.
func (h *Host) cut(b Backend, c apdu.Command, n int) bool {
	h.t.Helper()
	response, answered := h.try(b, c)
	if !answered {
		return true
	}
	b.Tear(h.card, 0, false)
	wantSW(h.t, fmt.Sprintf("INS %02X behind its stores", c.INS), response.SW, wire.SWNormal)
	if n == 1 {
		h.t.Errorf("INS %02X: no power cut came", c.INS)
	}
	return false
}

// resume says where a run goes on when the card has reached a stage but its answer is lost. Stages
// that aren't listed answer nothing that would be missed.
func resume() map[Stage]Stage {
	return map[Stage]Stage{
		Keyed: Selectable, UserCreated: Personalised, AccountOpen: UserCreated,
		Requested: AccountOpen, Replied: AccountOpen, KeysSent: AccountOpen,
		Registering: Granted, BINFOMade: Granted, InfoMade: Granted, CardRequested: EpochKnown,
	}
}

// testTornSteps cuts each step before each of its stores, on one card: it goes on from the state
// before.
func testTornSteps(t T, b Backend) {
	h := b.fresh(t, Selectable)
	for to := Keyed; to <= Armed; to++ {
		want := h.status()
		h.everyStore(b, h.steps()[to], func(n int) {
			t.Helper()
			h.wantTorn(fmt.Sprintf("stage %d, power cut %d", to, n), want)
		})
		h.stage = to
	}
	h.wantPays()
}

// testTornStep cuts one step after its write.
func testTornStep(t T, b Backend, to Stage) {
	h := b.fresh(t, to-1)
	want := h.status()
	s := h.steps()[to]
	sent := s.sent()
	b.Tear(h.card, 1, true)
	h.torn(b, ownCommand(s.ins, s.p1, s.p2, sent))
	want.follow(to)
	h.wantTorn("after the power cut", want)
	h.stage = to
	if back, lost := resume()[to]; lost {
		h.stage = back
		h.tid.received++ // the lost message has used up a counter
	} else {
		s.done(sent, nil)
	}
	h.Advance(Armed)
	h.wantPays()
}

// wantTorn compares the state of a card whose power was cut, and proves the host again.
func (h *Host) wantTorn(what string, want status) {
	h.t.Helper()
	h.selectApplication(wire.AIDManagement)
	if want.life == wire.LifeCyclePersonalized {
		h.authenticate()
	}
	if diff := difference(want, h.status()); diff != "" {
		h.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
}

// wantPays wants an armed card to pay.
func (h *Host) wantPays() {
	h.t.Helper()
	tm := h.newTerminal().begin()
	wantSW(h.t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.released()
	tm.requested(wire.P1ARQC, 1)
}

// testOneWrite has the power cut at the second write: no command reaches it.
func testOneWrite(t T, b Backend) {
	h := b.fresh(t, Selectable)
	for to := Keyed; to <= Armed; to++ {
		b.Tear(h.card, 2, false)
		if to == AccountOpen { // two commands of one write each
			b.Tear(h.card, 3, false)
		}
		h.Advance(to)
	}
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	b.Tear(h.card, 2, false)
	tm.released()
	b.Tear(h.card, 1, false)
	wantSW(t, "record 3, which writes nothing", tm.read(3).SW, wire.SWNormal)
	wantSW(t, "record 2, which writes nothing", tm.read(2).SW, wire.SWNormal)
	tm.requested(wire.P1ARQC, 1)
	b.Tear(h.card, 0, false)
}

// testTornRecord tears the record that spends a card. It reports whether the power was cut, and so
// below.
func testTornRecord(t T, b Backend, n int, after bool) bool {
	h := b.fresh(t, Armed)
	h.run(h.requestCard(cardSlot + 1))
	h.run(h.putCard(cardSlot + 1))
	tm := h.newTerminal().begin()
	b.Tear(h.card, n, after)
	wantSW(t, "GET PROCESSING OPTIONS writes nothing", tm.options(), wire.SWNormal)
	wantSW(t, "record 2 writes nothing", tm.read(2).SW, wire.SWNormal)
	if !h.cut(b, recordCommand(1), n) {
		return false
	}
	other := tm.changed(func(d *emv.PDOLData) { d.Merchant[0]++ })
	tm.begin()
	wantSW(t, "a record after the power cut", tm.read(1).SW, refused)
	wantOther, atc := wire.SWNormal, uint16(1)
	if after {
		wantOther, atc = refused, 2
	}
	wantSW(t, "another merchant", other.options(), wantOther)
	wantSW(t, "the same merchant", tm.options(), wire.SWNormal)
	pan := tm.released()
	tm.requested(wire.P1ARQC, atc)
	h.authenticate()
	s := h.status()
	if s.cards[cardSlot] != wire.CardSpent || s.arm != wire.ArmBound || s.tries != byte(atc) {
		t.Errorf("%+v", s)
	}
	h.Arm()
	other.begin()
	wantSW(t, "another merchant under a new arming", other.options(), wire.SWNormal)
	if other.released() == pan {
		t.Error("a PAN was released to two merchants")
	}
	return true
}

// testTornAC tears the second GENERATE AC.
func testTornAC(t T, b Backend, n int, after bool) bool {
	h := b.fresh(t, Armed)
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.released()
	auth := tm.authorised(tm.requested(wire.P1ARQC, 1), [4]byte{1: 0x82})
	b.Tear(h.card, n, after)
	if !h.cut(b, ownCommand(wire.InsGenerateAC, wire.P1TC, 0, tm.cdol2(auth)), n) {
		return false
	}
	tm.begin()
	want := wire.SWNormal
	if after {
		want = refused
	}
	wantSW(t, "the same payment", tm.options(), want)
	h.authenticate()
	s := h.status()
	if s.cards[cardSlot] != wire.CardSpent || (s.arm == wire.ArmNone) != after {
		t.Errorf("%+v", s)
	}
	return true
}

func testTornDisarm(t T, b Backend, n int, after bool) bool {
	h := b.fresh(t, Armed)
	b.Tear(h.card, n, after)
	if !h.cut(b, ownCommand(wire.InsDisarm, 0, 0, nil), n) {
		return false
	}
	h.authenticate()
	if got := h.status().arm; (got == wire.ArmNone) != after {
		t.Errorf("arm state %v", got)
	}
	return true
}
