package corpus_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emv/pinblock"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/authority"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/emvcard/seed"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/parameters"
)

// emvPayment is what is recorded of an EMV card of a built-in profile.
type emvPayment struct {
	profile string
	way     entry.Way
	aid     string // of the only application that the terminal takes; "": the card's best
	amount  uint64
	pin     string
	scripts []issuer.Script
	log     bool // the transaction log is read in the end
}

// emvCards are payments with cards of other people's kind.
func emvCards() []scenario {
	return []scenario{
		{
			name:    "emv-contactless",
			comment: "a contactless EMV card pays 12.50 EUR offline, by CDA, after an exchange against relays",
			emv:     &emvPayment{profile: "contactless", way: entry.Contactless, amount: 1250},
		},
		{
			name:    "emv-contactless-online",
			comment: "a contactless EMV card pays 62.50 EUR, above the floor limit, by its issuer's word",
			emv:     &emvPayment{profile: "contactless", way: entry.Contactless, amount: 6250},
		},
		{
			name: "emv-contact",
			comment: "a contact card: PSE, T=0, DDA, a PIN in clear, the issuer's answer and scripts, then " +
				"its log",
			emv: &emvPayment{
				profile: "contact", way: entry.Contact, amount: 6250, pin: "1234", log: true,
				scripts: []issuer.Script{
					{Before: true, ID: [4]byte{0, 0, 0, 1}, Orders: []issuer.Order{issuer.UnblockPIN()}},
					{ID: [4]byte{0, 0, 0, 2}, Orders: []issuer.Order{issuer.Block(), issuer.Unblock()}},
				},
			},
		},
		{
			name:    "emv-interop",
			comment: "a card with all options, on its chip: AES, CDA, relay resistance, an enciphered PIN",
			emv: &emvPayment{
				profile: "interop", way: entry.Contact, aid: "\xA0\x00\x00\x00\x04\x10\x10",
				amount: 25000, pin: "1234",
			},
		},
	}
}

// emvSeed is what the cards, their CA and their issuer are drawn from.
const emvSeed = "corpus"

// emvBench is what is behind the cards.
type emvBench struct {
	ca     *authority.Authority
	issuer []issuer.Keys
	cards  map[string]image.Card // by the names of their profiles
}

// drawnOnce draws that, and the cards of the built-in profiles: primes take their time.
var drawnOnce = sync.OnceValues(drawEMVBench)

func drawEMVBench() (b emvBench, err error) {
	b.ca, err = authority.Draw(seed.Reader(emvSeed, seed.Authority),
		time.Date(2049, time.December, 31, 0, 0, 0, 0, time.UTC))
	if err != nil {
		return b, err
	}
	if b.issuer, err = issuer.GenerateEach(seed.Reader(emvSeed, seed.Issuer)); err != nil {
		return b, err
	}
	b.cards = make(map[string]image.Card)
	for _, name := range profile.Names() {
		p, err := profile.Builtin(name)
		if err != nil {
			return b, err
		}
		if p.Kind != profile.EMV {
			continue
		}
		if b.cards[p.Name], err = b.personalise(p); err != nil {
			return b, err
		}
	}
	return b, nil
}

func newEMVBench(t *testing.T) emvBench {
	t.Helper()
	b, err := drawnOnce()
	check(t, err)
	return b
}

// personalise makes the card of a profile.
func (b emvBench) personalise(p profile.Profile) (image.Card, error) {
	return personalise.Card(personalise.Config{
		Profile: p, Authority: b.ca, Issuer: b.issuer, Rand: seed.Reader(emvSeed, seed.Card),
	})
}

// keys are the CA's for a card.
func (b emvBench) keys(card image.Card) oda.CAKeys {
	var keys oda.CAKeys
	known := make(map[[oda.RIDLen]byte]bool)
	for _, a := range card.Applications {
		rid := [oda.RIDLen]byte(a.AID)
		if !known[rid] {
			keys = append(keys, b.ca.CAKeys(rid)...)
		}
		known[rid] = true
	}
	return keys
}

// made records the payment.
func (p *emvPayment) made(t *testing.T, comment string) []byte {
	t.Helper()
	b := newEMVBench(t)
	return p.record(t, b, b.cards[p.profile], comment,
		"the card: tapbench card serve --seed "+emvSeed+" --profile "+p.profile)
}

// record records the payment with a card.
func (p *emvPayment) record(
	t *testing.T, b emvBench, made image.Card, comments ...string,
) []byte {
	t.Helper()
	card, err := emvcard.New(emvcard.Config{Image: made})
	check(t, err)
	r := recordAny(t, card, comments...)
	bank := issuer.New(issuer.Config{Keys: b.issuer, Scripts: p.scripts})
	k, err := general.New(p.terminal(b.keys(made)))
	check(t, err)
	out, err := k.Pay(t.Context(), r, emvHost{bank}, general.Purchase{Amount: p.amount})
	check(t, err)
	if out.Result != outcome.Approved || out.Authentication.Err != nil {
		t.Fatalf("%v, %v", out.Why, out.Notes)
	}
	if p.log {
		r.away()
		readLog(t, r, made.Applications[0].AID)
	}
	check(t, r.Err())
	return r.text.Bytes()
}

// terminal is an attended one with a PIN pad. Its clock goes by 5 ms each time it is read.
func (p *emvPayment) terminal(keys oda.CAKeys) general.Config {
	now := time.Date(2026, time.November, 21, 12, 0, 0, 0, time.UTC)
	q := parameters.Default()
	if only, ok := q.Only([]byte(p.aid)); ok {
		q = only
	}
	q.Way = p.way
	return q.Config(general.Config{
		CAKeys: keys, PINPad: &emvPad{p.pin}, Rand: seed.Reader(emvSeed, "terminal"),
		Relay: &relay.Policy{Mode: relay.On, Limits: relay.Default()},
		Now:   func() time.Time { now = now.Add(5 * time.Millisecond); return now },
	})
}

// readLog reads the transaction log as a card's owner does: its format, then its records.
func readLog(t *testing.T, r *recording, aid []byte) {
	t.Helper()
	session := pcsc.NewSession(r)
	for _, c := range []apdu.Command{
		{INS: 0xA4, P1: 0x04, Data: aid, Ne: apdu.MaxShortNe},
		{CLA: 0x80, INS: 0xCA, P1: 0x9F, P2: 0x4F, Ne: apdu.MaxShortNe},
		{INS: 0xB2, P1: 0x01, P2: 0x5C, Ne: apdu.MaxShortNe},
	} {
		_, err := session.Exchange(t.Context(), c)
		check(t, err)
	}
}

// emvHost asks the test issuer.
type emvHost struct{ bank *issuer.Issuer }

// Authorise implements general.Host.
func (h emvHost) Authorise(_ context.Context, q general.Request) (outcome.Answer, error) {
	a, err := h.bank.Authorise(issuer.Request{
		Amount: q.Amount, Currency: q.Currency, ICC: q.ICC, PAN: q.PAN, Sequence: q.Sequence,
	})
	return outcome.Answer{ARC: a.ARC, IssuerAuth: a.IssuerAuth, Scripts: a.Scripts}, err
}

// emvPad is a PIN pad for one PIN.
type emvPad struct{ pin string }

// Offline implements general.PINPad.
func (p *emvPad) Offline(context.Context, int, bool) (string, error) {
	if p.pin == "" {
		return "", general.ErrNotEntered
	}
	return p.pin, nil
}

// Online implements general.PINPad.
func (*emvPad) Online(context.Context, string) (pinblock.Block, error) {
	return nil, errors.New("there is no key for PINs that go to the issuer")
}
