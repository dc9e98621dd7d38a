package linkage_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	mathrand "math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/api"
	"tapbench/backend/denylist"
	"tapbench/backend/money"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/pki"
	"tapbench/cmd/tapbench/internal/linkage"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal"
	"tapbench/terminal/claims"
	"tapbench/terminal/claims/claimstest"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/offline"
	"tapbench/terminal/settle"
	"tapbench/terminal/terminaltest"
	"tapbench/wallet/wallettest"
)

// playTokens has the users pay at the merchants' shops by turns, and the merchants guess.
func playTokens(t *testing.T, h habit) []linkage.Score {
	t.Helper()
	purses := newPurses(t)
	street := newStreet(t, purses[0].System, h)
	var seed [32]byte
	_, err := rand.Read(seed[:])
	check(t, err)
	users := coins(mathrand.New(mathrand.NewChaCha8(seed)))[:h.taps]
	var seen []linkage.Tap
	for i, user := range users {
		seen = append(seen, street.pay(t, purses[user], street.tills[i%h.shops], h))
	}
	return linkage.Judge(seen, users)
}

// pay has a user pay at a till, and returns what there was to be seen.
func (st *street) pay(t *testing.T, p *purse, l *till, h habit) linkage.Tap {
	t.Helper()
	st.eye.tap = nil
	card := p.hold(t, h)
	check(t, card.Reset(t.Context())) // it enters the field
	st.next = &watched{card, st.eye}
	st.probe(t, l)
	p.meter.Reset()
	l.take(t, h)
	st.work(p)
	return st.eye.tap
}

// street is all merchants, who tell each other everything.
type street struct {
	eye   *eye
	next  pcsc.Card
	tills []*till
}

// till is one merchant's.
type till struct {
	shop    payouttest.Merchant
	pos     *terminal.POS
	settler settle.Settler
	eye     *eye
}

// newStreet opens the shops.
func newStreet(t *testing.T, s *wallettest.System, h habit) *street {
	t.Helper()
	st := &street{eye: &eye{Decider: s.TSM}}
	ca, err := pki.OpenParty(filepath.Join(s.Home, "pki", "ca"), s.Now)
	check(t, err)
	for i := range h.shops {
		st.tills = append(st.tills, st.open(t, s, h, certified(t, ca, fmt.Sprintf("MRC%05d-SHOP", i))))
	}
	return st
}

// certified has a bench's CA certify a merchant.
func certified(t *testing.T, ca *pki.Party, name string) payouttest.Merchant {
	t.Helper()
	m := payouttest.NewMerchant(t, payouttest.Key{Private: ca.Sign.Reveal()}, name)
	m.Certificate.Issuer, m.Certificate.Expiry = ca.ID, 1<<31
	var err error
	m.Certificate, err = message.IssueCertificate(ca.Sign.Reveal(), m.Certificate)
	check(t, err)
	return m
}

// open opens one shop, with a deny list of this hour.
func (st *street) open(
	t *testing.T, s *wallettest.System, h habit, shop payouttest.Merchant,
) *till {
	t.Helper()
	held, err := denylist.NewHeld(s.TSM.ID, s.TSM.Sign.Key, denylist.DefaultMaxAge)
	check(t, err)
	list, err := s.TSM.DenyList(t.Context(), api.DenyListRequest{})
	check(t, err)
	check(t, held.Update(list.List))
	issuer, err := offline.NewIssuer(s.TSM.ID, s.TSM.Sign.Key)
	check(t, err)
	seen := new(offline.Table)
	verifier, err := offline.New(offline.Config{
		Issuers: []offline.Issuer{issuer}, Merchant: shop.ID, Certificate: shop.Certificate.Sum(),
		Seen: seen, Denied: held, Reuse: h.reuse,
	})
	check(t, err)
	kept, err := claims.Open(claimstest.New(), claims.Identity{
		Merchant: string(shop.ID[:]), Terminal: "POS00001",
	})
	check(t, err)
	j, err := journal.Open(&terminaltest.Disk{})
	check(t, err)
	name, err := acquirer.NewTerminal("POS00001")
	check(t, err)
	pos, err := terminal.Open(terminal.Config{
		Merchant: acquirer.Merchant(shop.ID), Terminal: name, Country: [2]byte{0x02, 0x76},
		CA: s.TSM.CAKey, EpochKeys: []message.Certificate{s.TSM.Epoch}, Acquirer: st.eye, Journal: j,
		Archive: &terminaltest.Archive{}, Now: s.Now, Rand: rand.Reader,
		Cards:       terminal.CardSourceFunc(st.wait),
		MerchantKey: &kernel.MerchantKey{Key: shop.Key.Private, Certificate: shop.Certificate},
		Offline: &terminal.Offline{
			Mode: terminal.OfflineOnly, Floor: money.Must("EUR:50.00"), Verifier: verifier,
			Denied: held, Seen: seen, Claims: kept,
		},
	})
	check(t, err)
	return &till{
		shop: shop, pos: pos, eye: st.eye,
		settler: settle.Settler{
			Claims: kept, TSM: payoutDesk{s, st.eye}, ID: s.TSM.ID, Merchant: shop.ID,
			Key: shop.Key.Private, Certificate: shop.Certificate,
		},
	}
}

// wait returns the card that is held to the reader.
func (st *street) wait(context.Context) (pcsc.Card, error) { return st.next, nil }

// take takes a payment, or two ticks, and claims it.
func (l *till) take(t *testing.T, h habit) {
	t.Helper()
	var r terminal.Receipt
	var err error
	if h.metering {
		ticks := 0
		r, err = l.pos.Meter(t.Context(), terminal.Meter{
			Max: money.Must(price), Unit: money.Must("EUR:0.05"),
			Next: func(context.Context) bool { ticks++; return ticks <= 2 },
		})
	} else {
		r, err = l.pos.Pay(t.Context(), money.Must(price))
	}
	if err != nil || !r.Approved() || r.Offline == nil || !r.Offline.Received {
		t.Fatalf("a payment: %+v, %v", r, err)
	}
	part, err := json.Marshal(r.Offline)
	check(t, err)
	l.eye.see("receipt", part)
	done, err := l.settler.Settle(t.Context())
	if err != nil || done.Paid != 1 {
		t.Fatalf("settling: %+v, %v", done, err)
	}
}

// payoutDesk is the TSM as a merchant asks it for money.
type payoutDesk struct {
	*wallettest.System
	eye *eye
}

// Post implements [settle.Caller].
func (d payoutDesk) Post(ctx context.Context, _ string, request, answer any) error {
	q, ok := request.(api.PayoutRequest)
	a, wants := answer.(*api.PayoutResponse)
	if !ok || !wants {
		return errors.New("a merchant asks for a payout only")
	}
	var err error
	if *a, err = d.TSM.Payout(ctx, q); err == nil {
		d.eye.claims(q.Claims)
		for _, one := range a.Answers {
			d.eye.see("payout", fmt.Appendf(nil, "%d %s %s", one.Paid, one.Refused, one.Reason))
		}
	}
	return err
}

// claims looks at claims, field by field.
func (e *eye) claims(raw []byte) {
	spend, meter, err := settle.Parse(raw)
	var f message.TokenFields
	switch {
	case err != nil:
		return // more than one
	case spend != nil:
		f = spend.Token.Fields
		e.see("interval", []byte{spend.Spend.From, spend.Spend.To})
	default:
		f = meter.Token.Fields
		e.see("interval", []byte{meter.Meter.From, meter.Meter.Max, meter.To})
	}
	for _, v := range []struct {
		name  string
		value any
	}{
		{"issuer", f.Issuer},
		{"epoch", f.Epoch},
		{"unit", f.Unit},
		{"length", f.Length},
		{"key", f.Key},
		{"root", f.Root},
		{"currency", f.Policy.Currency},
		{"cap", f.Policy.PerTap},
		{"worth", f.Policy.PerToken},
		{"total", f.Policy.Offline},
		{"taps", f.Policy.Taps},
		{"grace", f.Policy.Grace},
	} {
		e.see("token's "+v.name, fmt.Appendf(nil, "%x", v.value))
	}
}

// probe asks a card for offers that nobody takes: GET PROCESSING OPTIONS changes nothing, so a
// merchant may ask as often as it likes before it takes a payment.
func (st *street) probe(t *testing.T, l *till) {
	t.Helper()
	send := func(c apdu.Command) apdu.SW {
		raw, err := c.Encode()
		check(t, err)
		answer, err := st.next.(*watched).Card.Transmit(t.Context(), raw)
		check(t, err)
		r, err := apdu.ParseResponse(answer)
		check(t, err)
		return r.SW
	}
	if sw := send(apdu.Command{
		INS: byte(wire.InsSelect), P1: 4, Data: []byte(wire.AIDOffline), Ne: apdu.MaxShortNe,
	}); sw != apdu.SWNormal {
		t.Fatalf("selecting: %v", sw)
	}
	var answers []byte
	for _, d := range probes(l) {
		options := append([]byte{0x83, emv.OfflinePDOLDataLen}, d.Encode()...)
		sw := send(apdu.Command{
			CLA: byte(wire.CLAProprietary), INS: byte(wire.InsGetProcessingOptions), Data: options,
			Ne: apdu.MaxShortNe,
		})
		answers = append(answers, byte(sw>>8), byte(sw))
	}
	st.eye.see("offers SW", answers)
}

// probes vary amount, unit and time, for this merchant and for one that nobody knows.
func probes(l *till) []emv.OfflinePDOLData {
	now := uint32(time.Now().Unix())
	const epoch = uint32(message.EpochLength / time.Second)
	var all []emv.OfflinePDOLData
	for _, merchant := range []payouttest.Merchant{l.shop, {ID: [wire.MerchantLen]byte{'X'}}} {
		add := func(minor uint64, unit uint8, at uint32) {
			amount, _ := emv.N12(minor) // they fit
			all = append(all, emv.OfflinePDOLData{
				Amount: amount, Currency: money.EUR.N3(), Merchant: merchant.ID, Time: at,
				Certificate: merchant.Certificate.Sum(), Unit: unit,
			})
		}
		for _, minor := range []uint64{1, 5, 15, 20, 21, 50, 5001} {
			for _, unit := range []uint8{0, 1, 5, 50} {
				add(minor, unit, now)
			}
		}
		for _, at := range []uint32{0, now - 2*epoch, now - epoch, now + epoch, now + 2*epoch} {
			add(20, 0, at)
		}
	}
	return all
}

// work takes down what a card has computed and how often it has written for each command: that is
// what its time tells, whatever the reader's and the host's part in it. How many bytes it has
// written is left out: the meter counts those that differ, and an element writes whole pages.
func (st *street) work(p *purse) {
	var all []byte
	for _, c := range p.meter.Commands() {
		c.Took, c.Work.Written = 0, 0
		all = fmt.Appendf(all, "%+v\n", c)
	}
	sum := sha256.Sum256(all)
	st.eye.see("work", sum[:])
}
