package dispute_test

import (
	"errors"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
)

// Each attack has its role's own keys in hand, and what the victim has sent to that role. What the
// attacker can sign again he signs again, so that the refusal is the one that counts.
func TestOutcomeFramesNobody(t *testing.T) {
	w := newWorld(t)
	attacks := map[string]struct {
		attack func(t *testing.T, o *dispute.Outcome, victim, other *person)
		seal   bool // TSM and bank sign what the attack has made
		want   error
	}{
		"merchant raises the amount": {
			attack: func(_ *testing.T, o *dispute.Outcome, _, _ *person) {
				alter(o, func(p *dispute.Payment) { p.Tap.Amount[4] = 0x49 })
			},
			seal: true, want: dispute.ErrPayment,
		},
		"merchant claims a payment made to somebody else": {
			attack: func(_ *testing.T, o *dispute.Outcome, _, _ *person) {
				alter(o, func(p *dispute.Payment) { copy(p.Tap.Merchant[:], "MRC00002") })
			},
			seal: true, want: dispute.ErrPayment,
		},
		"merchant shows one card's payment with another card": {
			attack: func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				alter(o, func(p *dispute.Payment) {
					theirs := w.pay(t, victim)
					p.Card, p.VCard = theirs.Card, theirs.VCard
				})
			},
			seal: true, want: dispute.ErrPayment,
		},
		"merchant borrows another payment's opening": {
			attack: func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				o.Subject = w.pay(t, victim)
			},
			want: dispute.ErrOpening,
		},
		"merchant makes a card of his own": {
			attack: func(t *testing.T, o *dispute.Outcome, _, _ *person) {
				own := newSigner(t)
				alter(o, func(p *dispute.Payment) {
					p.Card.Key = own.public
					p.VCard = own.sign(t, p.Card.Digest())
					p.Signed = own.sign(t, p.Tap.Digest())
				})
			},
			seal: true, want: dispute.ErrCard,
		},
		"TSM issues a card whose key it knows and opens it to the victim": {
			attack: func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				own := *victim
				own.card = newSigner(t)
				o.Subject = w.pay(t, &own)
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			},
			seal: true, want: dispute.ErrRoll,
		},
		"TSM opens another user's payment to the victim's account": {
			attack: func(_ *testing.T, o *dispute.Outcome, victim, _ *person) {
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			},
			seal: true, want: dispute.ErrRoll,
		},
		"TSM makes an account of its own and opens to the victim's funding": {
			attack: func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				own := *victim
				own.tid, own.card = newSigner(t), newSigner(t)
				own.chain = dispute.TSMChain{Sign: own.tid.public, KEM: own.kem, Rho: victim.chain.Rho}
				own.roll(t)
				o.Subject, o.TSM.Chain, o.Bank.Chain = w.pay(t, &own), own.chain, chainOf(victim)
			},
			seal: true, want: dispute.ErrCommitment,
		},
		"bank opens to another of its customers": {
			attack: func(_ *testing.T, o *dispute.Outcome, victim, _ *person) {
				o.Bank.Chain = chainOf(victim)
			},
			seal: true, want: dispute.ErrCommitment,
		},
		"bank writes the commitment into the victim's funding": {
			attack: func(_ *testing.T, o *dispute.Outcome, victim, other *person) {
				o.Bank.Chain = chainOf(victim)
				o.Bank.Chain.BINFO.Funding.Commitment = other.chain.Commitment()
			},
			seal: true, want: dispute.ErrBINFO,
		},
		"bank makes account keys of its own under the victim's name": {
			attack: func(t *testing.T, o *dispute.Outcome, victim, other *person) {
				own := *victim
				own.aid, own.user, own.se = newSigner(t), newSigner(t), newSigner(t)
				own.keys.X.Sign = own.aid.public
				own.signAccount(t)
				own.binfo.Funding.Commitment = other.chain.Commitment()
				own.signBINFO(t)
				o.Bank.Chain = chainOf(&own)
			},
			seal: true, want: dispute.ErrAccount,
		},
		"bank certifies a key of its own as the victim's": {
			attack: func(t *testing.T, o *dispute.Outcome, victim, other *person) {
				own := *other
				own.user = newSigner(t)
				own.cert = w.bank.certify(t, wire.CertUser, victim.id, own.user.public)
				own.keys.X.User = hash(own.user.public)
				own.signAccount(t)
				own.signBINFO(t)
				o.Bank.Chain = chainOf(&own)
			},
			seal: true, want: dispute.ErrUser,
		},
		"bank shows an account of another bank": {
			attack: func(t *testing.T, o *dispute.Outcome, _, other *person) {
				own := *other
				own.keys.X.Bank = message.NewPartyID("BKB00001")
				o.Bank.Chain = chainOf(&own)
			},
			seal: true, want: dispute.ErrBINFO,
		},
		"another user with a broken element names the victim": {
			attack: func(t *testing.T, o *dispute.Outcome, victim, other *person) {
				own := *other
				own.cert = victim.cert
				own.keys.X.User = hash(victim.user.public)
				own.signAccount(t) // with his own PK_U and his own element
				own.signBINFO(t)
				o.Bank.Chain = chainOf(&own)
			},
			seal: true, want: dispute.ErrAccount,
		},
		"host uses a roll for another card key": {
			attack: func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				own := *victim
				own.card = newSigner(t) // the host's
				o.Subject = w.pay(t, &own)
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			},
			seal: true, want: dispute.ErrRoll,
		},
		"bank opens alone": {
			attack: func(t *testing.T, o *dispute.Outcome, _, _ *person) {
				o.TSM.Entry.Signature = w.bank.sign(t, o.TSM.Entry.Sum())
			},
			want: dispute.ErrOpening,
		},
		"TSM opens alone": {
			attack: func(t *testing.T, o *dispute.Outcome, _, _ *person) {
				o.Bank.Entry.Signature = w.tsm.sign(t, o.Bank.Entry.Sum())
			},
			want: dispute.ErrOpening,
		},
		"somebody else collects the openings": {
			attack: func(t *testing.T, o *dispute.Outcome, _, _ *person) {
				o.Bank.Entry.Judge = message.NewPartyID("JDG00002")
				o.Bank.Entry.Signature = w.bank.sign(t, o.Bank.Entry.Sum())
			},
			want: dispute.ErrOpening,
		},
		"the payment is older than its funding allows": {
			attack: func(t *testing.T, o *dispute.Outcome, _, other *person) {
				own := *other
				own.binfo.Funding.Expiry = epoch - 1
				own.signBINFO(t)
				o.Bank.Chain = chainOf(&own)
			},
			seal: true, want: dispute.ErrBINFO,
		},
	}
	for name, test := range attacks {
		t.Run(name, func(t *testing.T) {
			victim, other := w.enrol(t, "victim"), w.enrol(t, "other")
			o := w.open(t, w.pay(t, other), other)
			test.attack(t, &o, victim, other)
			if test.seal {
				w.seal(t, &o)
			}
			verdict, err := o.Verify(w.ca.public)
			if !errors.Is(err, test.want) {
				t.Errorf("got %v, want %v", err, test.want)
			}
			if verdict != (dispute.Verdict{}) {
				t.Errorf("a refused outcome names %s", verdict.User)
			}
		})
	}
}

func TestOutcomeNamesWhoSigned(t *testing.T) {
	w := newWorld(t)
	p := w.enrol(t, "alice")
	pay := w.pay(t, p)
	verdict, err := w.open(t, pay, p).Verify(w.ca.public)
	check(t, err)
	if verdict.User != p.id || verdict.Bank != bankID || verdict.Subject != pay.Sum() {
		t.Errorf("got %+v", verdict)
	}
}

func TestSumLeavesSignaturesOut(t *testing.T) {
	w := newWorld(t)
	p := w.enrol(t, "alice")
	pay := w.pay(t, p)
	again := w.pay(t, p) // signed anew
	if pay.Signed == again.Signed || pay.Sum() != again.Sum() {
		t.Error("the same payment, signed twice, has two identities")
	}
}

// alter changes the payment that an outcome is of.
func alter(o *dispute.Outcome, change func(*dispute.Payment)) {
	p, _ := o.Subject.(dispute.Payment)
	change(&p)
	o.Subject = p
}

func chainOf(p *person) dispute.BankChain {
	return dispute.BankChain{
		BINFO: p.binfo, Keys: p.keys, Transcript: p.th,
		User: [wire.CertificateLen]byte(p.cert.Encode()),
	}
}
