package conformance

import (
	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// testMutual: before the merchant has shown who it is, nothing that identifies card or token comes
// out, online and offline.
func testMutual(t T, b Backend) {
	t.Run("offline", func(t T) { testMutualOffline(t, b) })
	t.Run("online", func(t T) { testMutualOnline(t, b) })
	t.Run("impostors", func(t T) { testImpostors(t, b) })
}

func testMutualOffline(t T, b Backend) {
	h, _ := b.withTokens(t)
	m := h.p.merchant(t, "MERCHANT-000001")
	h.ArmFor(wire.ArmMutual)
	p := h.newPurchase(m, 1250).begin()
	wantSW(t, "a proof before GPO", p.authenticate(), refused)
	wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
	first := p.challenge
	wantSW(t, "a record without proof", p.read().SW, wire.SWSecurityStatusNotSatisfied)
	wantSW(t, "GENERATE AC without proof", p.generate(wire.P1TC).SW, refused)
	wantSW(t, "EXTERNAL AUTHENTICATE", p.authenticate(), wire.SWNormal)
	wantSW(t, "a second proof", p.authenticate(), refused)
	record := p.shown()
	p.signed(record)
	p.begin()
	wantSW(t, "GET PROCESSING OPTIONS again", p.options(), wire.SWNormal)
	if p.challenge == first {
		t.Error("the challenge came twice")
	}
	wantSW(t, "a bound record without proof", p.read().SW, wire.SWSecurityStatusNotSatisfied)
	again := *p
	again.challenge = first
	wantSW(t, "a replayed proof", again.authenticate(), wire.SWSecurityStatusNotSatisfied)
	wantSW(t, "the right one behind it", p.authenticate(), refused)
	wantSW(t, "and no record", p.read().SW, wire.SWSecurityStatusNotSatisfied)
	if next, _ := p.pay(true); next != record {
		t.Errorf("bound to units %d to %d, now %d to %d", record.From, record.To, next.From, next.To)
	}
}

func testMutualOnline(t T, b Backend) {
	h := b.fresh(t, CardReady)
	m := h.p.merchant(t, "MERCHANT-000001")
	h.ArmFor(wire.ArmMutual)
	tm := h.newTerminal().begin()
	r := h.transmit(optionsCommand(tm.pdol))
	challenge := challengeOf(t, r)
	if challenge == nil {
		t.Fatalf("GET PROCESSING OPTIONS: no challenge in %x", r.Data)
	}
	wantSW(t, "record 2", tm.read(2).SW, wire.SWNormal)
	for _, n := range []byte{1, 3} {
		wantSW(t, "a record without proof", tm.read(n).SW, wire.SWSecurityStatusNotSatisfied)
	}
	wantSW(t, "GENERATE AC without proof", tm.first(wire.P1ARQC).SW, refused)
	wantSW(t, "EXTERNAL AUTHENTICATE", tm.authenticate(m, *challenge), wire.SWNormal)
	tm.released()
	auth := tm.authorised(tm.requested(wire.P1ARQC, 1), emv.CSUApproved())
	wantSW(t, "second GENERATE AC", tm.second(wire.P1TC, auth).SW, wire.SWNormal)
}

// authenticate is EXTERNAL AUTHENTICATE by a merchant, in an online payment.
func (tm *terminal) authenticate(m merchant, challenge message.Nonce) apdu.SW {
	tm.h.t.Helper()
	return tm.h.transmit(authCommand(m.authData(tm.h.t, message.MerchantAuth{
		Challenge: challenge, Amount: tm.pdol.Amount, Currency: tm.pdol.Currency, Time: noon(),
		UN: tm.pdol.UN,
	}))).SW
}

// testImpostors: each thing that a merchant's proof says.
func testImpostors(t T, b Backend) {
	h, _ := b.withTokens(t)
	m, other := h.p.merchant(t, "MERCHANT-000001"), h.p.merchant(t, "MERCHANT-000002")
	certified := func(f func(*message.Certificate)) merchant {
		c := m.cert
		f(&c)
		return merchant{id: m.id, key: m.key, cert: h.p.issue(t, c)}
	}
	foreign := m
	foreign.cert.Signature = other.cert.Signature
	expired := certified(func(c *message.Certificate) { c.Expiry = currentEpoch - 1 })
	another := certified(func(c *message.Certificate) { c.Type = wire.CertBankSign })
	issuer := certified(func(c *message.Certificate) { c.Issuer[0]++ })
	stolen := merchant{id: m.id, key: other.key, cert: other.cert}
	h.ArmFor(wire.ArmMutual)
	type (
		said = message.MerchantAuth
		sent = emv.MerchantAuth
	)
	for _, row := range []struct {
		name      string
		asked, by merchant // whose certificate the PDOL data name, and who answers
		said      func(*said)
		sent      func(*sent)
	}{
		{"another amount", m, m, func(s *said) { s.Amount[5]++ }, nil},
		{"another currency", m, m, func(s *said) { s.Currency[1]++ }, nil},
		{"another number", m, m, func(s *said) { s.UN[0]++ }, nil},
		{"another time", m, m, func(s *said) { s.Time++ }, nil},
		{"another challenge", m, m, func(s *said) { s.Challenge[0]++ }, nil},
		{"a bit of the signature", m, m, nil, func(a *sent) { a.Signature[40] ^= 1 }},
		{"a time that wasn't signed", m, m, nil, func(a *sent) { a.Time++ }},
		{"a certificate that wasn't named", m, other, nil, nil},
		{"not the CA's", foreign, foreign, nil, nil},
		{"expired", expired, expired, nil, nil},
		{"another party's", another, another, nil, nil},
		{"another issuer", issuer, issuer, nil, nil},
		{"another merchant's", stolen, stolen, nil, nil},
	} {
		p := h.newPurchase(row.asked, 1250).begin()
		wantSW(t, "GET PROCESSING OPTIONS", p.options(), wire.SWNormal)
		s := said{
			Challenge: p.challenge, Amount: p.d.Amount, Currency: p.d.Currency, Time: p.d.Time, UN: p.d.UN,
		}
		if row.said != nil {
			row.said(&s)
		}
		a := row.by.authData(t, s)
		if row.sent != nil {
			row.sent(&a)
		}
		wantSW(t, row.name, h.transmit(authCommand(a)).SW, wire.SWSecurityStatusNotSatisfied)
		wantSW(t, row.name+", and no record", p.read().SW, wire.SWSecurityStatusNotSatisfied)
	}
	h.newPurchase(m, 1250).pay(true)
}
