package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
)

// testSpending is about what a one-show card gives, to whom and how often.
func testSpending(t T, b Backend) {
	t.Run("unarmed", func(t T) { testUnarmed(t, b) })
	t.Run("what doesn't spend", func(t T) { testUnspent(t, b) })
	t.Run("record 1 spends", func(t T) { testFirstRecord(t, b, 1) })
	t.Run("record 3 spends", func(t T) { testFirstRecord(t, b, 3) })
	t.Run("cap and class", func(t T) { testCaps(t, b) })
	t.Run("currencies", func(t T) { testCurrencies(t, b) })
	t.Run("again", func(t T) { testAgain(t, b) })
	t.Run("bound", func(t T) { testBound(t, b) })
	t.Run("choice of card", func(t T) { testChoice(t, b) })
}

const refused = wire.SWConditionsNotSatisfied

func testUnarmed(t T, b Backend) {
	h := b.fresh(t, CardReady)
	tm := h.newTerminal().begin()
	wantSW(t, "never armed", tm.options(), refused)
	h.authenticate()
	h.Advance(Armed)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	tm.begin()
	wantSW(t, "disarmed", tm.options(), refused)
	h.authenticate()
	other := ownCommand(wire.InsArm, 0, 0, []byte{0, 0, 0, 0, 0x20, 0, 0x08, 0x40})
	wantSW(t, "no card of that currency", h.call(other), refused)
	if got := h.status().arm; got != wire.ArmNone {
		t.Errorf("arm state %v", got)
	}
}

// testUnspent goes through all that comes before the first record.
func testUnspent(t T, b Backend) {
	h := b.fresh(t, Armed)
	unspent := func(what string) {
		t.Helper()
		h.authenticate()
		s := h.status()
		if s.cards[cardSlot] != wire.CardReady || s.arm != wire.ArmReady || s.tries != 0 {
			t.Errorf("%s: %+v", what, s)
		}
	}
	tm := h.newTerminal()
	h.selectApplication(wire.AIDPPSE)
	unspent("PPSE")
	h.selectApplication(wire.AIDPayment)
	unspent("SELECT")
	tm.begin()
	for range wire.TapTries + 1 {
		wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
		wantSW(t, "of another merchant", tm.changed(func(d *emv.PDOLData) {
			d.Merchant[0]++
		}).options(), wire.SWNormal)
	}
	wantSW(t, "record 2", tm.read(2).SW, wire.SWNormal)
	unspent("GET PROCESSING OPTIONS and record 2")
	h.selectApplication(wire.AIDPayment)
	wantSW(t, "a record after a new selection", tm.read(1).SW, refused)
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	if err := h.card.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.selectApplication(wire.AIDPayment)
	wantSW(t, "a record after a reset", tm.read(1).SW, refused)
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	high := tm.changed(func(d *emv.PDOLData) { d.Amount[0] = 0x01 })
	wantSW(t, "a refused GET PROCESSING OPTIONS", high.options(), refused)
	wantSW(t, "ends the one before", tm.read(1).SW, refused)
	unspent("and spends nothing")
}

// testFirstRecord reads one record, which spends the card.
func testFirstRecord(t T, b Backend, record byte) {
	h := b.fresh(t, Armed)
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	wantSW(t, "the record", tm.read(record).SW, wire.SWNormal)
	h.authenticate()
	s := h.status()
	if s.cards[cardSlot] != wire.CardSpent || s.arm != wire.ArmBound || s.tries != 1 {
		t.Errorf("after record %d: %+v", record, s)
	}
}

func testCaps(t T, b Backend) {
	h := b.fresh(t, Armed) // cap 20.00, class 50.00
	tm := h.newTerminal().begin()
	amount := func(euros, cents byte) *terminal {
		return tm.changed(func(d *emv.PDOLData) { d.Amount = [6]byte{4: euros, 5: cents} })
	}
	wantSW(t, "20.01", amount(0x20, 0x01).options(), refused)
	wantSW(t, "20.00", amount(0x20, 0x00).options(), wire.SWNormal)
	wantSW(t, "0.00", amount(0, 0).options(), wire.SWNormal)
	wantSW(t, "a billion more", tm.changed(func(d *emv.PDOLData) {
		d.Amount[0] = 0x10
	}).options(), refused)
	wantSW(t, "another currency", tm.changed(func(d *emv.PDOLData) {
		d.Currency = dollar()
	}).options(), refused)
	h.authenticate()
	h.send(wire.InsArm, 0, 0, []byte{0, 0, 0, 0, 0x99, 0, 0x09, 0x78}, 0)
	tm.begin()
	wantSW(t, "50.01 of a class of 50.00", amount(0x50, 0x01).options(), refused)
	wantSW(t, "50.00", amount(0x50, 0x00).options(), wire.SWNormal)
}

// testCurrencies has cards of two currencies: a tap gets the one that was armed.
func testCurrencies(t T, b Backend) {
	h := b.fresh(t, CardReady) // a card in euros
	const dollars = cardSlot - 1
	h.run(h.requestCard(dollars))
	h.cards[dollars].class = class(dollar())
	h.run(h.putCard(dollars))
	tm := h.newTerminal()
	inDollars := tm.changed(func(d *emv.PDOLData) { d.Currency = dollar() })
	h.Arm()
	tm.begin()
	wantSW(t, "dollars, armed for euros", inDollars.options(), refused)
	wantSW(t, "euros", tm.options(), wire.SWNormal)
	if tm.released() != h.cards[cardSlot].put.PAN {
		t.Error("the card isn't the one in euros, but the lowest ready one")
	}
	h.authenticate()
	currency := dollar()
	h.send(wire.InsArm, 0, 0, append([]byte{0, 0, 0, 0, 0x20, 0}, currency[:]...), 0)
	tm.begin()
	wantSW(t, "euros, armed for dollars", tm.options(), refused)
	wantSW(t, "dollars", inDollars.options(), wire.SWNormal)
	if inDollars.released() != h.cards[dollars].put.PAN {
		t.Error("the card isn't the one in dollars")
	}
}

// testAgain answers the same payment three times within one arming, not a fourth.
func testAgain(t T, b Backend) {
	h := b.fresh(t, Armed)
	tm := h.newTerminal()
	for atc := uint16(1); atc <= wire.TapTries; atc++ {
		tm.begin()
		wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
		if pan := tm.released(); pan != h.cards[cardSlot].put.PAN {
			t.Error("another PAN")
		}
		wantSW(t, "record 3", tm.read(3).SW, wire.SWNormal)
		tm.requested(wire.P1ARQC, atc)
		h.authenticate()
		if s := h.status(); s.arm != wire.ArmBound || s.tries != byte(atc) {
			t.Errorf("after try %d: %+v", atc, s)
		}
		tm.pdol.Date[2]++ // the date may change
		tm.follow()
	}
	tm.begin()
	wantSW(t, "a fourth time", tm.options(), refused)
	h.authenticate()
	arm := ownCommand(wire.InsArm, 0, 0, armData())
	wantSW(t, "arming without a card", h.call(arm), refused)
	if s := h.status(); s.arm != wire.ArmBound {
		t.Errorf("a refused ARM left %+v", s)
	}
}

// testBound binds a tap and then asks with one datum changed.
func testBound(t T, b Backend) {
	h := b.fresh(t, Armed)
	h.run(h.requestCard(cardSlot + 1))
	h.run(h.putCard(cardSlot + 1))
	tm := h.newTerminal().begin()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	first := tm.released()
	for name, change := range map[string]func(*emv.PDOLData){
		"smaller amount": func(d *emv.PDOLData) { d.Amount[4]-- },
		"currency":       func(d *emv.PDOLData) { d.Currency = dollar() },
		"UN":             func(d *emv.PDOLData) { d.UN[3]++ },
		"merchant":       func(d *emv.PDOLData) { d.Merchant[14]++ },
	} {
		wantSW(t, "another "+name, tm.changed(change).options(), refused)
		wantSW(t, "and a record", tm.read(1).SW, refused)
	}
	wantSW(t, "the same again", tm.options(), wire.SWNormal)
	h.authenticate()
	request := ownCommand(wire.InsCardRequest, cardSlot, tidSlot, nil)
	wantSW(t, "CARD REQUEST for the bound card", h.call(request), refused)
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	tm.begin()
	wantSW(t, "after DISARM", tm.options(), refused)
	h.authenticate()
	h.Arm()
	tm.begin()
	wantSW(t, "a new arming", tm.options(), wire.SWNormal)
	if tm.released() == first {
		t.Error("a PAN was released under two armings")
	}
	h.authenticate()
	h.run(h.requestCard(cardSlot)) // the slot of the card before is free for another
	s := h.status()
	if s.cards[cardSlot] != wire.CardRequested || s.cards[cardSlot+1] != wire.CardSpent {
		t.Errorf("cards: %v", s.cards)
	}
}

// testChoice has cards in several slots: the lowest that fits is taken.
func testChoice(t T, b Backend) {
	h := b.fresh(t, CardReady)
	for _, slot := range []byte{6, 0, 4} {
		h.run(h.requestCard(slot))
		h.run(h.putCard(slot))
	}
	for _, slot := range []byte{0, cardSlot, 4, 6} {
		h.Arm()
		tm := h.newTerminal().begin()
		wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
		if tm.released() != h.cards[slot].put.PAN {
			t.Errorf("the card isn't that of slot %d", slot)
		}
		h.authenticate()
		h.send(wire.InsDisarm, 0, 0, nil, 0)
	}
}
