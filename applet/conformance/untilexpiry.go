package conformance

import (
	"tapbench/applet"
	"tapbench/applet/emv"
	"tapbench/applet/wire"
)

// testUntilExpiry is about what a card until expiry gives, up to its limit in all.
func testUntilExpiry(t T, b Backend) {
	t.Run("many payments", func(t T) { testManyPayments(t, b) })
	t.Run("limit in all", func(t T) { testLimitInAll(t, b) })
	t.Run("shown again", func(t T) { testShownAgain(t, b) })
	t.Run("beside one-show cards", func(t T) { testBesideOneShow(t, b) })
	t.Run("nothing of a slot's last card", func(t T) { testSlotAnew(t, b) })
	t.Run("bound", func(t T) { testBoundUntilExpiry(t, b) })
	testTornUntilExpiries(t, b)
}

func testTornUntilExpiries(t T, b Backend) {
	if !b.canTear(t) {
		return
	}
	for name, after := range map[string]bool{"torn before": false, "torn after": true} {
		t.Run(name, func(t T) {
			eachCut(after, func(n int) bool { return testTornUntilExpiry(t, b, n, after) })
		})
	}
}

// freshUntilExpiry is a card with a card until expiry of 50.00 EUR.
func (b Backend) freshUntilExpiry(t T, to Stage) *Host {
	t.Helper()
	h := b.fresh(t, EpochKnown)
	h.kind = wire.CardUntilExpiry
	return h.Advance(to)
}

// cardData reads DF06.
func (h *Host) cardData() [wire.CardSlots]applet.CardData {
	h.t.Helper()
	const n = 1 + 2*wire.AmountLen
	var cards [wire.CardSlots]applet.CardData
	raw := h.data(uint16(wire.DataCards))
	if len(raw) != len(cards)*n {
		h.t.Fatalf("DF06 of %d bytes, want %d", len(raw), len(cards)*n)
	}
	for i := range cards {
		one := raw[i*n : (i+1)*n]
		cards[i].Kind = wire.CardKind(one[0])
		cards[i].Limit, cards[i].Total = h.minor(one[1:1+wire.AmountLen]), h.minor(one[1+wire.AmountLen:])
	}
	return cards
}

func (h *Host) minor(raw []byte) uint64 {
	h.t.Helper()
	n, err := emv.ParseN12([wire.AmountLen]byte(raw))
	if err != nil {
		h.t.Fatal(err)
	}
	return n
}

// wantCard compares what the element says of the card and its slot's state.
func (h *Host) wantCard(what string, total uint64, arm wire.ArmState) {
	h.t.Helper()
	h.authenticate()
	want := applet.CardData{Kind: wire.CardUntilExpiry, Limit: 5000, Total: total}
	if diff := difference(want, h.cardData()[cardSlot]); diff != "" {
		h.t.Errorf("%s (-want +got):\n%s", what, diff)
	}
	if s := h.status(); s.cards[cardSlot] != wire.CardReady || s.arm != arm {
		h.t.Errorf("%s: card %v, arming %v", what, s.cards[cardSlot], s.arm)
	}
}

// pays pays with an armed card up to the TC, and disarms.
func (h *Host) pays(tm *terminal, atc uint16) (pan [wire.PANLen]byte) {
	h.t.Helper()
	tm.begin()
	wantSW(h.t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	pan = tm.released()
	auth := tm.authorised(tm.requested(wire.P1ARQC, atc), emv.CSUApproved())
	wantSW(h.t, "second GENERATE AC", tm.second(wire.P1TC, auth).SW, wire.SWNormal)
	return pan
}

// testManyPayments pays four times 12.50, each under an arming of its own: the same card, the ATC
// one up each time. Then its limit is reached.
func testManyPayments(t T, b Backend) {
	h := b.freshUntilExpiry(t, CardReady)
	h.wantCard("new", 0, wire.ArmNone)
	pans := map[[wire.PANLen]byte]bool{}
	for atc := uint16(1); atc <= 4; atc++ {
		wantSW(t, "unarmed", h.newTerminal().begin().options(), refused)
		h.authenticate()
		h.Arm()
		pans[h.pays(h.newTerminal(), atc)] = true
		h.wantCard("paid", 1250*uint64(atc), wire.ArmNone)
	}
	if len(pans) != 1 {
		t.Errorf("%d PANs, want one", len(pans))
	}
	h.Arm()
	tm := h.newTerminal().begin()
	wantSW(t, "a fifth payment", tm.options(), refused)
	wantSW(t, "and its record", tm.read(1).SW, refused)
	h.wantCard("at its limit", 5000, wire.ArmReady)
}

// testLimitInAll has 37.50 paid: what is left is paid to the cent, and not a cent more.
func testLimitInAll(t T, b Backend) {
	h := b.freshUntilExpiry(t, CardReady)
	for atc := uint16(1); atc <= 3; atc++ {
		h.Arm()
		h.pays(h.newTerminal(), atc)
		h.authenticate()
	}
	h.Arm()
	tm := h.newTerminal().begin()
	amount := func(euros, cents byte) *terminal {
		return tm.changed(func(d *emv.PDOLData) { d.Amount = [wire.AmountLen]byte{4: euros, 5: cents} })
	}
	wantSW(t, "12.51", amount(0x12, 0x51).options(), refused)
	wantSW(t, "a billion more", tm.changed(func(d *emv.PDOLData) {
		d.Amount[0] = 0x10
	}).options(), refused)
	h.wantCard("refused", 3750, wire.ArmReady)
	tm.begin()
	wantSW(t, "12.50", amount(0x12, 0x50).options(), wire.SWNormal)
	tm.released()
	h.wantCard("shown", 5000, wire.ArmBound)
	h.pays(amount(0x12, 0x50), 5) // the same payment again counts once
	h.wantCard("paid", 5000, wire.ArmNone)
}

// testShownAgain answers one payment three times, not a fourth; it counts once, declined or not.
func testShownAgain(t T, b Backend) {
	h := b.freshUntilExpiry(t, Armed)
	tm := h.newTerminal()
	for range wire.TapTries {
		tm.begin()
		wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
		tm.released()
	}
	h.wantCard("shown three times", 1250, wire.ArmBound)
	wantSW(t, "a fourth time", tm.begin().options(), refused)
	h.authenticate()
	h.Arm() // another arming, the same payment
	tm.begin()
	wantSW(t, "under another arming", tm.options(), wire.SWNormal)
	tm.released()
	wantSW(t, "AAC", tm.first(wire.P1AAC).SW, wire.SWNormal)
	h.wantCard("declined", 2500, wire.ArmNone)
}

// testBesideOneShow has cards of both kinds: the lowest slot that fits is taken, whatever its kind.
func testBesideOneShow(t T, b Backend) {
	h := b.freshUntilExpiry(t, CardReady)
	h.kind = wire.CardOneShow
	h.run(h.requestCard(cardSlot + 1))
	h.run(h.putCard(cardSlot + 1))
	for atc := uint16(1); atc <= 4; atc++ {
		h.Arm()
		if h.pays(h.newTerminal(), atc) != h.cards[cardSlot].put.PAN {
			t.Error("the card isn't the one until expiry")
		}
		h.authenticate()
	}
	h.Arm()
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	if tm.released() != h.cards[cardSlot+1].put.PAN {
		t.Error("the card isn't the one-show card behind it")
	}
	h.wantCard("at its limit", 5000, wire.ArmBound)
	if got := h.status().cards[cardSlot+1]; got != wire.CardSpent {
		t.Errorf("the one-show card is %v", got)
	}
}

// testSlotAnew asks for a new card in the slot: key, PAN, ATC and total are new.
func testSlotAnew(t T, b Backend) {
	h := b.freshUntilExpiry(t, Armed)
	old := h.pays(h.newTerminal(), 1)
	h.authenticate()
	h.run(h.requestCard(cardSlot))
	want := applet.CardData{Kind: wire.CardUntilExpiry}
	if got := h.cardData()[cardSlot]; got != want {
		t.Errorf("asked for: %+v", got)
	}
	h.run(h.putCard(cardSlot))
	h.wantCard("the new card", 0, wire.ArmNone)
	h.Arm()
	if h.pays(h.newTerminal(), 1) == old {
		t.Error("the new card has the old one's PAN")
	}
}

// testBoundUntilExpiry binds a tap: the card is kept for that payment until it is over, and can't
// be replaced meanwhile.
func testBoundUntilExpiry(t T, b Backend) {
	h := b.freshUntilExpiry(t, Armed)
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.released()
	other := tm.changed(func(d *emv.PDOLData) { d.Merchant[0]++ })
	wantSW(t, "another merchant", other.options(), refused)
	h.wantCard("bound", 1250, wire.ArmBound)
	request := ownCommand(wire.InsCardRequest, cardSlot, 0x10|tidSlot, nil)
	wantSW(t, "CARD REQUEST for the bound card", h.call(request), refused)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	h.wantCard("disarmed", 1250, wire.ArmNone)
	h.Arm()
	other.begin()
	wantSW(t, "another merchant under a new arming", other.options(), wire.SWNormal)
	other.released()
	other.requested(wire.P1ARQC, 2)
}

// testTornUntilExpiry tears the record that shows the card: no card is lost, and the payment counts
// once at most. The record and the cryptogram are torn at the same store, as long as both have it;
// it reports whether the record has.
func testTornUntilExpiry(t T, b Backend, n int, after bool) bool {
	h := b.freshUntilExpiry(t, Armed)
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	b.Tear(h.card, n, after)
	if !h.cut(b, recordCommand(1), n) {
		return false
	}
	atc, arm := uint16(1), wire.ArmReady
	if after {
		atc, arm = 2, wire.ArmBound
	}
	h.wantCard("torn", 1250*uint64(atc-1), arm)
	h.pays(tm, atc)
	h.wantCard("paid", 1250, wire.ArmNone)
	h.Arm()
	tm = h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.released()
	auth := tm.authorised(tm.requested(wire.P1ARQC, atc+1), emv.CSUApproved())
	b.Tear(h.card, n, after)
	arm = wire.ArmBound
	if !h.cut(b, ownCommand(wire.InsGenerateAC, wire.P1TC, 0, tm.cdol2(auth)), n) || after {
		arm = wire.ArmNone
	}
	h.wantCard("cryptogram torn", 2500, arm)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	h.Arm()
	h.pays(h.newTerminal(), atc+2)
	h.wantCard("paid again", 3750, wire.ArmNone)
	return true
}
