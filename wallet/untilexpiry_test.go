package wallet_test

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/api"
	"tapbench/backend/money"
	"tapbench/wallet"
	"tapbench/wallet/plan"
)

// lasting is a shop whose phone has one card until expiry, of 40.00 EUR.
func lasting(t *testing.T, s *shop) *shop {
	t.Helper()
	s.TSM.Cards = []wire.CardKind{wire.CardOneShow, wire.CardUntilExpiry}
	check(t, s.wallet.UseCards(wire.CardUntilExpiry))
	n, err := s.wallet.Refill(t.Context(), s.TSMServer(), wire.CardSlots)
	if err != nil || n != 1 {
		t.Fatalf("got %d cards, %v, want one", n, err)
	}
	return s
}

// rollBack gives the element an earlier state.
func (s *shop) rollBack(t *testing.T, state []byte) {
	t.Helper()
	s.RollBack(t, state)
	s.wallet = s.NewWallet(t)
}

// card looks at the only ready card.
func (s *shop) card(t *testing.T) plan.Card {
	t.Helper()
	o, err := s.wallet.Outlook(t.Context())
	check(t, err)
	var ready []plan.Card
	for _, c := range o.Cards {
		if c.State == wire.CardReady {
			ready = append(ready, c)
		}
	}
	if len(ready) != 1 {
		t.Fatalf("%d cards are ready, want one", len(ready))
	}
	return ready[0]
}

// TestUntilExpiry pays three times with one card: one PAN, and wallet, element and TSM count alike.
func TestUntilExpiry(t *testing.T) { onBothStores(t, testUntilExpiry) }

func testUntilExpiry(t *testing.T, s *shop) {
	lasting(t, s)
	want := s.card(t)
	if want.Limit != 4000 || want.Kind != wire.CardUntilExpiry {
		t.Fatalf("the card: %+v", want)
	}
	pans := map[emv.PAN]bool{}
	for range 3 {
		q := s.tap(t, money.Must("EUR:12.50"))
		s.authorise(t, q, acquirer.CodeApproved)
		check(t, s.wallet.Disarm(t.Context()))
		pans[q.PAN] = true
		want.Shown += 1250
		if diff := cmp.Diff(want, s.card(t)); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if len(pans) != 1 || s.paid(t) != 3750 {
		t.Errorf("%d PANs, merchant got %d", len(pans), s.paid(t))
	}
	if got := s.wallet.State().TIDs[0].Spent; got != 3750 {
		t.Errorf("the books say that %d was spent, want what was shown", got)
	}
}

// TestUntilExpiryRefuses: what the TSM checks by itself, whatever the element says.
func TestUntilExpiryRefuses(t *testing.T) { onBothStores(t, testUntilExpiryRefuses) }

func testUntilExpiryRefuses(t *testing.T, s *shop) {
	lasting(t, s)
	fresh := bytes.Clone(s.Element.State)
	s.authorise(t, s.tap(t, money.Must("EUR:1.00")), acquirer.CodeApproved)
	second := s.tap(t, money.Must("EUR:14.00"))
	s.authorise(t, second, acquirer.CodeApproved)
	t.Run("the same cryptogram under another key", func(t *testing.T) {
		s.stan++
		again := second
		again.Key = s.key()
		s.authorise(t, again, acquirer.CodeSecurity)
	})
	s.rollBack(t, fresh) // the element has forgotten ATC and total
	t.Run("an ATC below the last one's", func(t *testing.T) {
		s.authorise(t, s.tap(t, money.Must("EUR:1.00")), acquirer.CodeSecurity)
	})
	t.Run("the last ATC", func(t *testing.T) {
		s.authorise(t, s.tap(t, money.Must("EUR:1.00")), acquirer.CodeSecurity)
	})
	t.Run("above the limit in all", func(t *testing.T) {
		s.authorise(t, s.tap(t, money.Must("EUR:25.01")), acquirer.CodeExceedsLimit)
	})
	if paid := s.paid(t); paid != 1500 {
		t.Errorf("the merchant got %d, want 1500", paid)
	}
	s.rollBack(t, fresh)
	for range 2 { // ATCs that were used
		s.tap(t, money.Must("EUR:0.01"))
	}
	t.Run("as much as the limit", func(t *testing.T) {
		s.authorise(t, s.tap(t, money.Must("EUR:25.00")), acquirer.CodeApproved)
	})
	t.Run("a reversed payment doesn't count", func(t *testing.T) {
		s.stan++
		answer, err := s.TSM.Reverse(t.Context(), acquirer.ReversalRequest{
			Key: s.key(), Original: second.Key, Amount: second.Amount,
		})
		if err != nil || !answer.Code.Approved() {
			t.Fatalf("reversal: %v, %v", answer.Code, err)
		}
		s.authorise(t, s.tap(t, money.Must("EUR:14.00")), acquirer.CodeApproved)
	})
	t.Run("expired", func(t *testing.T) {
		q := s.tap(t, money.Must("EUR:0.01"))
		s.Now = func() time.Time { return time.Now().Add(2 * message.EpochLength) }
		defer func() { s.Now = time.Now }()
		s.authorise(t, q, acquirer.CodeExpiredCard)
	})
}

// TestCardPolicy: which cards the TSM issues, and what a wallet does with the other kind's.
func TestCardPolicy(t *testing.T) {
	s := newShop(t)
	ctx := t.Context()
	t.Run("a kind that isn't published", func(t *testing.T) {
		check(t, s.wallet.UseCards(wire.CardUntilExpiry))
		if _, err := s.wallet.Refill(ctx, s.TSMServer(), 1); !errors.Is(err, wallet.ErrCardKind) {
			t.Errorf("got %v, want %v", err, wallet.ErrCardKind)
		}
	})
	t.Run("withdrawn between question and request", func(t *testing.T) {
		s.TSM.Cards = []wire.CardKind{wire.CardUntilExpiry}
		server := s.TSMServer()
		server.Change = func(path string, raw []byte) ([]byte, error) {
			if path == api.PathCard {
				s.TSM.Cards = []wire.CardKind{wire.CardOneShow}
			}
			return raw, nil
		}
		_, err := s.wallet.Refill(ctx, server, 1)
		if !errors.Is(err, &api.Problem{Code: api.CodePolicy}) {
			t.Errorf("got %v, want %s", err, api.CodePolicy)
		}
	})
	t.Run("a limit that isn't below the account's", func(t *testing.T) {
		old := s.TSM.CardLimit
		s.TSM.CardLimit = money.Must("EUR:50.00") // the account's
		defer func() { s.TSM.CardLimit = old }()
		check(t, s.wallet.UseCards(wire.CardOneShow))
		s.tap(t, money.Must("EUR:1.00"))
		check(t, s.wallet.Disarm(ctx))
		_, err := s.wallet.Refill(ctx, s.TSMServer(), wire.CardSlots)
		if !errors.Is(err, &api.Problem{Code: api.CodeLimit}) {
			t.Errorf("got %v, want %s", err, api.CodeLimit)
		}
	})
	t.Run("there and back", func(t *testing.T) {
		lasting(t, s)
		s.card(t) // the batch is gone
		check(t, s.wallet.UseCards(wire.CardOneShow))
		n, err := s.wallet.Refill(ctx, s.TSMServer(), wire.CardSlots)
		if err != nil || n != wire.CardSlots {
			t.Errorf("got %d cards, %v", n, err)
		}
	})
}
