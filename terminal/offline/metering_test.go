package offline_test

import (
	"errors"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/backend/payout/payouttest"
	"tapbench/terminal/offline"
)

// commit has the stand's card commit to 25 ticks.
func commit(t *testing.T, s *stand) *offline.Metering {
	t.Helper()
	s.metering()
	m, err := s.verifier(t).Metering(s.request, s.answer(t))
	must(t, err)
	return m
}

// TestMeteringRefuses: the checks of a payment hold for a commitment, all but the chain's.
func TestMeteringRefuses(t *testing.T) {
	for _, row := range refusals() {
		chain := errors.Is(row.want, offline.ErrChain)
		if chain || row.name == "unit that is no class" || row.name == "amount of no unit" {
			continue // there is no value to check yet, and no request for such ticks
		}
		t.Run(row.name, func(t *testing.T) {
			s := newStand(t)
			s.metering()
			a := row.answer(t, s)
			var only []string
			for _, name := range row.only {
				if name != "chain" {
					only = append(only, name)
				}
			}
			refused(t, s, a, row.want, only)
		})
	}
	t.Run("ticks of another unit", func(t *testing.T) {
		s := newStand(t)
		s.request.Unit, s.token.Fields.Unit, s.request.Amount = 50, 5, 1250
		s.token.Fields.Length, s.from, s.to = 250, 0, 250
		s.issue(t)
		refused(t, s, s.answer(t), offline.ErrUnit, nil)
	})
}

func TestCommitmentRefused(t *testing.T) {
	for name, change := range map[string]func(m *message.Meter){
		"another token":       func(m *message.Meter) { m.Token[0]++ },
		"another start":       func(m *message.Meter) { m.From++ },
		"another end":         func(m *message.Meter) { m.Max++ },
		"another merchant":    func(m *message.Meter) { m.Merchant[7]++ },
		"another certificate": func(m *message.Meter) { m.Certificate[0]++ },
		"another unit":        func(m *message.Meter) { m.Unit = 5 },
		"another currency":    func(m *message.Meter) { m.Currency[1]++ },
		"another time":        func(m *message.Meter) { m.Time++ },
		"another number":      func(m *message.Meter) { m.UN[3]++ },
		"another exchange":    func(m *message.Meter) { m.Relay.Terminal[0]++ },
		"an exchange ahead":   func(m *message.Meter) { m.Relay.Card[3]++ },
		"a slower card":       func(m *message.Meter) { m.Relay.Times.Max++ },
	} {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			s.metering()
			s.meter = change
			refused(t, s, s.answer(t), offline.ErrStatement, nil)
		})
	}
}

func TestTickRefuses(t *testing.T) {
	for _, from := range []uint8{0, 5} {
		s := newStand(t)
		s.from, s.to = from, from+25
		m := commit(t, s)
		first, second := s.value(t, int(from)+1), s.value(t, int(from)+2)
		bent := first
		bent[31] ^= 1
		refuse := func(name string, value message.Hash, want error) {
			t.Helper()
			before := m.Claim()
			if err := m.Tick(value); !errors.Is(err, want) || m.Claim() != before {
				t.Errorf("from %d: %s: %v", from, name, err)
			}
		}
		refuse("second tick first", second, offline.ErrTick)
		refuse("a bit flipped", bent, offline.ErrTick)
		refuse("the root", s.chain.Root(), offline.ErrTick)
		must(t, m.Tick(first))
		refuse("the first tick twice", first, offline.ErrTick)
		refuse("third tick second", s.value(t, int(from)+3), offline.ErrTick)
		for k := int(from) + 2; k <= int(from)+25; k++ {
			must(t, m.Tick(s.value(t, k)))
		}
		refuse("a tick past the end", s.value(t, int(from)+26), offline.ErrTicksEnd)
	}
}

func TestMetering(t *testing.T) {
	s := newStand(t)
	m := commit(t, s)
	merchant := payouttest.NewKey(t)
	if _, err := m.Receipt(merchant.Private); !errors.Is(err, offline.ErrUnverified) {
		t.Errorf("receipt before the first tick: %v", err)
	}
	if c := m.Claim(); c.To != 5 || c.Value != (message.Hash{}) || m.Amount() != 0 {
		t.Errorf("claims to %d before the first tick", c.To)
	}
	for k := uint8(6); k <= 16; k++ {
		if next, ok := m.Next(); !ok || next != k {
			t.Fatalf("next tick is %d, want %d", next, k)
		}
		must(t, m.Tick(s.value(t, int(k))))
		c := m.Claim()
		if c.To != k || c.Meter.Digest() != m.Key() {
			t.Fatalf("claims to %d, want %d", c.To, k)
		}
		must(t, token.CheckValue(c.Token.Fields, int(c.To), c.Value))
		must(t, message.Verify(s.card.Public, m.Key(), c.Signature))
	}
	if m.Ticks() != 11 || m.Amount() != 550 || m.Interval() != (token.Interval{From: 5, To: 30}) {
		t.Errorf("%d ticks, %d minor units of %v", m.Ticks(), m.Amount(), m.Interval())
	}
	r, err := m.Receipt(merchant.Private)
	must(t, err)
	must(t, message.Verify(merchant.Public, r.Digest(), r.Signature))
	if r.Statement != m.Key() || r.To != 16 {
		t.Errorf("receipt for %x to %d", r.Statement, r.To)
	}
}
