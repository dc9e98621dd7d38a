package wallet

import (
	"context"
	"fmt"

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

// refill is Refill, which also replaces cards that end before the step's From, and those of an
// account under the floor if another one isn't.
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
	var slots, stale []byte
	ready := 0
	for i, card := range outlook.Cards {
		switch {
		case outlook.Stale(card, step.From, floor):
			stale = append(stale, byte(i))
		case card.State == wire.CardReady:
			ready++
		default:
			slots = append(slots, byte(i))
		}
	}
	if outlook.Arm == wire.ArmNone {
		slots = append(slots, stale...) // last: they are of use until another card is there
	}
	account, _ := w.state.tid(paying.Slot)
	for _, slot := range slots {
		if ready >= n {
			break
		}
		if err := w.refillSlot(ctx, tsm, slot, account); err != nil {
			return ready, fmt.Errorf("getting card %d of %d: %w", ready+1, n, err)
		}
		ready++
	}
	return ready, nil
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
	expiry := message.CardExpiry(message.EpochAt(w.config.Now()))
	request, err := w.config.SE.CardRequest(ctx, slot, a.Slot, wire.CardOneShow)
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
		Slot: slot, Account: a.Slot, Expiry: uint32(expiry),
	})
	return w.config.Folder.Save(w.state)
}

// Arm consents to one tap of at most limit (n12) in a currency (n3). It refuses with [ErrExpired]
// while a card that has expired is in the element, which can't tell and might show it.
func (w *Wallet) Arm(
	ctx context.Context, limit [wire.AmountLen]byte, currency [wire.CurrencyLen]byte,
) error {
	if w.state.expired(message.EpochAt(w.config.Now())) {
		return fmt.Errorf("%w: a card in the element", ErrExpired)
	}
	if err := w.enter(ctx); err != nil {
		return err
	}
	// First, so that too much may be booked and never too little.
	if err := w.noteArming(limit, currency); err != nil {
		return err
	}
	if err := w.config.SE.Arm(ctx, limit, currency); err != nil {
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
