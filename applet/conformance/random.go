package conformance

import (
	"math/rand/v2"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// ledger is what an observer of all taps knows: to whom each PAN was released, and how often.
type ledger struct {
	h       *Host
	b       Backend
	choose  *rand.Rand
	owner   map[[wire.PANLen]byte]emv.PDOLData
	answers map[[wire.PANLen]byte]int
}

// testRandomTaps does a few hundred things in random order, power cuts among them. Whatever
// happens, a PAN goes to one payment only, at most three times.
func testRandomTaps(t T, b Backend) {
	const things = 400
	h := b.fresh(t, CardReady)
	for slot := range byte(wire.CardSlots) {
		if slot != cardSlot {
			h.run(h.requestCard(slot))
			h.run(h.putCard(slot))
		}
	}
	l := &ledger{
		h: h, b: b, choose: rand.New(rand.NewPCG(1, 2)), //nolint:gosec // the same choices each time
		owner: map[[wire.PANLen]byte]emv.PDOLData{}, answers: map[[wire.PANLen]byte]int{},
	}
	payments := []*terminal{h.newTerminal(), h.newTerminal(), h.newTerminal()}
	for range things {
		switch l.choose.IntN(6) {
		case 0:
			l.manage(ownCommand(wire.InsArm, 0, 0, armData()))
		case 1:
			l.manage(ownCommand(wire.InsDisarm, 0, 0, nil))
		case 2:
			l.refill()
		default:
			l.tap(payments[l.choose.IntN(len(payments))])
		}
	}
	if len(l.owner) < 10 {
		t.Errorf("%d PANs were released: the choices show little", len(l.owner))
	}
}

// mayTear has the power cut at the next write, now and then.
func (l *ledger) mayTear() {
	if l.b.Tear != nil && l.choose.IntN(4) == 0 {
		n := 1
		if l.b.Caps.Stores {
			n += l.choose.IntN(8)
		}
		l.b.Tear(l.h.card, n, l.choose.IntN(2) == 0)
	}
}

// do sends a command. It returns false if the power was cut; the card then has power again.
func (l *ledger) do(c apdu.Command) (apdu.Response, bool) {
	l.h.t.Helper()
	return l.h.try(l.b, c)
}

// manage sends a command of the host's, which may be refused.
func (l *ledger) manage(c apdu.Command) {
	l.h.t.Helper()
	l.still()
	l.h.authenticate()
	l.mayTear()
	l.do(c)
}

// still ends a power cut that hasn't come.
func (l *ledger) still() {
	if l.b.Tear != nil {
		l.b.Tear(l.h.card, 0, false)
	}
}

// refill asks for a new card in a slot whose card is spent.
func (l *ledger) refill() {
	l.h.t.Helper()
	l.still()
	l.h.authenticate()
	for slot, state := range l.h.status().cards {
		if state != wire.CardSpent {
			continue
		}
		request := l.h.requestCard(byte(slot))
		response, ok := l.do(ownCommand(request.ins, request.p1, request.p2, nil))
		if ok && response.SW == wire.SWNormal {
			request.done(nil, response.Data)
			l.h.run(l.h.putCard(byte(slot)))
		}
		return
	}
}

// tap tries a payment up to a random command.
func (l *ledger) tap(tm *terminal) {
	l.h.t.Helper()
	l.still()
	tm.begin()
	l.mayTear()
	if r, ok := l.do(optionsCommand(tm.pdol)); !ok || r.SW != wire.SWNormal {
		return
	}
	r, ok := l.do(recordCommand(1))
	if !ok {
		return
	}
	pan, err := tlv.Find(r.Data, emv.TagRecord, emv.TagPAN)
	if err != nil {
		l.h.t.Fatalf("record 1: %v, %v", r.SW, err)
	}
	l.released([wire.PANLen]byte(pan), tm.pdol)
	if l.choose.IntN(2) == 0 {
		return
	}
	last := []byte{wire.P1ARQC, wire.P1AAC}[l.choose.IntN(2)]
	if _, ok := l.do(ownCommand(wire.InsGenerateAC, last, 0, tm.cdol1.Encode())); !ok {
		return
	}
	l.do(ownCommand(wire.InsGenerateAC, wire.P1TC, 0, tm.cdol2([8]byte{})))
}

// released notes that a payment got a PAN.
func (l *ledger) released(pan [wire.PANLen]byte, to emv.PDOLData) {
	l.h.t.Helper()
	if owner, known := l.owner[pan]; known && owner != to {
		l.h.t.Errorf("a PAN was released to %q and to %q", owner.UN, to.UN)
	}
	l.owner[pan] = to
	if l.answers[pan]++; l.answers[pan] > wire.TapTries {
		l.h.t.Errorf("a PAN was released %d times", l.answers[pan])
	}
}
