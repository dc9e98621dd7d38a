package wallet

import (
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/money"
)

// ErrExpired means that the last epoch of an account or a card is over.
var ErrExpired = errors.New("expired")

// ErrCardKind means that the TSM's published policy has no cards of the kind that the wallet uses.
var ErrCardKind = errors.New("the TSM issues no cards")

// Books is what the wallet writes down of its cards, by itself: no server is asked for it.
type Books struct {
	// Seed is what the wallet's instants are drawn from, 16 bytes.
	Seed []byte `json:"schedule_seed,omitempty"`
	// Kind names the kind of card that the wallet asks for; empty: one-show.
	Kind string `json:"card_kind,omitempty"`
	// Cards are those that were ready when they were last looked at.
	Cards []IssuedCard `json:"cards,omitempty"`
	// Stock is how many offline tokens of each class the wallet keeps ready. Offers are the classes
	// that the TSM had published when it was last asked, the smallest first, and Grace how many epochs
	// after its last one what is left of a token comes back.
	Stock  int              `json:"token_stock,omitempty"`
	Offers []api.TokenOffer `json:"token_offers,omitempty"`
	Grace  uint8            `json:"token_grace_epochs,omitempty"`
	// Tokens are those that were paid, until what is left of them has come back.
	Tokens []IssuedToken `json:"tokens,omitempty"`
	// Payments are the last offline payments, with the merchants' receipts.
	Payments []KeptPayment `json:"offline_payments,omitempty"`
	// Armings are those whose end hasn't been seen.
	Armings []Arming `json:"armings,omitempty"`
}

// IssuedCard is a card that the element holds ready.
type IssuedCard struct {
	Slot    byte   `json:"slot"`
	Account byte   `json:"tsm_account_slot"`
	Expiry  uint32 `json:"expiry_epoch"`
	// Kind is 00 for a one-show card, 01 for a card until expiry.
	Kind wire.CardKind `json:"kind,omitempty"`
	// Limit of a card until expiry, and what it was shown to when it was last looked at.
	Limit uint64 `json:"limit_minor,omitempty"`
	Shown uint64 `json:"shown_minor,omitempty"`
}

func (b *Books) kind() wire.CardKind {
	kind, _ := wire.ParseCardKind(b.Kind)
	return kind
}

// lasting says whether a card until expiry is in the books.
func (b *Books) lasting() bool {
	return slices.ContainsFunc(b.Cards, func(c IssuedCard) bool {
		return c.Kind == wire.CardUntilExpiry
	})
}

// Arming is a consent that was given. Until it is known whether a card was spent under it, its cap
// is what the tap may have taken.
type Arming struct {
	Cap uint64 `json:"cap_minor"`
	At  int64  `json:"at_unix"`
}

func (b *Books) card(slot byte) (IssuedCard, bool) {
	for _, c := range b.Cards {
		if c.Slot == slot {
			return c, true
		}
	}
	return IssuedCard{}, false
}

func (b *Books) drop(slot byte) {
	b.Cards = slices.DeleteFunc(b.Cards, func(c IssuedCard) bool { return c.Slot == slot })
}

func (b *Books) dropAccount(slot byte) {
	b.Cards = slices.DeleteFunc(b.Cards, func(c IssuedCard) bool { return c.Account == slot })
	b.Tokens = slices.DeleteFunc(b.Tokens, func(t IssuedToken) bool { return t.Account == slot })
}

// expired reports whether a card, or the account that pays it, has expired in an epoch.
func (s *State) expired(now message.Epoch) bool {
	return slices.ContainsFunc(s.Books.Cards, func(c IssuedCard) bool {
		a, ok := s.tid(c.Account)
		return message.Epoch(c.Expiry) < now || ok && message.Epoch(a.Expiry) < now
	})
}

// noteArming writes down a consent.
func (w *Wallet) noteArming(
	limit [wire.AmountLen]byte, currency [wire.CurrencyLen]byte,
) error {
	code, err := money.ParseN3(currency)
	if err != nil {
		return fmt.Errorf("noting the arming: %w", err)
	}
	amount, err := money.ParseN12(limit[:], code)
	if err != nil {
		return fmt.Errorf("noting the arming: %w", err)
	}
	w.state.Books.Armings = append(w.state.Books.Armings, Arming{
		Cap: amount.Uint64(), At: w.config.Now().Unix(),
	})
	return w.config.Folder.Save(w.state)
}

// noteTaps compares the books with what the element says: each card that isn't ready any more was
// spent under one arming, and its account may have paid that arming's cap. Where there were more
// armings than spent cards the largest caps count.
func (w *Wallet) noteTaps(cards [wire.CardSlots]wire.SlotState, arm wire.ArmState) error {
	books := &w.state.Books
	slices.SortStableFunc(books.Armings, func(a, b Arming) int { return cmp.Compare(b.Cap, a.Cap) })
	changed := false
	for slot, state := range cards {
		card, ok := books.card(byte(slot))
		if !ok || state == wire.CardReady {
			continue
		}
		changed = true
		books.drop(card.Slot)
		if state != wire.CardSpent || len(books.Armings) == 0 {
			continue
		}
		w.state.charge(card.Account, books.Armings[0].Cap)
		if arm != wire.ArmBound || len(books.Armings) > 1 {
			books.Armings = books.Armings[1:]
		}
	}
	if arm == wire.ArmNone && len(books.Armings) > 0 {
		books.Armings, changed = nil, true
	}
	if !changed {
		return nil
	}
	return w.config.Folder.Save(w.state)
}

// armedAt returns when the arming in force was made: the last one.
func (b *Books) armedAt() (unix int64, ok bool) {
	for _, a := range b.Armings {
		unix, ok = max(unix, a.At), true
	}
	return unix, ok
}

func (s *State) charge(slot byte, minor uint64) {
	for i := range s.TIDs {
		if s.TIDs[i].Slot == slot {
			s.TIDs[i].Spent += minor
		}
	}
}

func (s *State) tid(slot byte) (TSMAccount, bool) {
	for _, a := range s.TIDs {
		if a.Slot == slot {
			return a, true
		}
	}
	return TSMAccount{}, false
}

// noteTotals compares the books with what the element says of cards until expiry: it counts each
// payment that such a card was shown to, so that their account may have paid exactly that.
func (w *Wallet) noteTotals(
	slots [wire.CardSlots]wire.SlotState, cards [wire.CardSlots]applet.CardData,
) error {
	changed := false
	for i := range w.state.Books.Cards {
		card := &w.state.Books.Cards[i]
		if card.Kind != wire.CardUntilExpiry || int(card.Slot) >= len(cards) {
			continue
		}
		now := cards[card.Slot]
		if slots[card.Slot] != wire.CardReady || now.Kind != card.Kind || now.Total < card.Shown ||
			now.Total == card.Shown && now.Limit == card.Limit {
			continue
		}
		w.state.charge(card.Account, now.Total-card.Shown)
		card.Limit, card.Shown, changed = now.Limit, now.Total, true
	}
	if !changed {
		return nil
	}
	return w.config.Folder.Save(w.state)
}

// seed returns the schedule's seed, which is made at first use.
func (w *Wallet) seed() ([]byte, error) {
	if len(w.state.Books.Seed) == wire.KeyLen {
		return w.state.Books.Seed, nil
	}
	seed := make([]byte, wire.KeyLen)
	if _, err := rand.Read(seed); err != nil {
		return nil, fmt.Errorf("making the schedule's seed: %w", err)
	}
	w.state.Books.Seed = seed
	return seed, w.config.Folder.Save(w.state)
}
