package offline_test

import (
	"crypto/elliptic"
	"errors"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/payout/payouttest"
	"tapbench/terminal/offline"
)

func TestNewRefuses(t *testing.T) {
	for name, change := range map[string]func(c *offline.Config){
		"no issuer":             func(c *offline.Config) { c.Issuers = nil },
		"an issuer without key": func(c *offline.Config) { c.Issuers[0] = offline.Issuer{} },
		"no merchant":           func(c *offline.Config) { c.Merchant = [wire.MerchantLen]byte{} },
		"no certificate":        func(c *offline.Config) { c.Certificate = message.Hash{} },
		"no table":              func(c *offline.Config) { c.Seen = nil },
		"no deny list":          func(c *offline.Config) { c.Denied = nil },
	} {
		s := newStand(t)
		change(&s.config)
		if _, err := offline.New(s.config); !errors.Is(err, offline.ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := offline.NewIssuer(message.PartyID{}, message.PublicKey{4}); !errors.Is(
		err, message.ErrKey) {
		t.Errorf("an issuer's key that is no point: %v", err)
	}
}

func TestRequestRefused(t *testing.T) {
	for _, row := range []struct {
		name    string
		metered bool // which verdict is asked for
		change  func(q *offline.Request)
	}{
		{"amount 0", false, func(q *offline.Request) { q.Amount = 0 }},
		{"13 digits", false, func(q *offline.Request) { q.Amount = math.MaxUint64 }},
		{"a commitment as a payment", false, func(q *offline.Request) { q.Unit = 50 }},
		{"a payment as a commitment", true, func(q *offline.Request) { q.Unit = 0 }},
		{"ticks of no class", true, func(q *offline.Request) { q.Unit = 10 }},
		{"ticks that don't make the amount", true, func(q *offline.Request) { q.Amount = 1249 }},
	} {
		t.Run(row.name, func(t *testing.T) {
			s := newStand(t)
			if row.metered {
				s.metering()
			}
			a := s.answer(t)
			row.change(&s.request)
			var err error
			if row.metered {
				_, err = s.verifier(t).Metering(s.request, a)
			} else {
				_, err = s.verifier(t).Payment(s.request, a)
			}
			if !errors.Is(err, offline.ErrRequest) {
				t.Errorf("got %v, want ErrRequest", err)
			}
		})
	}
}

// refusal is an answer with one thing wrong. Everything else fits it: the TSM has signed the token
// as it is, the card its statement.
type refusal struct {
	name   string
	change func(s *stand)                                  // before the TSM signs
	late   func(t *testing.T, s *stand)                    // before the card signs
	damage func(t *testing.T, s *stand, a *offline.Answer) // after that
	want   error
	only   []string // which checks fail, if not the one alone
}

// answer is what the card of a stand says once all has been changed as the row has it.
func (r refusal) answer(t *testing.T, s *stand) offline.Answer {
	t.Helper()
	if r.change != nil {
		r.change(s)
		s.issue(t)
	}
	if r.late != nil {
		r.late(t, s)
	}
	a := s.answer(t)
	if r.damage != nil {
		r.damage(t, s, &a)
	}
	return a
}

const year = 365 * 24 * time.Hour

func later(d time.Duration) func(*stand) {
	return func(s *stand) { s.request.Time = uint32(now.Add(d).Unix()) }
}

// refusals has a row for each way in which a check fails, in the order of the checks.
func refusals() []refusal {
	fields := func(change func(f *message.TokenFields)) func(*stand) {
		return func(s *stand) { change(&s.token.Fields) }
	}
	return []refusal{
		{
			name: "version", want: offline.ErrVersion,
			change: fields(func(f *message.TokenFields) { f.Version = 2 }),
		},
		{
			name: "another issuer", want: offline.ErrIssuer,
			change: fields(func(f *message.TokenFields) { f.Issuer[7]++ }),
		},
		{
			name: "unit that is no class", want: offline.ErrUnit,
			change: func(s *stand) { s.token.Fields.Unit, s.from, s.to = 25, 0, 50 },
		},
		{
			name: "no unit", want: offline.ErrLength, only: []string{"length", "interval", "chain"},
			change: fields(func(f *message.TokenFields) { f.Length = 0 }),
		},
		{
			name: "longer than a token is", want: offline.ErrLength, only: []string{"length", "chain"},
			change: fields(func(f *message.TokenFields) { f.Length = 251 }),
		},
		{name: "expired", want: offline.ErrExpired, change: later(2 * message.EpochLength)},
		{name: "clock years ahead", want: offline.ErrExpired, change: later(3 * year)},
		{name: "clock years behind", want: offline.ErrClock, change: later(-3 * year)},
		{
			name: "clock at 1970", want: offline.ErrClock,
			change: func(s *stand) { s.request.Time = 0 },
		},
		{
			name: "token of an epoch far ahead", want: offline.ErrClock,
			change: fields(func(f *message.TokenFields) { f.Epoch = math.MaxUint32 }),
		},
		{
			name: "another currency", want: offline.ErrCurrency,
			change: func(s *stand) { s.request.Currency = [2]byte{0x08, 0x40} },
		},
		{
			name: "interval reversed", want: offline.ErrInterval, only: []string{"interval", "amount"},
			change: func(s *stand) { s.from, s.to = 30, 5 },
		},
		{
			name: "interval empty", want: offline.ErrInterval, only: []string{"interval", "amount"},
			change: func(s *stand) { s.from = s.to },
		},
		{
			name: "interval past the end", want: offline.ErrInterval,
			only:   []string{"interval", "chain"},
			change: func(s *stand) { s.from, s.to, s.token.Fields.Policy.PerToken = 80, 105, 9999 },
		},
		{name: "one unit too few", want: offline.ErrAmount, change: func(s *stand) { s.from++ }},
		{name: "one unit too many", want: offline.ErrAmount, change: func(s *stand) { s.from-- }},
		{
			name: "amount of no unit", want: offline.ErrAmount,
			change: func(s *stand) { s.request.Amount = 1249 },
		},
		{
			name: "above the limit per tap", want: offline.ErrPerTap,
			change: fields(func(f *message.TokenFields) { f.Policy.PerTap = 1249 }),
		},
		{
			name: "above the limit per token", want: offline.ErrPerToken,
			change: fields(func(f *message.TokenFields) { f.Policy.PerToken = 1499 }),
		},
		{
			name: "deny list too old", want: offline.ErrDenyList,
			change: func(s *stand) { s.denied.stale = errStale },
		},
		{
			name: "denied", want: offline.ErrDenied,
			late: func(_ *testing.T, s *stand) { s.denied.tokens[s.token.ID()] = true },
		},
		{
			name: "no chain value", want: offline.ErrChain,
			damage: func(_ *testing.T, _ *stand, a *offline.Answer) { a.Value = message.Hash{} },
		},
		{
			name: "chain value one too high", want: offline.ErrChain,
			damage: func(t *testing.T, s *stand, a *offline.Answer) { a.Value = s.value(t, int(s.to)+1) },
		},
		{
			name: "chain value one too low", want: offline.ErrChain,
			damage: func(t *testing.T, s *stand, a *offline.Answer) { a.Value = s.value(t, int(s.to)-1) },
		},
		{
			name: "token that another TSM has signed", want: offline.ErrToken,
			late: func(t *testing.T, s *stand) {
				s.token.Signature = payouttest.NewKey(t).Sign(t, s.token.ID())
			},
		},
		{
			name: "token's signature with high s", want: offline.ErrToken,
			late: func(_ *testing.T, s *stand) { s.token.Signature = highS(s.token.Signature) },
		},
		{
			name: "key that is no point", want: offline.ErrStatement,
			change: fields(func(f *message.TokenFields) { f.Key[64] ^= 1 }),
		},
		{
			name: "another card's signature", want: offline.ErrStatement,
			damage: func(t *testing.T, s *stand, a *offline.Answer) {
				s.card = payouttest.NewKey(t)
				a.Signature = s.answer(t).Signature
			},
		},
		{
			name: "signature with high s", want: offline.ErrStatement,
			damage: func(_ *testing.T, _ *stand, a *offline.Answer) { a.Signature = highS(a.Signature) },
		},
	}
}

// statements has a row for each field of a payment that the card may have signed otherwise.
func statements() map[string]func(m *message.Spend) {
	return map[string]func(m *message.Spend){
		"another token":       func(m *message.Spend) { m.Token[0]++ },
		"another start":       func(m *message.Spend) { m.From++ },
		"another end":         func(m *message.Spend) { m.To++ },
		"another merchant":    func(m *message.Spend) { m.Merchant[7]++ },
		"another certificate": func(m *message.Spend) { m.Certificate[0]++ },
		"another amount":      func(m *message.Spend) { m.Amount[5]++ },
		"another currency":    func(m *message.Spend) { m.Currency[1]++ },
		"another time":        func(m *message.Spend) { m.Time++ },
		"another number":      func(m *message.Spend) { m.UN[3]++ },
		"another exchange":    func(m *message.Spend) { m.Relay.Terminal[0]++ },
		"an exchange ahead":   func(m *message.Spend) { m.Relay.Card[3]++ },
		"a slower card":       func(m *message.Spend) { m.Relay.Times.Max++ },
	}
}

func TestStatementRefused(t *testing.T) {
	for name, change := range statements() {
		t.Run(name, func(t *testing.T) {
			s := newStand(t)
			s.spend = change
			refused(t, s, s.answer(t), offline.ErrStatement, nil)
		})
	}
	t.Run("a commitment in the place of a payment", func(t *testing.T) {
		s := newStand(t)
		s.metering()
		a := s.answer(t)
		s.request.Unit, a.Value = 0, s.value(t, int(s.to))
		refused(t, s, a, offline.ErrStatement, nil)
	})
}

// highS returns the signature's other form, which isn't accepted.
func highS(sig message.Signature) message.Signature {
	s := new(big.Int).SetBytes(sig[32:])
	s.Sub(elliptic.P256().Params().N, s).FillBytes(sig[32:])
	return sig
}

func TestPaymentRefuses(t *testing.T) {
	for _, row := range refusals() {
		t.Run(row.name, func(t *testing.T) {
			s := newStand(t)
			refused(t, s, row.answer(t, s), row.want, row.only)
		})
	}
}

// refused has the terminal judge an answer: it gives the wanted error and no other, and no check
// but the one that gives it fails, unless others must fail, too.
func refused(t *testing.T, s *stand, a offline.Answer, want error, only []string) {
	t.Helper()
	v := s.verifier(t)
	var err error
	if s.request.Unit != 0 {
		_, err = v.Metering(s.request, a)
	} else {
		_, err = v.Payment(s.request, a)
	}
	var names []string
	for _, c := range offline.Checks() {
		for _, refusal := range c.Refusals {
			if errors.Is(err, refusal) {
				names = append(names, c.Name)
				if refusal != want { //nolint:errorlint // the sentinel itself
					t.Errorf("got %v, want %v", err, want)
				}
			}
		}
	}
	if len(names) != 1 {
		t.Fatalf("refused by %v with %v, want one of them", names, err)
	}
	if only == nil {
		only = names
	}
	if diff := cmp.Diff(only, v.Failing(s.request, a)); diff != "" {
		t.Errorf("checks that fail (-want +got):\n%s", diff)
	}
}
