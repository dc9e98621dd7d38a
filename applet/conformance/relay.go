package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

func relayCommand(entropy [wire.EntropyLen]byte) apdu.Command {
	return ownCommand(wire.InsExchangeRelay, 0, 0, entropy[:])
}

// exchangeRelay exchanges relay resistance data with the application that is selected.
func (h *Host) exchangeRelay() message.Relay {
	t := h.t
	t.Helper()
	var said message.Relay
	fill(t, said.Terminal[:])
	r := h.transmit(relayCommand(said.Terminal))
	wantSW(t, "EXCHANGE RELAY RESISTANCE DATA", r.SW, wire.SWNormal)
	a, err := emv.ParseRelayAnswer(r.Data)
	if err != nil || a.Times != message.CardRelayTimes() {
		t.Fatalf("EXCHANGE RELAY RESISTANCE DATA: %+v, %v", a, err)
	}
	said.Card, said.Times = a.Entropy, a.Times
	return said
}

// wantNoRelay wants the exchange to be refused.
func (h *Host) wantNoRelay(what string) {
	h.t.Helper()
	wantSW(h.t, what, h.transmit(relayCommand([wire.EntropyLen]byte{1})).SW, refused)
}

// exchangeAll exchanges as often as the card does, each time with another entropy of its own, and
// returns the last.
func (h *Host) exchangeAll() message.Relay {
	h.t.Helper()
	seen := make(map[[wire.EntropyLen]byte]bool)
	var last message.Relay
	for range wire.RelayTries {
		last = h.exchangeRelay()
		if seen[last.Card] {
			h.t.Errorf("the card's entropy %x again", last.Card)
		}
		seen[last.Card] = true
	}
	h.wantNoRelay("a fourth exchange")
	return last
}

// orderOfRelay asks with one and two faults.
func (h *Host) orderOfRelay(sw apdu.SW) {
	h.t.Helper()
	relay := func(cla, p1, p2 byte, n int) apdu.Command {
		return apduOf(cla, wire.InsExchangeRelay, p1, p2, make([]byte, n)...)
	}
	h.expect([]row{
		{"class and P1", relay(0x84, 1, 0, 4), wire.SWClassNotSupported},
		{"chaining", relay(0x90, 0, 0, 4), wire.SWClassNotSupported},
		{"other class and P1", relay(0x00, 1, 0, 4), wire.SWInstructionNotSupported},
		{"P1 and length", relay(0x80, 1, 0, 3), wire.SWIncorrectP1P2},
		{"P2", relay(0x80, 0, 1, 4), wire.SWIncorrectP1P2},
		{"3 bytes", relay(0x80, 0, 0, 3), wire.SWWrongLength},
		{"5 bytes", relay(0x80, 0, 0, 5), wire.SWWrongLength},
		{"no data", relay(0x80, 0, 0, 0), wire.SWWrongLength},
	})
	if sw != wire.SWNormal {
		h.wantNoRelay("an exchange that isn't due")
	}
}

// testRelay: the exchange is there between GET PROCESSING OPTIONS and the first record, three
// times, and what the card key signs is the last of them.
func testRelay(t T, b Backend) {
	h := b.fresh(t, Armed)
	tm := h.newTerminal().begin()
	h.orderOfRelay(refused)
	wantSW(t, "GET PROCESSING OPTIONS in dollars", tm.changed(func(d *emv.PDOLData) {
		d.Currency = dollar()
	}).options(), refused)
	h.wantNoRelay("after a payment that was refused")
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	h.orderOfRelay(wire.SWNormal)
	first := h.exchangeAll()
	wantSW(t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	if again := h.exchangeRelay(); again.Card == first.Card {
		t.Errorf("the card's entropy %x again", again.Card)
	}
	wantSW(t, "record 2", tm.read(2).SW, wire.SWNormal)
	tm.relay = h.exchangeRelay() // nothing was shown
	tm.released()
	h.wantNoRelay("after a record")
	tm.requested(wire.P1ARQC, 1)
	h.wantNoRelay("after an ARQC")
	tm.begin()
	wantSW(t, "GET PROCESSING OPTIONS again", tm.options(), wire.SWNormal)
	tm.relay = message.Relay{} // of this tap there is none
	tm.released()
	auth := tm.authorised(tm.requested(wire.P1ARQC, 2), emv.CSUApproved())
	wantSW(t, "second GENERATE AC", tm.second(wire.P1TC, auth).SW, wire.SWNormal)
	h.wantNoRelay("after the tap")
}

// testOfflineRelay is testRelay of a payment by token. What was exchanged before the record was
// read first is a part of the statement, however often the tap is taken again.
func testOfflineRelay(t T, b Backend) {
	h, _ := b.withTokens(t)
	p := h.newPurchase(h.shop(), 1250).begin()
	h.orderOfRelay(refused)
	h.authenticate()
	h.ArmFor(wire.ArmMutual)
	p.begin()
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	h.orderOfRelay(wire.SWNormal)
	h.exchangeAll() // before the merchant's proof: it tells nothing
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	h.exchangeRelay()
	wantSW(t, "EXTERNAL AUTHENTICATE", p.authenticate(), wire.SWNormal)
	p.relay = h.exchangeRelay()
	p.shown()
	h.wantNoRelay("after the record")
	p.begin()
	wantSW(t, "GET PROCESSING OPTIONS again", p.options(), wire.SWNormal)
	wantSW(t, "EXTERNAL AUTHENTICATE", p.authenticate(), wire.SWNormal)
	if again := h.exchangeRelay(); again == p.relay {
		t.Errorf("the same exchange again: %+v", again)
	}
	record := p.shown()
	p.signed(record)
	h.wantNoRelay("after the signature")
	wantSW(t, "PUT DATA", p.receipt(p.signReceipt(record)), wire.SWNormal)
	h.wantNoRelay("after the tap")
	h.authenticate()
	h.ArmFor(0)
	p = h.newPurchase(h.shop(), 5)
	p.begin()
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	p.signed(p.shown()) // without any exchange: zeros
}
