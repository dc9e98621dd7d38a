package payout_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/payout"
	"tapbench/backend/payout/payouttest"
)

// TestOpenRefuses: each batch that is wrong as a whole is refused by name.
func TestOpenRefuses(t *testing.T) {
	w := newWorld(t)
	a, b := w.element.Spend(t, w.terms(1), 0, 25), w.element.Spend(t, w.terms(2), 25, 30)
	stranger := payouttest.NewMerchant(t, payouttest.NewKey(t), "MRC00001-SHOP")
	for _, row := range []struct {
		name   string
		change func(q *api.PayoutRequest)
		want   error
	}{
		{"no certificate", func(q *api.PayoutRequest) { q.Certificate = nil }, payout.ErrMalformed},
		{"no payout", func(q *api.PayoutRequest) { q.Payout = nil }, payout.ErrMalformed},
		{"a payout cut short", func(q *api.PayoutRequest) {
			q.Payout = q.Payout[:len(q.Payout)-1]
		}, payout.ErrMalformed},
		{"a claim as a payout", func(q *api.PayoutRequest) { q.Payout = a }, payout.ErrMalformed},
		{"no claim", func(q *api.PayoutRequest) { *q = w.shop.Batch(t) }, payout.ErrEmpty},
		{"a million claims", func(q *api.PayoutRequest) {
			w.head(t, q, func(m *message.Payout) { m.Count = 1_000_000 })
		}, payout.ErrTooMany},
		{"one claim too many", func(q *api.PayoutRequest) {
			w.head(t, q, func(m *message.Payout) { m.Count = api.MaxClaims + 1 })
		}, payout.ErrTooMany},
		{"for another TSM", func(q *api.PayoutRequest) {
			w.head(t, q, func(m *message.Payout) { m.TSM[0] ^= 1 })
		}, payout.ErrAddressee},
		{"of another merchant", func(q *api.PayoutRequest) {
			w.head(t, q, func(m *message.Payout) { m.Merchant = w.other.ID })
		}, payout.ErrMerchant},
		{"another merchant's certificate", func(q *api.PayoutRequest) {
			q.Certificate = w.other.Certificate.Encode()
		}, payout.ErrMerchant},
		{"another certificate of the merchant", func(q *api.PayoutRequest) {
			w.head(t, q, func(m *message.Payout) { m.Certificate[0] ^= 1 })
		}, payout.ErrMerchant},
		{"in another order", func(q *api.PayoutRequest) {
			q.Claims = bytes.Join([][]byte{b, a}, nil)
		}, payout.ErrClaims},
		{"a claim left out", func(q *api.PayoutRequest) { q.Claims = a }, payout.ErrClaims},
		{"a bit flipped in a claim", func(q *api.PayoutRequest) { q.Claims[40] ^= 1 }, payout.ErrClaims},
		{"certified by nobody", func(q *api.PayoutRequest) {
			*q = stranger.Batch(t, a, b)
		}, payout.ErrCertificate},
		{"a bank's certificate", func(q *api.PayoutRequest) {
			bank := w.shop
			bank.Certificate.Type = wire.CertBankSign
			*q = bank.Batch(t, a, b)
		}, payout.ErrCertificate},
		{"signed by another key", func(q *api.PayoutRequest) {
			m := w.shop.Payout(t, a, b)
			m.Signature = w.other.Key.Sign(t, m.Digest())
			q.Payout = message.Encode(wire.SigPayout, m)
		}, payout.ErrSignature},
		{"another number than was signed", func(q *api.PayoutRequest) {
			m := w.shop.Payout(t, a, b)
			m.Sequence++
			q.Payout = message.Encode(wire.SigPayout, m)
		}, payout.ErrSignature},
		{"cut short and signed so", func(q *api.PayoutRequest) {
			w.claims(t, q, 2, q.Claims[:len(q.Claims)-1])
		}, payout.ErrMalformed},
		{"fewer claims than it says", func(q *api.PayoutRequest) {
			w.claims(t, q, 3, q.Claims)
		}, payout.ErrMalformed},
		{"more claims than it says", func(q *api.PayoutRequest) {
			w.claims(t, q, 1, q.Claims)
		}, payout.ErrMalformed},
		{"something else as a claim", func(q *api.PayoutRequest) {
			w.claims(t, q, 1, message.Encode(wire.SigSpend, message.Spend{}))
		}, payout.ErrMalformed},
		{"another label", func(q *api.PayoutRequest) {
			bent := bytes.Clone(a)
			bent[1] ^= 1
			w.claims(t, q, 1, bent)
		}, payout.ErrMalformed},
	} {
		t.Run(row.name, func(t *testing.T) {
			q := w.shop.Batch(t, a, b)
			row.change(&q)
			got, err := payout.Open(q, payouttest.TSM(), w.ca.Public)
			if !errors.Is(err, row.want) || len(got.Claims) > 0 {
				t.Errorf("got %d claims, %v, want %v", len(got.Claims), err, row.want)
			}
		})
	}
}

// head signs a batch's head anew after a change.
func (w world) head(t *testing.T, q *api.PayoutRequest, change func(*message.Payout)) {
	t.Helper()
	m, err := message.Decode[message.Payout](wire.SigPayout, q.Payout)
	check(t, err)
	change(&m)
	m.Signature = w.shop.Key.Sign(t, m.Digest())
	q.Payout = message.Encode(wire.SigPayout, m)
}

// claims puts other claims into a batch and signs it so.
func (w world) claims(t *testing.T, q *api.PayoutRequest, count uint32, raw []byte) {
	t.Helper()
	q.Claims = raw
	w.head(t, q, func(m *message.Payout) { m.Count, m.Claims = count, sha256.Sum256(raw) })
}

// TestOpen: a batch under a certificate that has expired is read as it was signed.
func TestOpen(t *testing.T) {
	w := newWorld(t)
	spend, meter := w.element.Spend(t, w.terms(1), 0, 25), w.element.Meter(t, w.terms(2), 25, 60, 40)
	got, err := payout.Open(w.shop.Batch(t, spend, meter), payouttest.TSM(), w.ca.Public)
	check(t, err)
	for i, c := range got.Claims {
		if refused := c.Check(got); refused != nil {
			t.Errorf("claim %d: %v", i, refused)
		}
	}
	digest := w.shop.Payout(t, spend, meter).Digest()
	want := payout.Batch{
		Merchant: w.shop.ID, Party: message.NewPartyID("MRC00001"),
		Certificate: w.shop.Certificate.Sum(), Digest: digest, Sequence: 1,
	}
	ignored := cmpopts.IgnoreFields(payout.Batch{}, "Claims")
	if diff := cmp.Diff(want, got, ignored); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	if c := got.Claims[1]; c.Worth() != 75 || !c.Metered() || c.Statement.To != 60 || c.To != 40 {
		t.Errorf("a metering claim is %+v", c)
	}
}
