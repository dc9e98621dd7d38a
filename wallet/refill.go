package wallet

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/wallet/plan"
)

// Refill gets one-show cards (phase 4) until n are ready, and returns how many are ready then.
// Cards that have expired don't count and are replaced, unless something is armed.
func (w *Wallet) Refill(ctx context.Context, tsm Caller, n int) (int, error) {
	return w.refill(ctx, tsm, n, plan.Step{From: message.EpochAt(w.config.Now())}, 0)
}

// refill is Refill, which also replaces cards that are stale by the step's From and the floor (see
// [plan.Outlook.Stale]). Of cards until expiry one is enough.
func (w *Wallet) refill(
	ctx context.Context, tsm Caller, n int, step plan.Step, floor uint64,
) (int, error) {
	if len(w.state.TIDs) == 0 {
		return 0, ErrNotRegistered
	}
	paying, ok := w.outlook(applet.Status{}).Paying(floor)
	if !ok {
		return 0, w.noAccount()
	}
	if err := w.enter(ctx); err != nil {
		return 0, err
	}
	if err := w.putEpochKey(ctx, tsm, paying.Slot); err != nil {
		return 0, err
	}
	outlook, err := w.look(ctx)
	if err != nil {
		return 0, err
	}
	slots, ready := refillable(outlook, step, floor)
	if outlook.Kind == wire.CardUntilExpiry {
		n = min(n, 1)
	}
	account, _ := w.state.tid(paying.Slot)
	for len(slots) > 0 && ready < n {
		if err := w.refillSlot(ctx, tsm, slots[0], account); err != nil {
			return ready, fmt.Errorf("getting card %d of %d: %w", ready+1, n, err)
		}
		slots = slots[1:]
		ready++
	}
	if outlook.Kind == wire.CardUntilExpiry {
		err = w.discard(ctx, slots, account)
	}
	return ready, err
}

// refillable returns the slots for new cards, in the order in which they get them, and how many
// cards are ready that stay. One-show cards that are stale come last: they are of use until another
// one is there. A card until expiry is replaced in its slot. No card is replaced while one is
// armed.
func refillable(o plan.Outlook, step plan.Step, floor uint64) (slots []byte, ready int) {
	var stale []byte
	for i, card := range o.Cards {
		switch {
		case o.Stale(card, step.From, floor):
			stale = append(stale, byte(i))
		case card.State == wire.CardReady:
			ready++
		default:
			slots = append(slots, byte(i))
		}
	}
	switch {
	case o.Arm != wire.ArmNone:
		return slots, ready
	case o.Kind == wire.CardUntilExpiry:
		return append(stale, slots...), ready
	default:
		return append(slots, stale...), ready
	}
}

// discard throws the cards of slots away, so that none of them expires in the element. It has no
// command for that; the next key in the slot ends a card, asked for or not.
func (w *Wallet) discard(ctx context.Context, slots []byte, a TSMAccount) error {
	for _, slot := range slots {
		if _, ok := w.state.Books.card(slot); !ok {
			continue
		}
		if _, err := w.config.SE.CardRequest(ctx, slot, a.Slot, w.state.Books.kind()); err != nil {
			return fmt.Errorf("throwing a card away: %w", err)
		}
		w.state.Books.drop(slot)
		if err := w.config.Folder.Save(w.state); err != nil {
			return err
		}
	}
	return nil
}

// UseCards says which kind of card the wallet asks for from now on; one-show if it was never said.
// Those of the other kind are replaced with the next refill.
func (w *Wallet) UseCards(kind wire.CardKind) error {
	if w.state.Books.kind() == kind {
		return nil
	}
	w.state.Books.Kind = kind.String()
	return w.config.Folder.Save(w.state)
}

// noAccount says why no account can pay for cards.
func (w *Wallet) noAccount() error {
	for _, a := range w.state.TIDs {
		if a.Active {
			return fmt.Errorf("%w: the account paid from %s", ErrExpired, a.Bank)
		}
	}
	return ErrNotRegistered
}

// putEpochKey gives the element the key with which the TSM signs cards. It changes with the epoch.
func (w *Wallet) putEpochKey(ctx context.Context, tsm Caller, account byte) error {
	face, err := w.meet(ctx, tsm, wire.CertTSMSign, wire.CertTSMKEM)
	if err != nil {
		return err
	}
	if kind := w.state.Books.kind(); !slices.Contains(face.cards, kind.String()) {
		return fmt.Errorf("%w: of the kind %v, but %s", ErrCardKind, kind,
			strings.Join(face.cards, ", "))
	}
	epoch, err := message.ParseCertificate(face.epoch)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrServer, err)
	}
	if err := w.config.SE.PutEpochKey(ctx, account, epoch); err != nil {
		return err
	}
	w.step("epoch-key", "TSM", "SE", wire.CertificateLen)
	return nil
}

func (w *Wallet) refillSlot(ctx context.Context, tsm Caller, slot byte, a TSMAccount) error {
	kind := w.state.Books.kind()
	expiry := message.CardExpiry(message.EpochAt(w.config.Now()))
	request, err := w.config.SE.CardRequest(ctx, slot, a.Slot, kind)
	if err != nil {
		return err
	}
	w.step("card-req", "SE", "TSM", len(request))
	w.state.Books.drop(slot)
	var card api.CardResponse
	err = tsm.Post(ctx, api.PathCard, api.CardRequest{Run: a.Run, Request: request}, &card)
	if err != nil {
		return err
	}
	if err := w.config.SE.CardPut(ctx, slot, card.Card); err != nil {
		return err
	}
	w.step("vcard", "TSM", "SE", len(card.Card))
	w.state.Books.Cards = append(w.state.Books.Cards, IssuedCard{
		Slot: slot, Account: a.Slot, Expiry: uint32(expiry), Kind: kind,
	})
	return w.config.Folder.Save(w.state)
}

// Arm consents to one tap of at most limit (n12) in a currency (n3), under conditions. It refuses
// with [ErrExpired] while a card that has expired is in the element, which can't tell and might
// show it.
func (w *Wallet) Arm(
	ctx context.Context, limit [wire.AmountLen]byte, currency [wire.CurrencyLen]byte,
	flags ...wire.ArmFlags,
) error {
	if w.state.expired(message.EpochAt(w.config.Now())) {
		return fmt.Errorf("%w: a card in the element", ErrExpired)
	}
	if err := w.enter(ctx); err != nil {
		return err
	}
	if err := w.keepPayments(ctx); err != nil { // the tap may be another one with the same token
		return err
	}
	// First, so that too much may be booked and never too little.
	if err := w.noteArming(limit, currency); err != nil {
		return err
	}
	var all wire.ArmFlags
	for _, flag := range flags {
		all |= flag
	}
	if err := w.config.SE.Arm(ctx, limit, currency, all); err != nil {
		return err
	}
	w.step("arm", "wallet", "SE", wire.AmountLen+wire.CurrencyLen)
	return nil
}

// Disarm takes the consent back.
func (w *Wallet) Disarm(ctx context.Context) error {
	if err := w.unlock(ctx); err != nil {
		return err
	}
	return w.config.SE.Disarm(ctx)
}

// Status asks the element for the state of its slots.
func (w *Wallet) Status(ctx context.Context) (applet.Status, error) {
	if err := w.unlock(ctx); err != nil {
		return applet.Status{}, err
	}
	return w.config.SE.Status(ctx)
}

// LaunchState asks the element what unlocks it. It needs no launch itself.
func (w *Wallet) LaunchState(ctx context.Context) (applet.Launch, error) {
	if err := w.unlock(ctx); err != nil {
		return applet.Launch{}, err
	}
	return w.config.SE.Launch(ctx)
}
