package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
)

// shop returns the host's own merchant, the same each time.
func (h *Host) shop() merchant {
	h.t.Helper()
	if h.merchant.key.private == nil {
		h.merchant = h.p.merchant(h.t, "MERCHANT-000001")
	}
	return h.merchant
}

// PayOffline pays so many minor units by token, at the same merchant each time, from SELECT to the
// receipt, and authenticates the host again. Mutual says that the card was armed so.
func (h *Host) PayOffline(minor uint64, mutual bool) {
	h.t.Helper()
	h.newPurchase(h.shop(), minor).pay(mutual)
	h.authenticate()
}

// MeterOffline commits to so many minor units in units of a class and takes some of them, then the
// receipt, and authenticates the host again.
func (h *Host) MeterOffline(minor uint64, unit, ticks byte) {
	t := h.t
	t.Helper()
	p := h.newPurchase(h.shop(), minor).metered(unit).begin()
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	p.relay = h.exchangeRelay()
	record := p.shown()
	p.signed(record)
	for k := record.From + 1; k <= record.From+ticks; k++ {
		p.ticked(record, k)
	}
	wantSW(t, "PUT DATA", p.receipt(p.signReceipt(record)), wire.SWNormal)
	h.authenticate()
}

// Approve is what the armed card's issuer answers to its ARQC, if it approves: issuer
// authentication data. It is for terminals that aren't the suite's own.
func (h *Host) Approve(arqc emv.ACAnswer) [emv.IssuerAuthLen]byte {
	return (&terminal{h: h}).authorised(arqc, emv.CSUApproved())
}

// TapWhole pays 12.50 EUR online with an armed card as a terminal does that reads all records, up
// to the TC, and authenticates the host again. Mutual says that the card was armed so.
func (h *Host) TapWhole(mutual bool) {
	t := h.t
	t.Helper()
	tm := h.newTerminal().begin()
	challenge := challengeOf(t, h.transmit(optionsCommand(tm.pdol)))
	if (challenge != nil) != mutual {
		t.Fatalf("GET PROCESSING OPTIONS: a challenge %t, want %t", challenge != nil, mutual)
	}
	tm.relay = h.exchangeRelay()
	if mutual {
		wantSW(t, "EXTERNAL AUTHENTICATE", tm.authenticate(h.shop(), *challenge), wire.SWNormal)
	}
	tm.released()
	for n := byte(2); n <= 3; n++ {
		wantSW(t, "READ RECORD", tm.read(n).SW, wire.SWNormal)
	}
	auth := tm.authorised(tm.requested(wire.P1ARQC, 1), emv.CSUApproved())
	wantSW(t, "second GENERATE AC", tm.second(wire.P1TC, auth).SW, wire.SWNormal)
	h.authenticate()
}
