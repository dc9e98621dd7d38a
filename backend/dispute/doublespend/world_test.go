package doublespend_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
)

// signer is a key pair.
type signer struct {
	key    *ecdsa.PrivateKey
	public message.PublicKey
}

func newSigner(t testing.TB) signer {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	public, err := message.NewPublicKey(&key.PublicKey)
	check(t, err)
	return signer{key, public}
}

func (s signer) sign(t testing.TB, digest message.Hash) message.Signature {
	t.Helper()
	sig, err := message.Sign(s.key, digest)
	check(t, err)
	return sig
}

// world is one token, with the keys of both who sign about it.
type world struct {
	tsm, se signer
	chain   token.Chain
	token   message.Token
}

// newWorld makes a token of n units of 0.05.
func newWorld(t testing.TB, n int) world {
	t.Helper()
	w := world{tsm: newSigner(t), se: newSigner(t)}
	var err error
	w.chain, err = token.NewChain([]byte("an element's own key"), token.Seed{1}, w.se.public, n)
	check(t, err)
	w.token = message.Token{Fields: message.TokenFields{
		Version: message.TokenVersion, Issuer: message.NewPartyID("TSM00001"), Epoch: 2972, Unit: 5,
		Length: uint8(n), Key: w.se.public, Root: w.chain.Root(),
		Policy: message.TokenPolicy{Currency: [2]byte{0x09, 0x78}},
	}}
	w.issue(t)
	return w
}

// issue has the TSM sign the token.
func (w *world) issue(t testing.TB) {
	t.Helper()
	w.token.Signature = w.tsm.sign(t, w.token.ID())
}

// spend is a payment of the units from+1 to to; un tells one from another.
func (w world) spend(t testing.TB, from, to uint8, un byte) doublespend.Spend {
	t.Helper()
	s := doublespend.Spend{Spend: message.Spend{
		Token: w.token.ID(), From: from, To: to, Merchant: [wire.MerchantLen]byte{'M', un},
		Currency: w.token.Fields.Policy.Currency, UN: [wire.UNLen]byte{un},
	}}
	worth := max(0, int(to)-int(from)) * int(w.token.Fields.Unit)
	var err error
	s.Amount, err = emv.N12(uint64(worth))
	check(t, err)
	s.Signature = w.se.sign(t, s.Digest())
	return s
}

// meter is a commitment to the units from+1 to most, of which to was ticked last.
func (w world) meter(t testing.TB, from, most, to uint8, un byte) doublespend.Meter {
	t.Helper()
	m := doublespend.Meter{To: to, Meter: message.Meter{
		Token: w.token.ID(), From: from, Max: most, Merchant: [wire.MerchantLen]byte{'M', un},
		Unit: w.token.Fields.Unit, Currency: w.token.Fields.Policy.Currency,
		UN: [wire.UNLen]byte{un},
	}}
	if to >= 1 && to <= w.token.Fields.Length {
		var err error
		m.Value, _, err = w.chain.Value(int(to))
		check(t, err)
	}
	m.Signature = w.se.sign(t, m.Digest())
	return m
}

// close is a close at an index.
func (w world) close(t testing.TB, at uint8) doublespend.Close {
	t.Helper()
	c := doublespend.Close{TokenClose: message.TokenClose{Token: w.token.ID(), At: at}}
	c.Signature = w.se.sign(t, c.Digest())
	return c
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
