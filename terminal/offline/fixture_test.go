package offline_test

import (
	"errors"
	"testing"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/denylist"
	"tapbench/backend/payout/payouttest"
	"tapbench/terminal/offline"
)

// now is the terminal's time.
var now = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// euro is n3 of ISO 4217.
var euro = [wire.CurrencyLen]byte{0x09, 0x78}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// What a terminal holds of the TSM's deny list is asked at each payment.
var _ offline.DenyList = (*denylist.Held)(nil)

// denials is a deny list.
type denials struct {
	stale  error
	tokens map[message.Hash]bool
}

var errStale = errors.New("made too long ago")

func (d *denials) Usable(uint32) error           { return d.stale }
func (d *denials) Contains(id message.Hash) bool { return d.tokens[id] }

// stand is a TSM, a card with one token and a terminal. Tests change what they want before they
// have the card answer.
type stand struct {
	tsm, card payouttest.Key
	chain     token.Chain
	token     message.Token

	config  offline.Config
	seen    *offline.Table
	denied  *denials
	request offline.Request
	from    uint8
	to      uint8
	// signed are the fields that the card signs; they are the terminal's but for what a test changes.
	spend func(*message.Spend)
	meter func(*message.Meter)
}

// newStand has the card pay 12.50 with 25 units of 0.50, the units 6 to 30 of 100.
func newStand(t testing.TB) *stand {
	t.Helper()
	s := &stand{
		tsm: payouttest.NewKey(t), card: payouttest.NewKey(t), seen: new(offline.Table),
		denied: &denials{tokens: make(map[message.Hash]bool)},
		from:   5, to: 30,
		request: offline.Request{
			Amount: 1250, Currency: euro, Time: uint32(now.Unix()), UN: [4]byte{1, 2, 3, 4},
		},
	}
	issuer, err := offline.NewIssuer(message.NewPartyID("TSM00001"), s.tsm.Public)
	must(t, err)
	s.config = offline.Config{
		Issuers:  []offline.Issuer{issuer},
		Merchant: [wire.MerchantLen]byte([]byte("MRC00001-SHOP  ")), Certificate: message.Hash{0xCE},
		Seen: s.seen, Denied: s.denied,
	}
	s.token.Fields = message.TokenFields{
		Version: message.TokenVersion, Issuer: message.NewPartyID("TSM00001"),
		Epoch: message.EpochAt(now) + 1, Unit: 50, Length: 100, Key: s.card.Public,
		Policy: message.TokenPolicy{
			Currency: euro, PerTap: 5000, PerToken: 5000, Offline: 20000, Taps: 250, Grace: 1,
		},
	}
	s.issue(t)
	return s
}

// issue has the TSM sign the token, as a test may have changed it, over a chain of its length.
func (s *stand) issue(t testing.TB) {
	t.Helper()
	length := min(max(1, int(s.token.Fields.Length)), wire.TokenUnits)
	var err error
	s.chain, err = token.NewChain([]byte("K_SE"), token.Seed{7}, s.card.Public, length)
	must(t, err)
	s.token.Fields.Root = s.chain.Root()
	s.token.Signature = s.tsm.Sign(t, s.token.ID())
}

// answer is what the card says to the stand's request.
func (s *stand) answer(t testing.TB) offline.Answer {
	t.Helper()
	a := offline.Answer{Token: s.token, From: s.from, To: s.to}
	if s.request.Unit != 0 {
		m := message.Meter{
			Token: s.token.ID(), From: s.from, Max: s.to, Merchant: s.config.Merchant,
			Certificate: s.config.Certificate, Unit: s.request.Unit, Currency: s.request.Currency,
			Time: s.request.Time, UN: s.request.UN,
		}
		if s.meter != nil {
			s.meter(&m)
		}
		a.Signature = s.card.Sign(t, m.Digest())
		return a
	}
	amount, err := emv.N12(s.request.Amount)
	must(t, err)
	m := message.Spend{
		Token: s.token.ID(), From: s.from, To: s.to, Merchant: s.config.Merchant,
		Certificate: s.config.Certificate, Amount: amount, Currency: s.request.Currency,
		Time: s.request.Time, UN: s.request.UN,
	}
	if s.spend != nil {
		s.spend(&m)
	}
	a.Signature = s.card.Sign(t, m.Digest())
	a.Value = s.value(t, int(s.to))
	return a
}

// value returns w_j, or nothing for what the chain doesn't have.
func (s *stand) value(t testing.TB, j int) message.Hash {
	t.Helper()
	value, _, err := s.chain.Value(j)
	if err != nil && !errors.Is(err, token.ErrIndex) {
		t.Fatal(err)
	}
	return value
}

// verifier returns the terminal's verifier.
func (s *stand) verifier(t testing.TB) *offline.Verifier {
	t.Helper()
	v, err := offline.New(s.config)
	must(t, err)
	return v
}

// metering turns the stand's request into one for 25 ticks of 0.50.
func (s *stand) metering() { s.request.Unit = 50 }
