package offline_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/backend/payout/payouttest"
	"tapbench/terminal/offline"
)

// pay has the stand's card pay what is asked.
func pay(t *testing.T, s *stand) (offline.Payment, error) {
	t.Helper()
	return s.verifier(t).Payment(s.request, s.answer(t))
}

func TestSeenRefused(t *testing.T) {
	other := func(s *stand) { s.request.UN[0]++ }
	for _, row := range []struct {
		name   string
		reuse  bool
		change func(s *stand) // between the first payment and the second
		want   error
	}{
		{"the same statement", true, func(*stand) {}, offline.ErrReplay},
		{"the same interval, another number", true, other, offline.ErrDoubleSpend},
		{"one unit twice", true, func(s *stand) { s.from, s.to = 29, 54 }, offline.ErrDoubleSpend},
		{"a commitment over it", true, func(s *stand) {
			s.metering()
			s.from, s.to = 29, 54
		}, offline.ErrDoubleSpend},
		{
			"other units, for one tap only", false, func(s *stand) { s.from, s.to = 30, 55 },
			offline.ErrReuse,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStand(t)
			s.config.Reuse = row.reuse
			first, err := pay(t, s)
			must(t, err)
			s.seen.AddSpend(first.Claim())
			row.change(s)
			refused(t, s, s.answer(t), row.want, nil)
		})
	}
}

// TestPaymentReuse: further units of a token pay where that is wanted.
func TestPaymentReuse(t *testing.T) {
	s := newStand(t)
	s.config.Reuse = true
	for range 3 {
		p, err := pay(t, s)
		must(t, err)
		s.seen.AddSpend(p.Claim())
		s.seen.AddSpend(p.Claim()) // once
		s.from, s.to = s.to, s.to+25
	}
	if n := len(s.seen.Taken(s.token.ID())); n != 3 {
		t.Errorf("%d statements taken, want 3", n)
	}
}

// TestDoubleSpendError: the terminal holds a second statement that anyone can verify.
func TestDoubleSpendError(t *testing.T) {
	s := newStand(t)
	first, err := pay(t, s)
	must(t, err)
	s.seen.AddSpend(first.Claim())

	s.request.UN[0]++
	_, err = pay(t, s)
	var twice *offline.DoubleSpendError
	if !errors.As(err, &twice) || twice.Spend == nil || twice.Meter != nil {
		t.Fatalf("got %v", err)
	}
	must(t, message.Verify(s.card.Public, twice.Spend.Spend.Digest(), twice.Spend.Signature))
	if twice.Earlier.Statement != first.Key() || twice.Earlier.Interval != first.Interval() {
		t.Errorf("earlier one: %+v", twice.Earlier)
	}
	want := "token pays twice with the same units: token "
	if got := twice.Error(); len(got) < len(want) || got[:len(want)] != want {
		t.Errorf("says %q", got)
	}

	s.metering()
	_, err = s.verifier(t).Metering(s.request, s.answer(t))
	if !errors.As(err, &twice) || twice.Meter == nil || twice.Spend != nil {
		t.Fatalf("got %v", err)
	}
	must(t, message.Verify(s.card.Public, twice.Meter.Meter.Digest(), twice.Meter.Signature))
}

func TestPayment(t *testing.T) {
	s := newStand(t)
	a := s.answer(t)
	p, err := s.verifier(t).Payment(s.request, a)
	must(t, err)
	claim := p.Claim()
	if claim.Token != s.token || claim.Signature != a.Signature || p.Key() != claim.Spend.Digest() {
		t.Errorf("claims %+v", claim)
	}
	want := message.Spend{
		Token: s.token.ID(), From: 5, To: 30, Merchant: s.config.Merchant,
		Certificate: s.config.Certificate, Amount: [6]byte{4: 0x12, 5: 0x50}, Currency: euro,
		Time: s.request.Time, UN: s.request.UN,
	}
	if diff := cmp.Diff(want, claim.Spend); diff != "" {
		t.Errorf("statement (-want +got):\n%s", diff)
	}
	merchant := payouttest.NewKey(t)
	r, err := p.Receipt(merchant.Private)
	must(t, err)
	must(t, message.Verify(merchant.Public, r.Digest(), r.Signature))
	if r.Statement != p.Key() || r.To != 30 {
		t.Errorf("receipt for %x to %d", r.Statement, r.To)
	}
	if _, err := (offline.Payment{}).Receipt(merchant.Private); !errors.Is(
		err, offline.ErrUnverified) {
		t.Errorf("receipt for nothing: %v", err)
	}
}

// TestPaymentAtTheEnds: the whole token, its last unit, and both ends of the epochs that fit.
func TestPaymentAtTheEnds(t *testing.T) {
	for name, change := range map[string]func(s *stand){
		"the whole token": func(s *stand) { s.from, s.to, s.request.Amount = 0, 100, 5000 },
		"its last unit":   func(s *stand) { s.from, s.to, s.request.Amount = 99, 100, 50 },
		"its first unit":  func(s *stand) { s.from, s.to, s.request.Amount = 0, 1, 50 },
		"the last second": func(s *stand) {
			s.request.Time = uint32(s.token.Fields.Epoch.End().Unix()) - 1
		},
		"a clock that is a day behind": func(s *stand) {
			s.request.Time = uint32((s.token.Fields.Epoch - 2).End().Unix()) - 24*3600
		},
	} {
		s := newStand(t)
		change(s)
		if _, err := pay(t, s); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTableForgets(t *testing.T) {
	s := newStand(t)
	p, err := pay(t, s)
	must(t, err)
	s.seen.AddSpend(p.Claim())
	last := s.token.Fields.Epoch
	if n := s.seen.Forget(last); n != 1 {
		t.Errorf("%d tokens in the token's last epoch", n)
	}
	if n := s.seen.Forget(last + 1); n != 0 || len(s.seen.Taken(s.token.ID())) != 0 {
		t.Errorf("%d tokens after it", n)
	}
}

// TestMeteringTaken: a commitment's whole interval is taken, whatever was ticked.
func TestMeteringTaken(t *testing.T) {
	s := newStand(t)
	s.metering()
	m, err := s.verifier(t).Metering(s.request, s.answer(t))
	must(t, err)
	s.seen.AddMeter(m.Claim())
	must(t, m.Tick(s.value(t, 6)))
	s.seen.AddMeter(m.Claim())
	want := []offline.Taken{{Interval: token.Interval{From: 5, To: 30}, Statement: m.Key()}}
	if diff := cmp.Diff(want, s.seen.Taken(s.token.ID())); diff != "" {
		t.Errorf("taken (-want +got):\n%s", diff)
	}
}
