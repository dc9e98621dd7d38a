package dispute_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/doublespend"
)

// purse is a token with all that can sign for it.
type purse struct {
	key   signer
	chain token.Chain
	token message.Token
}

// issue makes a token of 20 x 0.05 for a person, who rolls it.
func (w world) issue(t *testing.T, p *person) purse {
	t.Helper()
	c := purse{key: newSigner(t)}
	var err error
	c.chain, err = token.NewChain([]byte("an element's own key"), token.Seed{1}, c.key.public, 20)
	check(t, err)
	c.token.Fields = message.TokenFields{
		Version: message.TokenVersion, Issuer: tsmID, Epoch: epoch, Unit: 5, Length: 20,
		Key: c.key.public, Root: c.chain.Root(),
		Policy: message.TokenPolicy{Currency: [2]byte{0x09, 0x78}},
	}
	c.token.Signature = w.tsm.sign(t, c.token.ID())
	p.chain.Roll = p.rollToken(t, c.token)
	return c
}

// rollToken signs for a token with the TSM account's key.
func (p *person) rollToken(t *testing.T, k message.Token) message.Signature {
	t.Helper()
	th := message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, tsmID)
	key := message.TokenKey{
		TSM: tsmID, TID: message.NewTID(p.tid.public, p.kem), Key: k.Fields.Key, Root: k.Fields.Root,
		Unit: k.Fields.Unit,
	}
	return p.tid.sign(t, key.Digest(wire.MsgTokenRoll, th))
}

// paid is a payment of the units from+1 to to; un tells one from another.
func (c purse) paid(t *testing.T, from, to uint8, un byte) dispute.OfflinePayment {
	t.Helper()
	amount, err := emv.N12(uint64(to-from) * 5)
	check(t, err)
	s := doublespend.Spend{Spend: message.Spend{
		Token: c.token.ID(), From: from, To: to, Amount: amount, UN: [wire.UNLen]byte{un},
		Currency: c.token.Fields.Policy.Currency, Merchant: [wire.MerchantLen]byte{'M', un},
		Time: uint32(epoch.End().Unix()) - 1,
	}}
	s.Signature = c.key.sign(t, s.Digest())
	return dispute.OfflinePayment{Token: c.token, Taken: s}
}

// metered is a commitment to the units from+1 to most, of which to was ticked last.
func (c purse) metered(t *testing.T, from, most, to uint8, un byte) dispute.OfflinePayment {
	t.Helper()
	m := doublespend.Meter{To: to, Meter: message.Meter{
		Token: c.token.ID(), From: from, Max: most, Unit: 5, UN: [wire.UNLen]byte{un},
		Currency: c.token.Fields.Policy.Currency, Merchant: [wire.MerchantLen]byte{'M', un},
		Time: uint32(epoch.End().Unix()) - 1,
	}}
	var err error
	m.Value, _, err = c.chain.Value(int(to))
	check(t, err)
	m.Signature = c.key.sign(t, m.Digest())
	return dispute.OfflinePayment{Token: c.token, Taken: m}
}

// twice is evidence of two payments.
func (c purse) twice(a, b dispute.OfflinePayment) dispute.DoubleSpend {
	return dispute.DoubleSpend{Evidence: doublespend.New(c.token, a.Taken, b.Taken)}
}

// Everybody's attack on the victim with tokens: his own keys in hand, and what the victim sent him.
func TestTokenFramesNobody(t *testing.T) {
	w := newWorld(t)
	attacks := map[string]struct {
		attack func(t *testing.T, o *dispute.Outcome, victim, other *person)
		want   error
	}{
		"TSM signs two spends with a key of its own and opens them to the victim": {
			func(_ *testing.T, o *dispute.Outcome, victim, _ *person) {
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			}, dispute.ErrRoll,
		},
		"TSM gives the victim's key another chain": {
			func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				c := w.issue(t, victim)
				other := w.issue(t, victim)
				victim.chain.Roll = victim.rollToken(t, c.token)
				c.token.Fields.Root = other.token.Fields.Root
				c.token.Signature = w.tsm.sign(t, c.token.ID())
				o.Subject = c.twice(c.paid(t, 2, 7, 1), c.paid(t, 2, 7, 2))
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			}, dispute.ErrRoll,
		},
		"TSM gives the victim's token another class": {
			func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				c := w.issue(t, victim)
				victim.chain.Roll = victim.rollToken(t, c.token)
				c.token.Fields.Unit = 1
				c.token.Signature = w.tsm.sign(t, c.token.ID())
				o.Subject = dispute.OfflinePayment{Token: c.token, Taken: cheap(t, c)}
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			}, dispute.ErrRoll,
		},
		"TSM takes a card's roll for a token's": {
			func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				c := w.issue(t, victim)
				victim.card.public = c.key.public
				victim.roll(t)
				o.Subject = c.twice(c.paid(t, 2, 7, 1), c.paid(t, 2, 7, 2))
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			}, dispute.ErrRoll,
		},
		"merchant shows one payment twice": {
			func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				c := w.issue(t, victim)
				o.Subject = c.twice(c.paid(t, 2, 7, 1), c.paid(t, 2, 7, 1))
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			}, doublespend.ErrSame,
		},
		"merchant issues a token": {
			func(t *testing.T, o *dispute.Outcome, victim, _ *person) {
				own := w
				own.tsm = newSigner(t)
				c := own.issue(t, victim)
				o.Subject = c.twice(c.paid(t, 2, 7, 1), c.paid(t, 2, 7, 2))
				o.TSM.Chain, o.Bank.Chain = victim.chain, chainOf(victim)
			}, doublespend.ErrIssuer,
		},
		"another TSM issues a token in this one's name": {
			func(t *testing.T, o *dispute.Outcome, _, _ *person) {
				own := newSigner(t)
				o.TSM.Certificate = w.ca.certify(t, wire.CertTSMSign,
					message.PartySubject(message.NewPartyID("TSM00002")), own.public)
			}, doublespend.ErrIssuer,
		},
		"the opening is of one of the two payments": {
			func(_ *testing.T, o *dispute.Outcome, _, _ *person) {
				d, _ := o.Subject.(dispute.DoubleSpend)
				o.TSM.Entry.Subject = d.A.Digest()
			}, dispute.ErrOpening,
		},
		"the funding ends before the token": {
			func(t *testing.T, o *dispute.Outcome, _, other *person) {
				own := *other
				own.binfo.Funding.Expiry = epoch - 1
				own.signBINFO(t)
				o.Bank.Chain = chainOf(&own)
			}, dispute.ErrBINFO,
		},
		"nothing is disputed": {
			func(_ *testing.T, o *dispute.Outcome, _, _ *person) { o.Subject = nil }, dispute.ErrFormat,
		},
	}
	for name, test := range attacks {
		t.Run(name, func(t *testing.T) {
			victim, other := w.enrol(t, "victim"), w.enrol(t, "other")
			w.issue(t, victim)
			c := w.issue(t, other)
			o := w.open(t, c.twice(c.paid(t, 2, 7, 1), c.metered(t, 5, 9, 6, 2)), other)
			test.attack(t, &o, victim, other)
			if !errors.Is(test.want, dispute.ErrOpening) && o.Subject != nil {
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

// cheap is a payment of five units of 0.01.
func cheap(t *testing.T, c purse) doublespend.Spend {
	t.Helper()
	s, _ := c.paid(t, 2, 7, 1).Taken.(doublespend.Spend)
	var err error
	s.Amount, err = emv.N12(5)
	check(t, err)
	s.Token = c.token.ID()
	s.Signature = c.key.sign(t, s.Digest())
	return s
}

// TestTokenNamesWhoSigned: a payment, metering and a double spend lead to the person.
func TestTokenNamesWhoSigned(t *testing.T) {
	w := newWorld(t)
	p := w.enrol(t, "alice")
	c := w.issue(t, p)
	paid, metered := c.paid(t, 2, 7, 1), c.metered(t, 5, 9, 6, 2)
	for name, subject := range map[string]dispute.Subject{
		"payment": paid, "metering": metered, "double spend": c.twice(paid, metered),
	} {
		verdict, err := w.open(t, subject, p).Verify(w.ca.public)
		if err != nil || verdict.User != p.id || verdict.Subject != subject.Sum() {
			t.Errorf("%s: %+v, %v", name, verdict, err)
		}
	}
}

func TestOfflinePaymentRefused(t *testing.T) {
	w := newWorld(t)
	p := w.enrol(t, "alice")
	c := w.issue(t, p)
	late, _ := c.paid(t, 2, 7, 1).Taken.(doublespend.Spend)
	late.Time++
	late.Signature = c.key.sign(t, late.Digest())
	bent := c.paid(t, 2, 7, 1)
	bent.Token.Fields.Length++
	closed := doublespend.Close{TokenClose: message.TokenClose{Token: c.token.ID(), At: 3}}
	closed.Signature = c.key.sign(t, closed.Digest())
	for _, row := range []struct {
		name string
		paid dispute.OfflinePayment
		want error
	}{
		{"another token", bent, doublespend.ErrIssuer},
		{"interval past the end", c.paid(t, 2, 21, 1), doublespend.ErrInterval},
		{
			"expired by the terminal's clock",
			dispute.OfflinePayment{Token: c.token, Taken: late},
			dispute.ErrPayment,
		},
		{"a close", dispute.OfflinePayment{Token: c.token, Taken: closed}, dispute.ErrPayment},
	} {
		if err := row.paid.Verify(w.tsm.public); !errors.Is(err, row.want) {
			t.Errorf("%s: %v, want %v", row.name, err, row.want)
		}
	}
	check(t, c.paid(t, 2, 7, 1).Verify(w.tsm.public))
}

func TestDecodeSubject(t *testing.T) {
	w := newWorld(t)
	p := w.enrol(t, "alice")
	c := w.issue(t, p)
	paid, metered := c.paid(t, 2, 7, 1), c.metered(t, 5, 9, 6, 2)
	for name, want := range map[string]dispute.Subject{
		"card": w.pay(t, p), "spend": paid, "meter": metered, "twice": c.twice(paid, metered),
	} {
		raw := want.Encode()
		got, err := dispute.DecodeSubject(raw)
		check(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		for cut := range raw {
			if _, err := dispute.DecodeSubject(raw[:cut]); !errors.Is(err, dispute.ErrFormat) {
				t.Fatalf("%s: cut off at byte %d: %v", name, cut, err)
			}
		}
		other := append([]byte{0x71}, raw[1:]...)
		if _, err := dispute.DecodeSubject(other); !errors.Is(err, dispute.ErrFormat) {
			t.Errorf("%s as an opening: %v", name, err)
		}
	}
}

// TestDoubleSpendingInOrder: a file in which the statements are swapped, or one is left out, isn't
// read.
func TestDoubleSpendingInOrder(t *testing.T) {
	w := newWorld(t)
	c := w.issue(t, w.enrol(t, "alice"))
	var file bytes.Buffer
	d := c.twice(c.paid(t, 2, 7, 1), c.paid(t, 2, 7, 2))
	check(t, dispute.File{Subject: d}.Write(&file))
	swap := strings.NewReplacer(`"a":`, `"b":`, `"b":`, `"a":`).Replace(file.String())
	for name, text := range map[string]string{
		"swapped": swap, "without one": strings.Replace(file.String(), `"b":`, `"a":`, 1),
	} {
		if _, err := dispute.Read(strings.NewReader(text)); !errors.Is(err, dispute.ErrFormat) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDecodeSubject: what decodes encodes to the same bytes, and its identity doesn't panic.
func FuzzDecodeSubject(f *testing.F) {
	f.Add(message.Encode(wire.MsgDisputed, dispute.Payment{}))
	f.Add(message.Encode(wire.MsgSpendClaim, message.SpendClaim{}))
	f.Add(message.Encode(wire.MsgMeterClaim, message.MeterClaim{}))
	f.Add(doublespend.New(message.Token{}, doublespend.Spend{}, doublespend.Close{}).Encode())
	f.Fuzz(func(t *testing.T, raw []byte) {
		s, err := dispute.DecodeSubject(raw)
		if err != nil {
			if !errors.Is(err, dispute.ErrFormat) {
				t.Errorf("without a name: %v", err)
			}
			return
		}
		if !bytes.Equal(s.Encode(), raw) {
			t.Errorf("%x encodes to %x", raw, s.Encode())
		}
		if s.VerifyIssued(message.PublicKey{}, message.Certificate{}) == nil {
			t.Errorf("%x verifies by no key", s.Sum())
		}
	})
}
