package conformance

import (
	"bytes"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// withTokens is a card that knows the epoch and has one token of each class, 250 x 0.05 in slot 1,
// 100 x 0.50 in slot 2, 250 x 0.01 in slot 4.
func (b Backend) withTokens(t TB) (*Host, map[byte]message.Token) {
	t.Helper()
	h := b.fresh(t, EpochKnown)
	policy := tokenPolicy()
	return h, map[byte]message.Token{
		1: h.stock(1, 5, 250, policy), 2: h.stock(2, 50, 100, policy), 4: h.stock(4, 1, 250, policy),
	}
}

// testOffline is the offline payment application's conformance.
func testOffline(t T, b Backend) {
	t.Run("payment", func(t T) { testOfflinePayment(t, b) })
	t.Run("metering", func(t T) { testMetering(t, b) })
	t.Run("declined", func(t T) { testOfflineDeclined(t, b) })
	t.Run("choice", func(t T) { testTokenChoice(t, b) })
	t.Run("reuse", func(t T) { testTokenReuse(t, b) })
	t.Run("limits", func(t T) { testTokenLimits(t, b) })
	t.Run("time", func(t T) { testTokenTime(t, b) })
	t.Run("tries", func(t T) { testOfflineTries(t, b) })
	t.Run("one arming", func(t T) { testOneArming(t, b) })
	t.Run("order", func(t T) { testOfflineOrder(t, b) })
	t.Run("mutual", func(t T) { testMutual(t, b) })
	t.Run("relay", func(t T) { testOfflineRelay(t, b) })
}

// testOfflinePayment pays 12.50 EUR: SELECT to receipt.
func testOfflinePayment(t T, b Backend) {
	h, tokens := b.withTokens(t)
	m := h.p.merchant(t, "MERCHANT-000001")
	h.ArmFor(0)
	p := h.newPurchase(m, 1250)
	if got := h.selectApplication(wire.AIDOffline); !bytes.Equal(got, emv.OfflineFCI().Encode()) {
		t.Errorf("SELECT: got %x", got)
	}
	r := h.transmit(p.optionsCommand())
	want := []byte{0x77, 0x0A, 0x82, 0x02, 0x18, emv.AIPRelay, 0x94, 0x04, 0x08, 0x01, 0x01, 0x00}
	if r.SW != wire.SWNormal || !bytes.Equal(r.Data, want) {
		t.Errorf("GET PROCESSING OPTIONS: got %x, %v", r.Data, r.SW)
	}
	record, answer := p.pay(false)
	if record.Token != tokens[1] || record.From != 0 || record.To != 250 || answer.ATC != 1 {
		t.Errorf("paid with units %d to %d, counter %d", record.From, record.To, answer.ATC)
	}
	p.over(record)
	h.authenticate()
	if s := h.status(); s.arm != wire.ArmNone || s.tries != 0 {
		t.Errorf("after the receipt: %+v", s)
	}
}

// over checks that nothing of the tap goes on.
func (p *purchase) over(record emv.TokenRecord) {
	t := p.h.t
	t.Helper()
	wantSW(t, "READ RECORD again", p.read().SW, refused)
	wantSW(t, "GENERATE AC again", p.generate(wire.P1TC).SW, refused)
	wantSW(t, "TICK again", p.tick(record.From+1).SW, refused)
	wantSW(t, "PUT DATA again", p.receipt(p.signReceipt(record)), refused)
	wantSW(t, "GET PROCESSING OPTIONS again", p.options(), refused)
}

// testMetering commits to 20 units of 0.05, takes seven of them, and closes the token behind.
func testMetering(t T, b Backend) {
	h, tokens := b.withTokens(t)
	m := h.p.merchant(t, "CHARGER-0000001")
	h.ArmFor(0)
	p := h.newPurchase(m, 100).metered(5).begin()
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	record := p.shown()
	wantSW(t, "TICK before the signature", p.tick(1).SW, wire.SWConditionsNotSatisfied)
	p.signed(record)
	for _, k := range []byte{0, 2, 21, 255} {
		wantSW(t, "TICK out of turn", p.tick(k).SW, wire.SWConditionsNotSatisfied)
	}
	for k := byte(1); k <= 7; k++ {
		p.ticked(record, k)
		p.ticked(record, k)
	}
	wantSW(t, "a tick again that isn't the last", p.tick(6).SW, wire.SWConditionsNotSatisfied)
	wantSW(t, "PUT DATA", p.receipt(p.signReceipt(record)), wire.SWNormal)
	p.over(record)
	h.authenticate()
	h.ArmFor(wire.ArmReuse)
	p.changed(func(d *emv.OfflinePDOLData) { d.Unit, d.UN[0] = 5, d.UN[0]+1 }).
		wantRefused(t, "a second commitment of the token's class")
	spend := h.newPurchase(m, 5)
	if record, _ := spend.pay(false); record.Token == tokens[1] {
		t.Error("a metered token was spent")
	}
	h.authenticate()
	if at := h.closedAt(1); at != 7 {
		t.Errorf("closed at %d, want 7", at)
	}
}

// testOfflineDeclined has the merchant decline what it was shown.
func testOfflineDeclined(t T, b Backend) {
	h, _ := b.withTokens(t)
	p := h.newPurchase(h.p.merchant(t, "MERCHANT-000001"), 1250).begin()
	h.authenticate()
	h.ArmFor(0)
	p.begin()
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	record := p.shown()
	wantSW(t, "an ARQC", p.generate(wire.P1ARQC).SW, wire.SWConditionsNotSatisfied)
	r := p.generate(wire.P1AAC)
	wantSW(t, "an AAC", r.SW, wire.SWNormal)
	a, err := emv.ParseOfflineAnswer(r.Data)
	if err != nil || a != (emv.OfflineAnswer{CID: emv.CIDAAC, ATC: 1}) {
		t.Errorf("AAC: %+v, %v", a, err)
	}
	p.over(record)
	h.authenticate()
	if at := h.closedAt(1); at != 250 {
		t.Errorf("closed at %d: what was shown is given out", at)
	}
}

// testTokenChoice: the least money that pays, and the lowest slot of it.
func testTokenChoice(t T, b Backend) {
	h, tokens := b.withTokens(t)
	tokens[6] = h.stock(6, 5, 20, tokenPolicy())
	m := h.p.merchant(t, "MERCHANT-000001")
	for _, row := range []struct {
		minor uint64
		unit  uint8
		slot  byte
	}{
		{100, 0, 4},  // 100 x 0.01
		{260, 0, 1},  // not 260 x 0.01: 52 x 0.05
		{1300, 0, 2}, // 26 x 0.50
		{251, 0, 0},  // no class
		{1275, 0, 0}, // none has the units
		{100, 5, 6},  // slot 1 is used
	} {
		h.ArmFor(0)
		p := h.newPurchase(m, row.minor).metered(row.unit)
		if row.slot == 0 {
			p.wantRefused(t, "no token fits")
			h.authenticate()
			continue
		}
		if record, _ := p.pay(false); record.Token != tokens[row.slot] {
			t.Errorf("%d: paid %d x %d, want the token of slot %d", row.minor,
				record.To-record.From, record.Token.Fields.Unit, row.slot)
		}
		h.authenticate()
	}
}

// testTokenReuse pays with one token again, where the wallet allows it: at the same merchant.
func testTokenReuse(t T, b Backend) {
	h := b.fresh(t, EpochKnown)
	token := h.stock(3, 5, 100, tokenPolicy())
	m, other := h.p.merchant(t, "MERCHANT-000001"), h.p.merchant(t, "MERCHANT-000002")
	renewed := h.p.merchant(t, "MERCHANT-000001")
	h.ArmFor(wire.ArmReuse)
	record, _ := h.newPurchase(m, 100).pay(false)
	h.authenticate()
	wantSW(t, "ARM with a used token", h.call(ownCommand(wire.InsArm, 0, 0, armData())),
		wire.SWConditionsNotSatisfied)
	for want := byte(2); want <= 5; want++ {
		h.ArmFor(wire.ArmReuse)
		h.newPurchase(other, 100).wantRefused(t, "another merchant")
		h.newPurchase(renewed, 100).wantRefused(t, "another certificate")
		h.newPurchase(m, 100).metered(5).wantRefused(t, "a commitment on a spent token")
		next, answer := h.newPurchase(m, 50).pay(false)
		if next.Token != token || next.From != record.To || answer.ATC != uint16(want) {
			t.Errorf("payment %d: units %d to %d, counter %d", want, next.From, next.To, answer.ATC)
		}
		record = next
		h.authenticate()
	}
	h.ArmFor(wire.ArmReuse)
	h.newPurchase(m, 50).wantRefused(t, "a sixth payment")
	h.authenticate()
	h.stock(2, 1, 250, tokenPolicy())
	h.ArmFor(wire.ArmReuse)
	if next, _ := h.newPurchase(m, 50).pay(false); next.Token == token {
		t.Error("a sixth payment with the used token")
	}
}

// testTokenLimits: cap, per tap, per token, offline total.
func testTokenLimits(t T, b Backend) {
	h := b.fresh(t, EpochKnown)
	policy := message.TokenPolicy{
		Currency: euro(), PerTap: 1000, PerToken: 1500, Offline: 2200, Taps: 9,
	}
	h.stock(0, 50, 100, policy)
	m := h.p.merchant(t, "MERCHANT-000001")
	pay := func(minor uint64, ok bool) {
		t.Helper()
		h.ArmFor(wire.ArmReuse)
		p := h.newPurchase(m, minor)
		if ok {
			p.pay(false)
		} else {
			p.wantRefused(t, "above a limit")
		}
		h.authenticate()
	}
	pay(1050, false) // per tap
	pay(0, false)
	pay(1000, true)
	pay(550, false) // per token
	pay(500, true)
	policy.PerToken = 5000
	h.stock(1, 50, 100, policy) // the offline total is 0 again
	pay(1000, true)
	pay(1000, true)
	pay(250, false) // offline total
	pay(200, true)
	h.ArmFor(wire.ArmReuse)
	dollars := h.newPurchase(m, 50).changed(func(d *emv.OfflinePDOLData) { d.Currency = dollar() })
	dollars.wantRefused(t, "dollars")
	h.authenticate()
	h.stock(2, 50, 100, tokenPolicy())
	h.send(wire.InsArm, 0, 0, []byte{0, 0, 0, 0, 0x05, 0x00, 0x09, 0x78}, 0)
	h.newPurchase(m, 550).wantRefused(t, "above the cap")
	h.newPurchase(m, 500).pay(false)
}

// testTokenTime: a clock that is wrong by years is refused, and leaves nothing behind: no reader
// ages a card.
func testTokenTime(t T, b Backend) {
	h, _ := b.withTokens(t)
	m := h.p.merchant(t, "MERCHANT-000001")
	from, to := epochBegins(currentEpoch)-wire.ClockSkew, epochBegins(currentEpoch+2)
	h.ArmFor(0)
	for _, clock := range []uint32{
		0, 1, from - 30*365*86400, from - 1, to, to + 30*365*86400, 1<<32 - 1,
	} {
		h.newPurchase(m, 1250).changed(func(d *emv.OfflinePDOLData) { d.Time = clock }).
			wantRefused(t, "a clock outside")
	}
	for i, clock := range []uint32{to - 1, from, noon()} {
		record, _ := h.newPurchase(m, uint64(100+150*i)).changed(func(d *emv.OfflinePDOLData) {
			d.Time = clock
		}).pay(false)
		if record.From != 0 {
			t.Errorf("clock %d: units from %d", clock, record.From)
		}
		if i < 2 {
			h.authenticate()
			h.ArmFor(0)
		}
	}
}

// testOfflineTries: the same request gets the same bytes, three times; another none.
func testOfflineTries(t T, b Backend) {
	for name, unit := range map[string]uint8{"payment": 0, "commitment": 5} {
		t.Run(name, func(t T) {
			h, _ := b.withTokens(t)
			m := h.p.merchant(t, "MERCHANT-000001")
			h.ArmFor(0)
			p := h.newPurchase(m, 1250).metered(unit)
			var records, answers [][]byte
			for range wire.TapTries {
				p.begin()
				wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
				record := p.read()
				wantSW(t, "READ RECORD", record.SW, wire.SWNormal)
				wantSW(t, "READ RECORD again", p.read().SW, wire.SWNormal)
				answer := p.generate(wire.P1TC)
				p.answer(p.record(record.Data), answer.Data)
				records, answers = append(records, record.Data), append(answers, answer.Data)
				p.others(t)
			}
			for i := range records {
				if !bytes.Equal(records[i], records[0]) || !bytes.Equal(answers[i], answers[0]) {
					t.Errorf("try %d has another answer", i+1)
				}
			}
			p.wantRefused(t, "a fourth time")
		})
	}
}

// others wants every other payment to be refused while this one is bound.
func (p *purchase) others(t T) {
	t.Helper()
	for name, change := range map[string]func(*emv.OfflinePDOLData){
		"amount":      func(d *emv.OfflinePDOLData) { d.Amount[4] = 0x10 },
		"currency":    func(d *emv.OfflinePDOLData) { d.Currency = dollar() },
		"UN":          func(d *emv.OfflinePDOLData) { d.UN[0]++ },
		"merchant":    func(d *emv.OfflinePDOLData) { d.Merchant[0]++ },
		"time":        func(d *emv.OfflinePDOLData) { d.Time++ },
		"certificate": func(d *emv.OfflinePDOLData) { d.Certificate[0]++ },
		"unit":        func(d *emv.OfflinePDOLData) { d.Unit ^= 5 },
	} {
		p.changed(change).wantRefused(t, "another "+name)
	}
}

// testOneArming: one arming lets one payment happen, online or offline.
func testOneArming(t T, b Backend) {
	h := b.fresh(t, Armed)
	h.stock(0, 5, 250, tokenPolicy())
	m := h.p.merchant(t, "MERCHANT-000001")
	h.ArmFor(0)
	tm, p := h.newTerminal(), h.newPurchase(m, 1250)
	tm.begin()
	wantSW(t, "online", tm.options(), wire.SWNormal)
	p.begin()
	wantSW(t, "offline", p.options(), wire.SWNormal)
	p.shown()
	tm.begin()
	wantSW(t, "online after a token was shown", tm.options(), refused)
	h.authenticate()
	h.ArmFor(0)
	tm.begin()
	wantSW(t, "online", tm.options(), wire.SWNormal)
	tm.released()
	h.newPurchase(m, 100).wantRefused(t, "offline after a card was shown")
	p.wantRefused(t, "the earlier payment")
}

func apduOf(cla byte, ins wire.INS, p1, p2 byte, data ...byte) apdu.Command {
	return apdu.Command{CLA: cla, INS: byte(ins), P1: p1, P2: p2, Data: data, Ne: 256}
}
