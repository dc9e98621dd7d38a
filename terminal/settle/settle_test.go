package settle_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"path/filepath"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/terminal/claims"
	"tapbench/terminal/claims/claimstest"
	"tapbench/terminal/settle"
)

// desk is a TSM that pays what its test says.
type desk struct {
	t        *testing.T
	key      message.PublicKey
	requests []message.Payout
	sent     [][]byte
	answer   func(all []byte) (api.PayoutResponse, error)
}

func (d *desk) Post(_ context.Context, path string, request, answer any) error {
	q, ok := request.(api.PayoutRequest)
	if !ok || path != api.PathPayout {
		d.t.Fatalf("asked for %s with %T", path, request)
	}
	m, err := message.Decode[message.Payout](wire.SigPayout, q.Payout)
	if err != nil {
		d.t.Fatal(err)
	}
	if err := message.Verify(d.key, m.Digest(), m.Signature); err != nil {
		d.t.Errorf("the batch's signature: %v", err)
	}
	if m.Claims != message.Hash(sha256.Sum256(q.Claims)) {
		d.t.Error("the batch signs other claims than it holds")
	}
	d.requests, d.sent = append(d.requests, m), append(d.sent, q.Claims)
	a, err := d.answer(q.Claims)
	if err == nil {
		*answer.(*api.PayoutResponse) = a
	}
	return err
}

// fixture is a terminal with a journal.
type fixture struct {
	settle.Settler
	desk *desk
}

func newFixture(t *testing.T) *fixture {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public, err := message.NewPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	folder, err := claims.OpenFolder(filepath.Join(t.TempDir(), "claims"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = folder.Close() })
	journal, err := claims.Open(folder, claims.Identity{Merchant: "MERA2B3C-SHOP", Terminal: "POS1"})
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, key: public, answer: payAll}
	return &fixture{desk: d, Settler: settle.Settler{
		Claims: journal, TSM: d, ID: message.NewPartyID("TSMAAAAA"), Key: key,
	}}
}

// spend returns a claim; n makes it another one than others.
func spend(n byte) []byte {
	return message.Encode(wire.MsgSpendClaim, message.SpendClaim{
		Spend: message.Spend{Token: message.Hash{n}, From: 0, To: 5},
	})
}

// tick returns the claim of a commitment's ticks up to k.
func tick(k byte) []byte {
	return message.Encode(wire.MsgMeterClaim, message.MeterClaim{
		Meter: message.Meter{Token: message.Hash{0xEE}, From: 0, Max: 9}, To: k,
	})
}

func (f *fixture) take(t *testing.T, payloads ...[]byte) {
	t.Helper()
	for _, payload := range payloads {
		key, _, err := settle.Key(payload)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := f.Claims.Append(key, payload); err != nil {
			t.Fatal(err)
		}
	}
}

// split returns a batch's claims.
func split(all []byte) (payloads [][]byte) {
	for len(all) > 0 {
		n := len(spend(0))
		if all[0] == byte(wire.MsgMeterClaim) {
			n = len(tick(0))
		}
		payloads, all = append(payloads, all[:n]), all[n:]
	}
	return payloads
}

func payAll(all []byte) (api.PayoutResponse, error) {
	var r api.PayoutResponse
	for _, payload := range split(all) {
		_, account, err := settle.Key(payload)
		if err != nil {
			return r, err
		}
		r.Answers = append(r.Answers, api.ClaimAnswer{Key: account[:], Paid: 5})
	}
	return r, nil
}

func (f *fixture) count(t *testing.T, state claims.State) (n int) {
	t.Helper()
	for _, err := range f.Claims.Claims(state) {
		if err != nil {
			t.Fatal(err)
		}
		n++
	}
	return n
}

func TestAnAnswerThatDoesntFitIsRefused(t *testing.T) {
	other := message.Hash{0xFF}
	for _, row := range []struct {
		name   string
		change func(*api.PayoutResponse)
	}{
		{"no answers", func(r *api.PayoutResponse) { r.Answers = nil }},
		{"one answer too few", func(r *api.PayoutResponse) { r.Answers = r.Answers[1:] }},
		{"one claim answered twice", func(r *api.PayoutResponse) { r.Answers[0] = r.Answers[1] }},
		{"a claim that wasn't sent", func(r *api.PayoutResponse) { r.Answers[0].Key = other[:] }},
		{"a key of 31 bytes", func(r *api.PayoutResponse) { r.Answers[0].Key = other[1:] }},
	} {
		t.Run(row.name, func(t *testing.T) {
			f := newFixture(t)
			f.take(t, spend(1), spend(2))
			f.desk.answer = func(all []byte) (api.PayoutResponse, error) {
				r, err := payAll(all)
				row.change(&r)
				return r, err
			}
			if _, err := f.Settle(t.Context()); !errors.Is(err, settle.ErrAnswer) {
				t.Errorf("got %v", err)
			}
			if n := f.count(t, claims.Sent); n != 2 {
				t.Errorf("%d claims are still sent, want 2", n)
			}
		})
	}
}

func TestWhatIsNoClaimIsRefused(t *testing.T) {
	f := newFixture(t)
	if _, err := f.Claims.Append(claims.Key{1}, []byte("no claim")); err != nil {
		t.Fatal(err)
	}
	if _, err := f.Settle(t.Context()); !errors.Is(err, settle.ErrClaim) {
		t.Errorf("a payload that is no claim: %v", err)
	}
	g := newFixture(t)
	if _, err := g.Claims.Append(claims.Key{1}, spend(1)); err != nil {
		t.Fatal(err)
	}
	if _, err := g.Settle(t.Context()); !errors.Is(err, settle.ErrClaim) {
		t.Errorf("a claim under another key: %v", err)
	}
}

// TestRecord: what a terminal keeps is what settling reads, under its key.
func TestRecord(t *testing.T) {
	for _, payload := range [][]byte{spend(1), tick(1), tick(2)} {
		want, _, err := settle.Key(payload)
		if err != nil {
			t.Fatal(err)
		}
		oneOf, other, err := settle.Parse(payload)
		if err != nil {
			t.Fatal(err)
		}
		if key, kept := settle.Record(oneOf, other); key != want || !bytes.Equal(kept, payload) {
			t.Errorf("kept as %x under %s, want %x under %s", kept, key, payload, want)
		}
	}
}

func TestSettle(t *testing.T) {
	f := newFixture(t)
	f.Size = 2
	f.take(t, spend(1), spend(2), spend(3))
	f.desk.answer = func(all []byte) (api.PayoutResponse, error) {
		r, err := payAll(all)
		if len(f.desk.sent) == 1 {
			r.Answers[1] = api.ClaimAnswer{
				Key: r.Answers[1].Key, Refused: api.ClaimSignature, Reason: "sigma",
			}
		}
		return r, err
	}
	done, err := f.Settle(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if done.Batches != 2 || done.Paid != 2 || done.Minor != 10 || len(done.Refused) != 1 {
		t.Errorf("got %+v", done)
	}
	if p, r := f.count(t, claims.Paid), f.count(t, claims.Refused); p != 2 || r != 1 {
		t.Errorf("%d paid, %d refused", p, r)
	}
	if again, err := f.Settle(t.Context()); err != nil || again.Batches != 0 {
		t.Errorf("nothing is left, and %+v, %v", again, err)
	}
}

// TestSettleMany: what a busy day has taken goes in full batches.
func TestSettleMany(t *testing.T) {
	f := newFixture(t)
	var err error
	f.Claims, err = claims.Open(claimstest.New(), f.Claims.Identity())
	if err != nil {
		t.Fatal(err)
	}
	for i := range 3000 {
		f.take(t, message.Encode(wire.MsgSpendClaim, message.SpendClaim{
			Spend: message.Spend{Token: message.Hash{byte(i), byte(i >> 8)}, To: 5},
		}))
	}
	done, err := f.Settle(t.Context())
	if err != nil || done.Batches != 3 || done.Paid != 3000 || f.count(t, claims.Paid) != 3000 {
		t.Errorf("got %d batches, %d paid, %v", done.Batches, done.Paid, err)
	}
	for i, want := range []uint32{api.MaxClaims, api.MaxClaims, 3000 - 2*api.MaxClaims} {
		if got := f.desk.requests[i].Count; uint32(got) != want {
			t.Errorf("batch %d: %d claims, want %d", i+1, got, want)
		}
	}
}

// TestALostAnswerIsAskedForAgain: the same batch, byte for byte but for its signature.
func TestALostAnswerIsAskedForAgain(t *testing.T) {
	f := newFixture(t)
	f.take(t, spend(1), spend(2))
	lost := errors.New("the line broke")
	f.desk.answer = func([]byte) (api.PayoutResponse, error) { return api.PayoutResponse{}, lost }
	if _, err := f.Settle(t.Context()); !errors.Is(err, lost) {
		t.Fatalf("got %v", err)
	}
	f.take(t, spend(3)) // it comes with the next batch
	f.desk.answer = payAll
	if done, err := f.Settle(t.Context()); err != nil || done.Batches != 2 || done.Paid != 3 {
		t.Fatalf("got %+v, %v", done, err)
	}
	if !bytes.Equal(f.desk.sent[0], f.desk.sent[1]) ||
		f.desk.requests[0].Digest() != f.desk.requests[1].Digest() {
		t.Error("the batch that is sent again is another one")
	}
}

func TestABatchThatIsRefusedAsAWholeWaits(t *testing.T) {
	f := newFixture(t)
	f.take(t, spend(1))
	f.desk.answer = func([]byte) (api.PayoutResponse, error) {
		return api.PayoutResponse{}, api.Refuse(api.CodeSignature, "certificate")
	}
	if _, err := f.Settle(t.Context()); !errors.Is(err, &api.Problem{Code: api.CodeSignature}) {
		t.Fatalf("got %v", err)
	}
	if n := f.count(t, claims.Pending); n != 1 {
		t.Errorf("%d claims wait, want 1", n)
	}
}

// TestOfTicksTheHighestIsSent: it claims the others, also when they are of an earlier batch.
func TestOfTicksTheHighestIsSent(t *testing.T) {
	f := newFixture(t)
	f.take(t, tick(1), spend(1), tick(3), tick(2))
	if done, err := f.Settle(t.Context()); err != nil || done.Paid != 2 {
		t.Fatalf("got %+v, %v", done, err)
	}
	if want := bytes.Join([][]byte{tick(3), spend(1)}, nil); !bytes.Equal(f.desk.sent[0], want) {
		t.Error("other claims were sent than the highest tick and the spend")
	}
	if n := f.count(t, claims.Paid); n != 4 {
		t.Errorf("%d claims are paid, want 4", n)
	}
	f.take(t, tick(4))
	if done, err := f.Settle(t.Context()); err != nil || done.Paid != 1 {
		t.Fatalf("got %+v, %v", done, err)
	}
}
