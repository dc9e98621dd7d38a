package conformance

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// closed is the length of the answer to AID CLOSE and TID CLOSE.
const closed = 100

// aidClose is AID CLOSE; the bank's side checks what it says.
func (h *Host) aidClose() step {
	return step{
		ins: wire.InsAIDClose, p1: bankSlot, answer: closed,
		check: func(_, sealed []byte) { h.account.closed(h.t, sealed) },
	}
}

// closed checks aid-close, which must have the next counter.
func (a *accountRun) closed(t TB, sealed []byte) {
	t.Helper()
	th := message.NewTranscript(2, wire.RoleUser, wire.RoleBank, a.p.bank.id)
	counter, raw, err := a.fromSE.OpenCounted(a.received, th[:], sealed)
	if err != nil || counter != a.received {
		t.Fatalf("aid-close: counter %d, want %d, %v", counter, a.received, err)
	}
	a.received++
	m, err := message.Decode[message.AIDClose](wire.MsgAIDClose, raw)
	if err != nil {
		t.Fatal(err)
	}
	verify(t, "aid-close", a.x.Sign, m.Digest(th, a.p.bank.id, a.x.Account), m.Signature)
}

// tidClose is TID CLOSE; the TSM's side checks what it says.
func (h *Host) tidClose() step {
	return step{
		ins: wire.InsTIDClose, p1: tidSlot, answer: closed,
		check: func(_, sealed []byte) { h.tid.closed(h.t, sealed) },
	}
}

func (r *tidRun) closed(t TB, sealed []byte) {
	t.Helper()
	th := message.NewTranscript(3, wire.RoleUser, wire.RoleTSM, r.p.tsm.id)
	m := take[message.TIDClose](t, r, wire.MsgTIDClose, th, sealed)
	verify(t, "tid-close", r.sign, m.Digest(th, r.p.tsm.id, r.tid()), m.Signature)
}

// testClosing gives accounts up and uses their slots again.
func testClosing(t T, b Backend) {
	t.Run("bank account ID", func(t T) { testAIDClose(t, b) })
	t.Run("TSM account", func(t T) { testTIDClose(t, b) })
	t.Run("bank account ID before BINFO", func(t T) { testCloseBeforeBINFO(t, b) })
	t.Run("bank account ID before AUTH", func(t T) { testCloseBeforeAuth(t, b) })
	testTornCloses(t, b)
}

func testTornCloses(t T, b Backend) {
	if !b.canTear(t) {
		return
	}
	for _, after := range []bool{false, true} {
		t.Run(fmt.Sprintf("torn, after %t", after), func(t T) { testTornClose(t, b, after) })
	}
}

func testAIDClose(t T, b Backend) {
	h := b.fresh(t, CardReady)
	want := h.status()
	want.banks[bankSlot] = wire.AccountClosed
	for range 2 { // the second time as if the first message had been lost
		h.run(h.aidClose())
		if diff := difference(want, h.status()); diff != "" {
			t.Errorf("closed (-want +got):\n%s", diff)
		}
	}
	ak := newPair(t).public
	h.unchanged("a refused command", func() {
		wantSW(t, "TID REGISTER for a closed slot",
			h.call(ownCommand(wire.InsTIDRegister, 1-tidSlot, bankSlot, h.tid.start(t))),
			wire.SWConditionsNotSatisfied)
		wantSW(t, "BIND AK", h.call(ownCommand(wire.InsBindAK, bankSlot, 0, ak[:])),
			wire.SWConditionsNotSatisfied)
		wantSW(t, "AID CLOSE of an empty slot",
			h.call(ownCommand(wire.InsAIDClose, 1-bankSlot, 0, nil)), wire.SWConditionsNotSatisfied)
	})
	first := h.account.x
	h.stage = AccountOpen
	h.Advance(Granted)
	if h.account.x.Account == first.Account || h.account.x.Sign == first.Sign {
		t.Error("the new bank account ID is the old one")
	}
	h.run(h.aidClose()) // under the new K_AID,B, from counter 0 on
	h.step(AccountOpen)
	h.stage = AccountOpen
	h.Advance(Granted)
}

func testTIDClose(t T, b Backend) {
	h := b.fresh(t, CardReady)
	h.run(h.requestCard(cardSlot + 1))
	h.run(h.requestCard(cardSlot + 2))
	h.run(h.putCard(cardSlot + 2))
	late := ownCommand(wire.InsCardPut, cardSlot+1, 0, h.putCard(cardSlot+1).sent())
	h.Advance(Armed)
	closes := ownCommand(wire.InsTIDClose, tidSlot, 0, nil)
	wantSW(t, "TID CLOSE while armed", h.call(closes), wire.SWConditionsNotSatisfied)
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.released() // the lowest ready slot's card is spent
	h.authenticate()
	wantSW(t, "TID CLOSE while bound", h.call(closes), wire.SWConditionsNotSatisfied)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	want := h.status()
	want.tids[tidSlot] = wire.TIDClosed
	want.cards[cardSlot+1], want.cards[cardSlot+2] = wire.CardEmpty, wire.CardEmpty
	for range 2 {
		h.run(h.tidClose())
		if diff := difference(want, h.status()); diff != "" {
			t.Errorf("closed (-want +got):\n%s", diff)
		}
	}
	h.unchanged("a refused command", func() {
		wantSW(t, "CARD PUT for a closed account", h.call(late), wire.SWConditionsNotSatisfied)
		wantSW(t, "CARD REQUEST", h.call(ownCommand(wire.InsCardRequest, cardSlot, tidSlot, nil)),
			wire.SWConditionsNotSatisfied)
		wantSW(t, "PUT EPOCH KEY",
			h.call(ownCommand(wire.InsPutEpochKey, tidSlot, 0, h.p.epochCert.Encode())),
			wire.SWConditionsNotSatisfied)
		wantSW(t, "ARM", h.call(ownCommand(wire.InsArm, 0, 0, armData())),
			wire.SWConditionsNotSatisfied)
		wantSW(t, "TID CLOSE of an empty slot",
			h.call(ownCommand(wire.InsTIDClose, 1-tidSlot, 0, nil)), wire.SWConditionsNotSatisfied)
	})
	first := h.tid.tid()
	h.reopen()
	if h.tid.tid() == first {
		t.Error("the new TSM account is the old one")
	}
	h.Advance(Armed)
}

// reopen makes a new TSM account in the closed slot, up to its epoch key.
func (h *Host) reopen() {
	h.t.Helper()
	h.stage = Granted
	h.Advance(EpochKnown)
}

// testCloseBeforeBINFO closes the bank account ID while a TSM account is being registered with it.
func testCloseBeforeBINFO(t T, b Backend) {
	h := b.fresh(t, TIDReplied)
	h.run(h.aidClose())
	terms := ownCommand(wire.InsBINFO, tidSlot, 0, h.makeBINFO().sent())
	wantSW(t, "BINFO for a closed slot", h.call(terms), wire.SWConditionsNotSatisfied)
}

// testCloseBeforeAuth closes it when the bank may have moved the limit: that isn't lost.
func testCloseBeforeAuth(t T, b Backend) {
	h := b.fresh(t, InfoMade)
	h.run(h.aidClose())
	h.Advance(Active)
}

// testTornClose tears both commands: whichever state is there, the message can be had.
func testTornClose(t T, b Backend, after bool) {
	h := b.fresh(t, CardReady)
	for _, s := range []struct {
		close step
		lost  *uint32
		state func(status) bool
	}{
		{h.tidClose(), &h.tid.received, func(s status) bool {
			return s.tids[tidSlot] == wire.TIDClosed && s.cards[cardSlot] == wire.CardEmpty
		}},
		{h.aidClose(), &h.account.received, func(s status) bool {
			return s.banks[bankSlot] == wire.AccountClosed
		}},
	} {
		look := func(n int) {
			t.Helper()
			h.authenticate()
			if got := s.state(h.status()); got != after {
				t.Errorf("INS %02X, cut %d: closed %t, want %t", byte(s.close.ins), n, got, after)
			}
		}
		if !after {
			h.everyStore(b, s.close, look)
			continue
		}
		b.Tear(h.card, 1, true)
		h.torn(b, ownCommand(s.close.ins, s.close.p1, 0, nil))
		look(1)
		*s.lost++ // the lost message has used up a counter
		h.run(s.close)
	}
}
