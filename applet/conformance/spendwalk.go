package conformance

import (
	"math/rand/v2"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// spendWalk goes at random through what can befall a card's tokens: the moves of spend_meter.pml,
// and those of a wallet and of terminals around them. [given] judges each answer.
type spendWalk struct {
	h         *Host
	b         Backend
	choose    *rand.Rand
	given     *given
	merchants []merchant
	reuse     bool      // the arming may let a token be shown again
	armings   int       // that there may have been
	purchases []*walked // the last ones; any may be taken up again
	shownTo   map[message.Hash]*walked
	cuts      int
	counts    map[string]int
}

// walked is one purchase of the walk.
type walked struct {
	*purchase
	record  emv.TokenRecord
	arming  int // in which it was shown; 0: never
	answers int // to READ RECORD in that arming
	ticked  byte
}

// walkSlots is how many token slots the walk uses.
const walkSlots = 4

// testSpendWalk takes some thousand random steps, power cuts among them, and asserts the claims A,
// B and C on the answers.
func testSpendWalk(t T, b Backend) {
	steps := 10_000
	if b.Caps.Far || b.Caps.Slow || b.Caps.Synced {
		steps = 300
	}
	h := b.fresh(t, EpochKnown)
	w := &spendWalk{
		h: h, b: b, given: newGiven(t), shownTo: map[message.Hash]*walked{},
		choose: rand.New(rand.NewPCG(7, 2)), //nolint:gosec // the same choices each time
		merchants: []merchant{
			h.p.merchant(t, "MERCHANT-000001"), h.p.merchant(t, "MERCHANT-000002"),
		},
		counts: map[string]int{},
	}
	for slot := range byte(walkSlots) {
		w.restock(slot)
	}
	for range steps {
		w.step()
	}
	w.still()
	t.Logf("%d steps, %d cuts, answers: %v", steps, w.cuts, w.counts)
	for _, what := range []string{"spend", "meter", "tick", "close", "receipt"} {
		if w.counts[what] < steps/300 {
			t.Errorf("%d answers of kind %s: the walk shows little", w.counts[what], what)
		}
	}
}

// step does one thing.
func (w *spendWalk) step() {
	w.h.t.Helper()
	switch n := w.choose.IntN(24); {
	case n < 5:
		w.arm()
	case n < 7:
		w.close(byte(w.choose.IntN(walkSlots)))
	case n < 11:
		w.begin()
	default:
		if len(w.purchases) > 0 {
			w.tap(w.purchases[w.choose.IntN(len(w.purchases))])
		}
	}
}

// arm arms, or disarms now and then. Whether it came behind a lost answer shows later.
func (w *spendWalk) arm() {
	w.h.t.Helper()
	if w.choose.IntN(12) == 0 {
		w.manage(ownCommand(wire.InsDisarm, 0, 0, nil))
		return
	}
	flags, cuts := wire.ArmFlags(w.choose.IntN(2))*wire.ArmReuse, w.cuts
	_, ok := w.manage(ownCommand(wire.InsArm, byte(flags), 0, armData()))
	switch {
	case ok:
		w.armings++
		w.reuse = flags != 0
	case w.cuts > cuts:
		w.armings++
		w.reuse = w.reuse || flags != 0
	}
}

// begin makes a new purchase, or one that differs from an earlier one in its number only.
func (w *spendWalk) begin() {
	w.h.t.Helper()
	m := w.merchants[w.choose.IntN(len(w.merchants))]
	p := w.h.newPurchase(m, 5*(1+w.choose.Uint64N(4)))
	if w.choose.IntN(2) == 0 {
		p = p.metered(5)
	}
	w.purchases = append(w.purchases, &walked{purchase: p})
	if len(w.purchases) > 4 {
		w.purchases = w.purchases[1:]
	}
}

// still ends a power cut that hasn't come, and mayTear orders one now and then.
func (w *spendWalk) still() {
	if w.b.Tear != nil {
		w.b.Tear(w.h.card, 0, false)
	}
}

func (w *spendWalk) mayTear() {
	if w.b.Tear != nil && w.choose.IntN(3) == 0 {
		most := 3
		if w.b.Caps.Stores {
			most = 8
		}
		w.b.Tear(w.h.card, 1+w.choose.IntN(most), w.choose.IntN(2) == 0)
	}
}

// do sends a command and reports whether it was accepted.
func (w *spendWalk) do(c apdu.Command) (apdu.Response, bool) {
	w.h.t.Helper()
	r, answered := w.h.try(w.b, c)
	if !answered {
		w.cuts++
	}
	return r, answered && r.SW == wire.SWNormal
}

// manage sends a command of the host's, which may be refused.
func (w *spendWalk) manage(c apdu.Command) (apdu.Response, bool) {
	w.h.t.Helper()
	w.still()
	w.h.authenticate()
	w.mayTear()
	return w.do(c)
}

// close closes a token, whatever was paid with it, and puts a new one in its place.
func (w *spendWalk) close(slot byte) {
	w.h.t.Helper()
	if w.choose.IntN(4) != 0 {
		w.manage(ownCommand(wire.InsDisarm, 0, 0, nil))
	}
	r, ok := w.manage(ownCommand(wire.InsTokenClose, slot, 0, nil))
	if !ok {
		return
	}
	w.counts["close"]++
	tok := w.h.tokens[slot].token
	w.given.closedAt(tok, r.Data[0])
	if w.choose.IntN(4) != 0 {
		w.restock(slot)
	}
}

// restock gets a short token into a slot.
func (w *spendWalk) restock(slot byte) {
	w.h.t.Helper()
	w.still()
	w.h.authenticate()
	policy := tokenPolicy()
	policy.Taps, policy.Offline = 200, 1_000_000
	w.h.stock(slot, 5, 4+byte(w.choose.IntN(9)), policy)
}

// tap tries a purchase up to a random command.
func (w *spendWalk) tap(p *walked) {
	w.h.t.Helper()
	w.still()
	p.begin()
	w.mayTear()
	if _, ok := w.do(p.optionsCommand()); !ok || w.choose.IntN(6) == 0 {
		return
	}
	r, ok := w.do(recordCommand(1))
	if !ok {
		return
	}
	w.saw(p, p.purchase.record(r.Data))
	last := wire.P1TC
	if w.choose.IntN(8) == 0 {
		last = wire.P1AAC
	}
	if r, ok = w.do(p.acCommand(last)); !ok || last == wire.P1AAC {
		return
	}
	w.counts[map[bool]string{false: "spend", true: "meter"}[p.d.Unit != 0]]++
	w.given.signed(p.purchase, p.record, p.answer(p.record, r.Data))
	for range w.choose.IntN(7) {
		w.tickOne(p)
	}
	if w.choose.IntN(3) == 0 {
		if _, ok := w.do(receiptCommand(p.signReceipt(p.record))); ok {
			w.counts["receipt"]++
		}
	}
}

// tickOne asks for a tick, mostly the next one.
func (w *spendWalk) tickOne(p *walked) {
	w.h.t.Helper()
	k := p.ticked + 1
	if w.choose.IntN(4) == 0 {
		k = p.record.From + byte(w.choose.IntN(12)) - 2
	}
	if k == p.ticked+1 {
		// Asked for is ticked: the answer may be lost behind the write.
		w.given.ticked(p.purchase, p.record, k, false)
	}
	r, ok := w.do(tickCommand(k))
	if !ok {
		return
	}
	w.counts["tick"]++
	p.checkTick(p.record, k, r.Data)
	w.given.ticked(p.purchase, p.record, k, true)
	p.ticked = max(p.ticked, k)
}

// saw takes a record that was shown: to one payment, unless the arming lets the same merchant see
// the token again, and at most three times.
func (w *spendWalk) saw(p *walked, record emv.TokenRecord) {
	t := w.h.t
	t.Helper()
	again := p.arming == w.armings
	if again && p.record != record {
		t.Errorf("one payment was shown units %d to %d and %d to %d", p.record.From, p.record.To,
			record.From, record.To)
	}
	if !again {
		p.ticked, p.answers = record.From, 0
	}
	p.record, p.arming = record, w.armings
	if p.answers++; p.answers > wire.TapTries {
		t.Errorf("a payment was shown its token %d times", p.answers)
	}
	id := record.Token.ID()
	before := w.shownTo[id]
	if before != nil && before.purchase != p.purchase &&
		(!w.reuse || before.m.id != p.m.id || p.d.Unit != 0) {
		t.Errorf("a token was shown to %x and to %x, reuse %t", before.d.UN, p.d.UN, w.reuse)
	}
	w.shownTo[id] = p
}
