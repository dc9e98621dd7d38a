package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// fillTokens gets tokens of 250 x 0.05 until n are ready, and closes what was used.
func (h *Host) fillTokens(n int) {
	h.t.Helper()
	h.rest()
	ready := h.tokensReady()
	for slot, token := range h.tokenData() {
		if ready < n && token.State != wire.TokenReady {
			if token.State == wire.TokenUsed {
				h.send(wire.InsTokenClose, byte(slot), 0, nil, 1+wire.SignatureLen)
			}
			h.NewToken(byte(slot), 5, 250)
			ready++
		}
	}
}

// tokenSkims is how often a hostile reader comes by a phone with tokens, which take many writes to
// get.
func (b Backend) tokenSkims() int {
	if b.Caps.Far || b.Caps.Slow || b.Caps.Synced {
		return 12
	}
	return b.skims()
}

// tokensReady counts the tokens that were never shown.
func (h *Host) tokensReady() (n int) {
	h.t.Helper()
	for _, token := range h.tokenData() {
		if token.State == wire.TokenReady {
			n++
		}
	}
	return n
}

// testSkimTokensUnarmed asks two phones the same, one of which holds tokens in all states, while
// its life goes on: nothing that was seen differs between them, or between two moments.
func testSkimTokensUnarmed(t T, b Backend) {
	table, skimmer := newSkimTable("tokens, unarmed"), newSkimmer(5)
	skimmer.newOffer()
	always := visit{kind: "the same again", moves: skimmer.offlineTap()}
	all := skimmer.offlineVisits(b.tokenSkims())
	var first []string
	users(t, b.freshOneShow, all, table, func(t T, who int, h *Host, i int) *skim {
		if who == 0 {
			h.liveWithTokens(i)
		}
		before := h.tokenStates()
		got, again := all[i].run(b, h), always.run(b, h)
		if first == nil {
			first = again.lines
		}
		if diff := difference(first, again.lines); diff != "" {
			t.Errorf("visit %d tells two moments apart:\n%s", i, diff)
		}
		if got.accepted+len(got.cards)+again.accepted+len(again.cards) > 0 {
			t.Errorf("visit %d, %s: answered", i, got.kind)
		}
		if diff := difference(before, h.tokenStates()); diff != "" {
			t.Errorf("visit %d, %s, changed a token:\n%s", i, got.kind, diff)
		}
		return got
	})
}

// tokenStates takes the consent back and reads DF07.
func (h *Host) tokenStates() [wire.TokenSlots]tokenStatus {
	h.t.Helper()
	h.rest()
	return h.tokenData()
}

// liveWithTokens is what an owner does between two visits.
func (h *Host) liveWithTokens(i int) {
	h.t.Helper()
	switch i % 4 {
	case 1:
		h.fillTokens(1 + i%wire.TokenSlots)
	case 2: // pays, and takes the phone away before the end
		h.fillTokens(2)
		h.ArmFor(0)
		p := h.newPurchase(h.p.merchant(h.t, "MERCHANT-000001"), 100).begin()
		wantSW(h.t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
		p.shown()
	case 3: // arms, and thinks better of it
		h.fillTokens(1)
		h.ArmFor(wire.ArmMutual | wire.ArmReuse)
	default:
	}
	h.rest()
}

// testSkimTokensArmed arms two phones for each visit. But for what only one token has, both show
// the same, though one has eight tokens and the other one; no arming shows more than one token, to
// one payment, and no token is shown twice.
func testSkimTokensArmed(t T, b Backend) {
	table, all := newSkimTable("tokens, armed"), newSkimmer(6).offlineVisits(b.tokenSkims())
	table.armed(t, b, all, stock{
		many: wire.TokenSlots, fill: (*Host).fillTokens, arm: func(h *Host) { h.ArmFor(0) },
		ready: (*Host).tokensReady,
	})
	if total := table.total(); total.drained < len(all)/4 || total.arqcs < len(all)/8 {
		t.Errorf("%d tokens, %d signatures: the visits show little", total.drained, total.arqcs)
	}
}

// testSkimTokensMutual arms two phones that want to know the merchant: a reader without a
// certificate learns that the phone would pay, and no more. Nothing is written.
func testSkimTokensMutual(t T, b Backend) {
	table, skimmer := newSkimTable("tokens, armed, mutual"), newSkimmer(6)
	all := skimmer.offlineVisits(b.tokenSkims())
	users(t, b.freshOneShow, all, table, func(t T, who int, h *Host, i int) *skim {
		h.fillTokens([]int{wire.TokenSlots, 1}[who])
		before := h.tokenData()
		h.ArmFor(wire.ArmMutual)
		got := all[i].run(b, h)
		if len(got.cards) > 0 {
			t.Errorf("visit %d, %s: a token was shown to nobody in particular", i, got.kind)
		}
		if diff := difference(before, h.tokenStates()); diff != "" {
			t.Errorf("visit %d, %s, changed a token:\n%s", i, got.kind, diff)
		}
		return got
	})
	if table.total().accepted < len(all)/4 {
		t.Error("hardly a visit came as far as a challenge")
	}
}

// testSkimMutual is the same for cards: the visits of [testSkimArmed] see none.
func testSkimMutual(t T, b Backend) {
	table, skimmer := newSkimTable("armed, mutual"), newSkimmer(3)
	all := b.visits(skimmer)
	users(t, b.freshOneShow, all, table, func(t T, who int, h *Host, i int) *skim {
		h.fillUp([]int{wire.CardSlots, 1}[who])
		before, row := h.status().ready(), table.row(all[i].kind)
		h.ArmFor(wire.ArmMutual)
		got := all[i].run(b, h)
		drained := before - h.rest().ready()
		if len(got.cards) > 0 || drained != 0 {
			t.Errorf("visit %d, %s: %d answers tell of a card, %d drained", i, got.kind, len(got.cards),
				drained)
		}
		row.drained += drained
		return got
	})
	if table.total().accepted < b.tokenSkims()/4 {
		t.Error("hardly a visit came as far as a challenge")
	}
}

// testSkimClocks: readers whose clocks are decades off see an armed phone as an unarmed one, and
// leave it as it was: a payment goes on, at the right time, before and after.
func testSkimClocks(t T, b Backend) {
	h := b.fresh(t, CardReady)
	h.fillTokens(2)
	m := h.p.merchant(t, "MERCHANT-000001")
	const decade = 10 * 365 * 86400
	var offer []*purchase
	for _, clock := range []uint32{
		0, noon() - 4*decade, noon() - decade, epochBegins(currentEpoch) - wire.ClockSkew - 1,
		epochBegins(currentEpoch + 2), noon() + decade, noon() + 4*decade, 1<<32 - 1,
	} {
		offer = append(offer, h.newPurchase(m, 100).changed(func(d *emv.OfflinePDOLData) {
			d.Time = clock
		}))
	}
	see := func() (lines []string) {
		for _, p := range offer {
			got := visit{moves: []move{
				send(selectCommand(wire.AIDOffline)), send(p.optionsCommand()), send(recordCommand(1)),
				send(p.acCommand(wire.P1TC)), send(receiptCommand(message.Signature{1})),
			}}.run(b, h)
			lines = append(lines, got.lines...)
		}
		return lines
	}
	unarmed := see()
	before := h.tokenStates()
	h.ArmFor(0)
	if b.Tear != nil {
		b.Tear(h.card, 1, false) // nothing may be written: the power would be gone
	}
	armed := see()
	if diff := difference(unarmed, armed); diff != "" {
		t.Errorf("an armed phone looks otherwise:\n%s", diff)
	}
	h.newPurchase(m, 100).pay(false)
	h.authenticate()
	after := h.tokenStates()
	if before[0].Index != 0 || after[0].Index != 20 {
		t.Errorf("units given out: %d before, %d after", before[0].Index, after[0].Index)
	}
}
