package wallet

import (
	"context"
	"fmt"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

// Refill gets up to n one-show cards into the element's free slots (phase 4), and returns how many
// are ready then.
func (w *Wallet) Refill(ctx context.Context, tsm Caller, n int) (int, error) {
	if len(w.state.TIDs) == 0 || !w.state.TIDs[0].Active {
		return 0, ErrNotRegistered
	}
	account := w.state.TIDs[0]
	if err := w.unlock(ctx); err != nil {
		return 0, err
	}
	// The key with which the TSM signs cards changes with the epoch.
	face, err := w.meet(ctx, tsm, wire.CertTSMSign, wire.CertTSMKEM)
	if err != nil {
		return 0, err
	}
	epoch, err := message.ParseCertificate(face.epoch)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrServer, err)
	}
	if err := w.config.SE.PutEpochKey(ctx, account.Slot, epoch); err != nil {
		return 0, err
	}
	w.step("epoch-key", "TSM", "SE", wire.CertificateLen)
	status, err := w.config.SE.Status(ctx)
	if err != nil {
		return 0, err
	}
	ready := 0
	for _, card := range status.Cards {
		if card == wire.CardReady {
			ready++
		}
	}
	for slot, card := range status.Cards {
		if ready >= n || card == wire.CardReady {
			continue
		}
		if err := w.refillSlot(ctx, tsm, byte(slot), account); err != nil {
			return ready, fmt.Errorf("getting card %d of %d: %w", ready+1, n, err)
		}
		ready++
	}
	return ready, nil
}

func (w *Wallet) refillSlot(ctx context.Context, tsm Caller, slot byte, a TSMAccount) error {
	request, err := w.config.SE.CardRequest(ctx, slot, a.Slot)
	if err != nil {
		return err
	}
	w.step("card-req", "SE", "TSM", len(request))
	var card api.CardResponse
	err = tsm.Post(ctx, api.PathCard, api.CardRequest{Run: a.Run, Request: request}, &card)
	if err != nil {
		return err
	}
	if err := w.config.SE.CardPut(ctx, slot, card.Card); err != nil {
		return err
	}
	w.step("vcard", "TSM", "SE", len(card.Card))
	return nil
}

// Arm consents to one tap of at most limit (n12) in a currency (n3).
func (w *Wallet) Arm(
	ctx context.Context, limit [wire.AmountLen]byte, currency [wire.CurrencyLen]byte,
) error {
	if err := w.unlock(ctx); err != nil {
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
