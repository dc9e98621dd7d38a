package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
)

// Everything takes a fresh card through each command of the registry, each at least once where it
// works, in slots that are new and in slots that are used again. It is what the card's costs are
// counted over, and where each command is cut.
func (h *Host) Everything() *Host {
	h.t.Helper()
	h.everythingOnline()
	h.everythingOffline()
	h.everythingLocked()
	return h
}

// EverythingOnline is Everything without tokens.
func (h *Host) EverythingOnline() *Host {
	h.t.Helper()
	h.everythingOnline()
	h.everythingLocked()
	return h
}

// everythingOnline is from the first key to a paid online tap of each kind.
func (h *Host) everythingOnline() {
	h.t.Helper()
	h.Advance(Keyed)
	h.step(Keyed) // once more: another key
	h.Advance(Armed)
	for tag := wire.DataCapability; tag <= wire.DataTokens; tag++ {
		h.data(uint16(tag))
	}
	h.TapWhole(false)
	for _, kind := range []wire.CardKind{wire.CardOneShow, wire.CardUntilExpiry} {
		h.kind = kind
		h.run(h.requestCard(cardSlot))
		h.run(h.putCard(cardSlot))
		h.ArmFor(wire.ArmMutual)
		h.TapWhole(true)
	}
	h.Arm()
	tm := h.newTerminal().begin()
	wantSW(h.t, "GET PROCESSING OPTIONS", tm.options(), wire.SWNormal)
	tm.released()
	wantSW(h.t, "AAC", tm.first(wire.P1AAC).SW, wire.SWNormal)
	h.authenticate()
	h.Arm()
	h.Arm() // nothing changes
	h.send(wire.InsDisarm, 0, 0, nil, 0)
}

// everythingOffline is from a token to its close, and to the next one in its slot.
func (h *Host) everythingOffline() {
	t := h.t
	t.Helper()
	const unit, units = 50, wire.ChainSlice + 7 // 35.00 EUR
	h.NewToken(tokenSlot, unit, units)
	h.CloseToken(tokenSlot)
	h.showToken(tokenSlot)
	h.NewToken(tokenSlot, unit, units) // in a closed slot
	h.ArmFor(0)
	h.PayOffline(1500, false)
	h.showToken(tokenSlot)
	h.ArmFor(wire.ArmReuse | wire.ArmMutual)
	h.PayOffline(2000, true)
	h.NewToken(tokenSlot, 5, units) // over one that is used up
	h.ArmFor(0)
	h.MeterOffline(5*units, 5, 3)
	h.run(h.closeToken(tokenSlot, 3))
	h.NewToken(tokenSlot, unit, units)
	h.ArmFor(0)
	p := h.newPurchase(h.shop(), 1250).begin()
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	record := p.shown()
	r := p.generate(wire.P1AAC)
	if a, err := emv.ParseOfflineAnswer(r.Data); err != nil || a.CID != emv.CIDAAC {
		t.Errorf("AAC for units %d to %d: %v, %v", record.From, record.To, r.SW, err)
	}
	h.authenticate()
	h.NewToken(tokenSlot+1, unit, units) // TID CLOSE finds one used and one ready
}

// everythingLocked is the end of both accounts, which are opened again in the same slots, and the
// launch, both ways.
func (h *Host) everythingLocked() {
	t := h.t
	t.Helper()
	h.run(h.requestCard(cardSlot))
	h.run(h.tidClose())
	h.run(h.aidClose())
	h.step(AccountOpen)
	h.stage = AccountOpen
	h.Advance(EpochKnown)
	h.storeReference(wire.LaunchLocal)
	wantSW(t, "LAUNCH", h.call(h.launch(h.quote(h.challenge()))), wire.SWNormal)
	m := h.storeReference(wire.LaunchBank)
	wantSW(t, "LAUNCH by the bank",
		h.call(h.consent(consentTo(m, h.challenge()), h.p.bank.sign)), wire.SWNormal)
}
