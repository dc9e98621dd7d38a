package conformance

import (
	"errors"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// try sends a command whose answer may be lost with the power, and gives the card power again.
func (h *Host) try(b Backend, c apdu.Command) (apdu.Response, bool) {
	h.t.Helper()
	response, err := h.exchange(c)
	if errors.Is(err, pcsc.ErrCardRemoved) && b.Tear != nil {
		h.card = b.Again(h.t, h.card)
		h.session = pcsc.NewSession(h.card)
		return response, false
	}
	if err != nil {
		h.t.Fatalf("INS %02X: %v", c.INS, err)
	}
	return response, true
}

// attempt is one try of a terminal's at a payment, as far as the power lasts.
type attempt struct {
	*purchase
	b      Backend
	given  *given
	mutual bool
	aac    bool
	ticks  byte // of a commitment
	// What came of it.
	torn, refused bool
	record        emv.TokenRecord
	answered      bool // with a signature or an AAC
	done          bool
}

// send sends one command and reports whether it was accepted.
func (a *attempt) send(c apdu.Command) (apdu.Response, bool) {
	a.h.t.Helper()
	r, answered := a.h.try(a.b, c)
	a.torn, a.refused = !answered, answered && r.SW != wire.SWNormal
	return r, answered && r.SW == wire.SWNormal
}

// run goes from SELECT to the receipt, or to where the card is gone or refuses.
func (a *attempt) run() {
	t := a.h.t
	t.Helper()
	if _, ok := a.send(selectCommand(wire.AIDOffline)); !ok {
		return
	}
	r, ok := a.send(a.optionsCommand())
	if !ok {
		return
	}
	if a.mutual {
		a.challenge = *challengeOf(t, r)
		if _, ok := a.send(a.authCommand()); !ok {
			return
		}
	}
	if r, ok = a.send(recordCommand(1)); !ok {
		return
	}
	a.record = a.purchase.record(r.Data)
	a.conclude()
}

// conclude is what follows the record.
func (a *attempt) conclude() {
	a.h.t.Helper()
	if a.aac {
		_, a.answered = a.send(a.acCommand(wire.P1AAC))
		a.done = a.answered
		return
	}
	r, ok := a.send(a.acCommand(wire.P1TC))
	if !ok {
		return
	}
	a.answered = true
	a.given.signed(a.purchase, a.record, a.answer(a.record, r.Data))
	for k := a.record.From + 1; k <= a.record.From+a.ticks; k++ {
		if r, ok = a.tickAsked(k); !ok {
			return
		}
	}
	_, a.done = a.send(receiptCommand(a.signReceipt(a.record)))
}

// tickAsked asks for a tick, again for those that a try before has had.
func (a *attempt) tickAsked(k byte) (apdu.Response, bool) {
	a.h.t.Helper()
	a.given.ticked(a.purchase, a.record, k, false)
	r, ok := a.send(tickCommand(k))
	if !ok && a.refused { // it was shown before: the terminal has it, or the one above it
		return r, true
	}
	if ok {
		a.given.ticked(a.purchase, a.record, k, true)
	}
	return r, ok
}

// tornScenario is one way to use tokens.
type tornScenario struct {
	name   string
	flags  wire.ArmFlags
	unit   uint8
	ticks  byte
	aac    bool
	before bool // the token has paid the same merchant before
}

func tornScenarios() []tornScenario {
	return []tornScenario{
		{name: "fast"},
		{name: "mutual", flags: wire.ArmMutual},
		{name: "reuse", flags: wire.ArmReuse, before: true},
		{name: "declined", aac: true},
		{name: "metering", unit: 5, ticks: 3},
	}
}

// testTornPayments cuts the power at each write of each way to use a token, before and after it;
// then the terminal tries again, or goes away. No unit is lost for good, none minted, and none
// comes out twice.
func testTornPayments(t T, b Backend) {
	if !b.canTear(t) {
		return
	}
	h := b.fresh(t, EpochKnown)
	m, g, cuts := h.p.merchant(t, "MERCHANT-000001"), newGiven(t), 0
	scenarios, least := tornScenarios(), 50
	if b.Caps.Synced {
		scenarios, least = scenarios[3:], 30
	}
	for _, s := range scenarios {
		for _, after := range []bool{false, true} {
			for _, again := range []bool{false, true} {
				name := fmt.Sprintf("%s, after %t, again %t", s.name, after, again)
				for n := 1; h.tornPayment(b, s, m, g, tornAt{name, n, after, again}); n++ {
					cuts++
				}
			}
		}
	}
	t.Logf("%d cuts in %d ways to use a token", cuts, len(scenarios))
	if cuts < least {
		t.Errorf("only %d cuts", cuts)
	}
}

// tornAt is where the power goes, and whether the terminal tries again.
type tornAt struct {
	name         string
	n            int
	after, again bool
}

// tornPayment runs one payment with a cut at its n-th write, and reports whether it came.
func (h *Host) tornPayment(
	b Backend, s tornScenario, m merchant, g *given, at tornAt,
) (cut bool) {
	t := h.t
	t.Helper()
	h.authenticate()
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	const units, paid = 20, 4
	tok := h.stock(tokenSlot, 5, units, tokenPolicy())
	if s.before {
		h.ArmFor(0)
		first := &attempt{purchase: h.newPurchase(m, 5*paid), b: b, given: g}
		first.run()
		h.authenticate()
	}
	h.ArmFor(s.flags)
	made := func(p *purchase) *attempt {
		return &attempt{
			purchase: p, b: b, given: g, mutual: s.flags&wire.ArmMutual != 0, aac: s.aac, ticks: s.ticks,
		}
	}
	one := made(h.newPurchase(m, 5*paid).metered(s.unit))
	b.Tear(h.card, at.n, at.after)
	one.run()
	b.Tear(h.card, 0, false)
	cut = one.torn
	if at.again || !cut {
		last := one
		if cut {
			last = made(one.purchase)
			last.run()
		}
		if !last.done && (!last.refused || !one.answered && !s.aac) {
			t.Errorf("%s, write %d: the payment didn't come to its end", at.name, at.n)
		}
	}
	h.conserved(g, tok, at, cut && !at.again)
	return cut
}

// conserved closes the token and accounts for each unit: claimable by a merchant, back by the
// close, or in a statement that never came out, and then back at reclaim.
func (h *Host) conserved(g *given, tok message.Token, at tornAt, away bool) {
	t := h.t
	t.Helper()
	h.authenticate()
	h.send(wire.InsDisarm, 0, 0, nil, 0)
	closed := h.closedAt(tokenSlot)
	g.closedAt(tok, closed)
	h.selectApplication(wire.AIDOffline)
	claimed, back := g.of(tok).claimed(), int(tok.Fields.Length-closed)
	if open := int(tok.Fields.Length) - claimed - back; open < 0 || open > 4 {
		t.Errorf("%s, write %d: %d of %d units claimable, %d back", at.name, at.n, claimed,
			tok.Fields.Length, back)
	} else if open > 0 && !away && claimed > 0 {
		t.Errorf("%s, write %d: %d units wait for reclaim behind a whole payment", at.name, at.n, open)
	}
}
