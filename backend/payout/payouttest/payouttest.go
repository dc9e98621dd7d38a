package payouttest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/money"
)

// TSM is the TSM of [Fields].
func TSM() message.PartyID { return message.NewPartyID("TSM00001") }

// Key is a key pair.
type Key struct {
	Private *ecdsa.PrivateKey
	Public  message.PublicKey
}

// NewKey draws a key pair.
func NewKey(t testing.TB) Key {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	public, err := message.NewPublicKey(&private.PublicKey)
	check(t, err)
	return Key{private, public}
}

// Sign signs a digest.
func (k Key) Sign(t testing.TB, digest message.Hash) message.Signature {
	t.Helper()
	sig, err := message.Sign(k.Private, digest)
	check(t, err)
	return sig
}

// Merchant is a merchant with its compact certificate.
type Merchant struct {
	ID          [wire.MerchantLen]byte
	Key         Key
	Certificate message.Certificate
}

// NewMerchant has a CA certify a merchant of a name of at most 15 characters. The certificate
// expires at the end of epoch 1: what is claimed under it stays payable.
func NewMerchant(t testing.TB, ca Key, name string) Merchant {
	t.Helper()
	m := Merchant{Key: NewKey(t), ID: [wire.MerchantLen]byte([]byte("               "))}
	copy(m.ID[:], name)
	var err error
	m.Certificate, err = message.IssueCertificate(ca.Private, message.Certificate{
		Type: wire.CertMerchant, Issuer: message.NewPartyID("CA"),
		Subject: message.MerchantSubject(m.ID), Key: m.Key.Public, Expiry: 1,
	})
	check(t, err)
	return m
}

// Party is with whom the TSM has an account.
func (m Merchant) Party() message.PartyID { return message.PartyID(m.ID[:wire.PartyIDLen]) }

// Payout is the signed head of a batch of claims.
func (m Merchant) Payout(t testing.TB, claims ...[]byte) message.Payout {
	t.Helper()
	p := message.Payout{
		TSM: TSM(), Merchant: m.ID, Certificate: m.Certificate.Sum(), Sequence: 1,
		Count:  uint32(len(claims)), //nolint:gosec // in memory
		Claims: sha256.Sum256(join(claims)),
	}
	p.Signature = m.Key.Sign(t, p.Digest())
	return p
}

// Batch is a request for claims, each encoded.
func (m Merchant) Batch(t testing.TB, claims ...[]byte) api.PayoutRequest {
	t.Helper()
	return api.PayoutRequest{
		Certificate: m.Certificate.Encode(), Claims: join(claims),
		Payout: message.Encode(wire.SigPayout, m.Payout(t, claims...)),
	}
}

func join(claims [][]byte) (all []byte) {
	for _, c := range claims {
		all = append(all, c...)
	}
	return all
}

// Terms is what a terminal asks an element to pay under.
type Terms struct {
	Merchant    [wire.MerchantLen]byte
	Certificate message.Hash
	Time        uint32
	UN          byte
}

// Terms are the merchant's own, with a number that tells one tap from another.
func (m Merchant) Terms(at time.Time, un byte) Terms {
	return Terms{m.ID, m.Certificate.Sum(), uint32(at.Unix()), un} //nolint:gosec // until 2106
}

// Element is an element with one token.
type Element struct {
	Key   Key
	Chain token.Chain
	Token message.Token
}

// Fields are those of a token of [TSM], in euros; [NewElement] adds key and root.
func Fields(unit, length uint8, epoch message.Epoch) message.TokenFields {
	return message.TokenFields{
		Version: message.TokenVersion, Issuer: TSM(), Epoch: epoch, Unit: unit, Length: length,
		Policy: message.TokenPolicy{
			Currency: money.EUR.N3(), PerTap: 5000, PerToken: uint16(unit) * uint16(length),
			Offline: 20000, Taps: 250, Grace: 1,
		},
	}
}

// NewElement makes a token's key and chain, and has the TSM sign the token.
func NewElement(t testing.TB, tsm Key, f message.TokenFields) Element {
	t.Helper()
	e := Element{Key: NewKey(t)}
	var err error
	e.Chain, err = token.NewChain([]byte("K_SE"), token.Seed{}, e.Key.Public, int(f.Length))
	check(t, err)
	f.Key, f.Root = e.Key.Public, e.Chain.Root()
	e.Token.Fields = f
	e.Token.Signature = tsm.Sign(t, e.Token.ID())
	return e
}

// Spend signs a payment of the units from+1 to to, and returns the claim, encoded. Each change is
// made before the element signs.
func (e Element) Spend(
	t testing.TB, m Terms, from, to uint8, changes ...func(*message.Spend),
) []byte {
	t.Helper()
	f := e.Token.Fields
	s := message.Spend{
		Token: e.Token.ID(), From: from, To: to, Merchant: m.Merchant, Certificate: m.Certificate,
		Currency: f.Policy.Currency, Time: m.Time, UN: [wire.UNLen]byte{m.UN},
	}
	units := token.Interval{From: from, To: to}.Units()
	var err error
	s.Amount, err = emv.N12(uint64(units) * uint64(f.Unit)) //nolint:gosec // not negative
	check(t, err)
	for _, change := range changes {
		change(&s)
	}
	return message.Encode(wire.MsgSpendClaim, message.SpendClaim{
		Token: e.Token, Spend: s, Signature: e.Key.Sign(t, s.Digest()),
	})
}

// Meter signs a commitment to the units from+1 to most, and returns the claim for those up to to,
// encoded. Each change is made before the element signs.
func (e Element) Meter(
	t testing.TB, m Terms, from, most, to uint8, changes ...func(*message.Meter),
) []byte {
	t.Helper()
	f := e.Token.Fields
	s := message.Meter{
		Token: e.Token.ID(), From: from, Max: most, Merchant: m.Merchant, Certificate: m.Certificate,
		Unit: f.Unit, Currency: f.Policy.Currency, Time: m.Time, UN: [wire.UNLen]byte{m.UN},
	}
	for _, change := range changes {
		change(&s)
	}
	value, _, err := e.Chain.Value(max(1, min(int(to), int(f.Length))))
	check(t, err)
	return message.Encode(wire.MsgMeterClaim, message.MeterClaim{
		Token: e.Token, Meter: s, Signature: e.Key.Sign(t, s.Digest()), To: to, Value: value,
	})
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
