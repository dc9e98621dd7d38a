package payout_test

import (
	"bytes"
	"crypto/elliptic"
	"math/big"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/payout"
	"tapbench/backend/payout/payouttest"
)

// one opens a batch of one claim.
func (w world) one(t testing.TB, claim []byte) payout.Batch {
	t.Helper()
	b, err := payout.Open(w.shop.Batch(t, claim), payouttest.TSM(), w.ca.Public)
	check(t, err)
	return b
}

// late is the first second after the tokens' last epoch.
func late() uint32 { return uint32(epoch.End().Unix()) }

// TestCheckRefuses: each claim that is wrong by itself is refused by name.
func TestCheckRefuses(t *testing.T) {
	w := newWorld(t)
	e, at := w.element, w.terms(1)
	type spend = func(*message.Spend)
	type meter = func(*message.Meter)
	for _, row := range []struct {
		name  string
		claim []byte
		want  api.ClaimRefusal
	}{
		{"another merchant's", e.Spend(t, w.other.Terms(now(), 1), 0, 25), api.ClaimMerchant},
		{"to another certificate", e.Spend(t, at, 0, 25, func(s *message.Spend) {
			s.Certificate[0] ^= 1
		}), api.ClaimCertificate},
		{"of another token", e.Spend(t, at, 0, 25, spend(func(s *message.Spend) {
			s.Token[0] ^= 1
		})), api.ClaimToken},
		{"no unit", e.Spend(t, at, 25, 25), api.ClaimInterval},
		{"reversed", e.Spend(t, at, 25, 5), api.ClaimInterval},
		{"past the end", e.Spend(t, at, 90, 101), api.ClaimInterval},
		{"another currency", e.Spend(t, at, 0, 25, func(s *message.Spend) {
			s.Currency[1] ^= 1
		}), api.ClaimCurrency},
		{"a cent more", e.Spend(t, at, 0, 25, func(s *message.Spend) {
			s.Amount[5]++
		}), api.ClaimAmount},
		{"an amount that isn't BCD", e.Spend(t, at, 0, 25, func(s *message.Spend) {
			s.Amount[5] = 0xAA
		}), api.ClaimAmount},
		{"a week early", e.Spend(t, at, 0, 25, func(s *message.Spend) {
			s.Time = uint32(now().Add(-message.EpochLength - payout.Skew).Unix())
		}), api.ClaimTime},
		{"decades early", e.Spend(t, at, 0, 25, func(s *message.Spend) { s.Time = 0 }), api.ClaimTime},
		{"a second late", e.Spend(t, at, 0, 25, func(s *message.Spend) {
			s.Time = late()
		}), api.ClaimTime},
		{"decades late", e.Spend(t, at, 0, 25, func(s *message.Spend) {
			s.Time = 1<<32 - 1
		}), api.ClaimTime},
		{"signed by another key", w.forged(t), api.ClaimSignature},
		{"a high s", malleated(t, e.Spend(t, at, 0, 25)), api.ClaimSignature},
		{"no tick", e.Meter(t, at, 0, 25, 0), api.ClaimInterval},
		{"a tick past the commitment", e.Meter(t, at, 0, 25, 26), api.ClaimInterval},
		{"a tick before the commitment", e.Meter(t, at, 5, 25, 4), api.ClaimInterval},
		{"a commitment past the end", e.Meter(t, at, 0, 101, 5), api.ClaimInterval},
		{"a commitment to another unit", e.Meter(t, at, 0, 25, 5, meter(func(m *message.Meter) {
			m.Unit = 50
		})), api.ClaimAmount},
		{"one tick more than was shown", w.overstated(t), api.ClaimChain},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := w.one(t, row.claim)
			if got := b.Claims[0].Check(b); got == nil || got.Code != row.want || len(got.Reason) > 255 {
				t.Errorf("got %v, want %s", got, row.want)
			}
		})
	}
}

// forged is a claim with another element's signature.
func (w world) forged(t *testing.T) []byte {
	t.Helper()
	mine := w.element
	mine.Key = payouttest.NewKey(t)
	return mine.Spend(t, w.terms(1), 0, 25)
}

// overstated is a metering claim with the value of the tick before.
func (w world) overstated(t *testing.T) []byte {
	t.Helper()
	claim := w.element.Meter(t, w.terms(1), 0, 25, 5)
	m, err := message.Decode[message.MeterClaim](wire.MsgMeterClaim, claim)
	check(t, err)
	m.To++
	return message.Encode(wire.MsgMeterClaim, m)
}

// malleated replaces s by n-s in a spend claim's signature.
func malleated(t testing.TB, claim []byte) []byte {
	t.Helper()
	out := bytes.Clone(claim)
	s := out[len(out)-wire.SignatureLen/2:]
	new(big.Int).Sub(elliptic.P256().Params().N, new(big.Int).SetBytes(s)).FillBytes(s)
	return out
}

// TestCheckTime: the first and the last second in which a token can have been shown.
func TestCheckTime(t *testing.T) {
	w := newWorld(t)
	first := epoch.End().Add(-2*message.EpochLength - payout.Skew)
	for _, at := range []time.Time{first, epoch.End().Add(-time.Second)} {
		b := w.one(t, w.element.Spend(t, w.shop.Terms(at, 1), 0, 25))
		if got := b.Claims[0].Check(b); got != nil {
			t.Errorf("at %s: %v", at, got)
		}
	}
}

// TestKey: what a claim is known by is what was signed, whatever the signature.
func TestKey(t *testing.T) {
	w := newWorld(t)
	claim := w.element.Spend(t, w.terms(1), 0, 25)
	first, again := w.one(t, claim).Claims[0], w.one(t, w.element.Spend(t, w.terms(1), 0, 25)).Claims[0]
	bent := w.one(t, malleated(t, claim)).Claims[0]
	if first.Key != again.Key || first.Key != bent.Key || bytes.Equal(first.Raw, again.Raw) {
		t.Error("a second signature makes a second claim")
	}
	meter := func(to uint8) message.Hash {
		return w.one(t, w.element.Meter(t, w.terms(1), 0, 25, to)).Claims[0].Key
	}
	if meter(5) != meter(6) {
		t.Error("each tick makes a claim")
	}
}

// FuzzClaim: what is read is what package message reads, keys and proofs among it.
func FuzzClaim(f *testing.F) {
	w := newWorld(f)
	f.Add(w.element.Spend(f, w.terms(1), 0, 25))
	f.Add(w.element.Meter(f, w.terms(1), 0, 25, 5))
	f.Fuzz(func(t *testing.T, raw []byte) {
		b, err := payout.Open(w.shop.Batch(t, raw), payouttest.TSM(), w.ca.Public)
		if err != nil {
			return
		}
		c := b.Claims[0]
		var key, id message.Hash
		if m, err := message.Decode[message.SpendClaim](wire.MsgSpendClaim, raw); err == nil {
			key, id = m.Spend.Digest(), m.Token.ID()
		} else {
			m, err := message.Decode[message.MeterClaim](wire.MsgMeterClaim, raw)
			check(t, err)
			key, id = m.Meter.Digest(), m.Token.ID()
		}
		if c.Key != key || c.Token != id {
			t.Errorf("key %x of token %x, want %x of %x", c.Key, c.Token, key, id)
		}
		s, err := doublespend.DecodeStatement(c.Proof())
		check(t, err)
		if s.Digest() != key {
			t.Error("the proof is of another statement")
		}
	})
}
