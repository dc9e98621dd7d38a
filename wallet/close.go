package wallet

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
)

var (
	// ErrArmed means that a consent is in force. Nothing was changed. Run "wallet disarm".
	ErrArmed = errors.New("armed for a tap")
	// ErrUnfinished means that a registration with this bank waits for its answer. Nothing was
	// changed. Run "wallet register" to bring it to its end.
	ErrUnfinished = errors.New("a registration is unfinished")
)

// CloseTID gives up the TSM account that is paid from a bank, an empty name for the first one: its
// cards are gone and its slot is free. What is left of it comes back at the bank when the epoch is
// over. Broken off, it goes on with the next call, or with [plan.Close].
func (w *Wallet) CloseTID(ctx context.Context, tsm Caller, bank string) error {
	account, ok := w.state.paidFrom(bank)
	if !ok {
		return fmt.Errorf("%w: no account paid from %q", ErrNotRegistered, bank)
	}
	return w.closeTID(ctx, tsm, account)
}

func (w *Wallet) closeTID(ctx context.Context, tsm Caller, account TSMAccount) error {
	if err := w.enter(ctx); err != nil {
		return err
	}
	outlook, err := w.look(ctx) // what was spent is written down before the cards are gone
	if err != nil {
		return err
	}
	if outlook.Arm != wire.ArmNone {
		return ErrArmed
	}
	if account.Fund != nil {
		return fmt.Errorf("%w: with %s", ErrUnfinished, account.Bank)
	}
	account, _ = w.state.tid(account.Slot)
	if !account.Closing {
		account.Closing = true
		w.state.putTID(account)
		if err := w.config.Folder.Save(w.state); err != nil {
			return err
		}
	}
	return w.tellTSM(ctx, tsm, account)
}

// tellTSM has the element give an account up and tells the TSM. Both say it again if asked again.
// A refusal doesn't bring the account back: the element has given it up.
func (w *Wallet) tellTSM(ctx context.Context, tsm Caller, account TSMAccount) error {
	sealed, err := w.config.SE.TIDClose(ctx, account.Slot)
	if err != nil {
		return err
	}
	w.step("tid-close", "SE", "TSM", len(sealed))
	err = tsm.Post(ctx, api.PathTIDClose,
		api.TIDCloseRequest{Run: account.Run, Message: sealed}, new(api.TIDCloseResponse))
	if err != nil && !refused(err) {
		return err
	}
	return errors.Join(err, w.forget(account.Slot))
}

// forget takes an account and its cards out of the wallet's books.
func (w *Wallet) forget(slot byte) error {
	w.state.dropTID(slot)
	w.state.Books.dropAccount(slot)
	return w.config.Folder.Save(w.state)
}

// CloseAID gives up the bank account ID at a bank; [Wallet.Open] gets a new one then. TSM accounts
// that it has paid stay.
func (w *Wallet) CloseAID(ctx context.Context, bank Caller, name string) error {
	account, ok := w.state.bank(name)
	if !ok || !account.Granted && !account.Closing || len(account.Account) != wire.AccountIDLen {
		return fmt.Errorf("%w: %s", ErrNotOpen, name)
	}
	for _, a := range w.state.TIDs {
		if a.Bank == name && a.Fund != nil {
			return fmt.Errorf("%w: with %s", ErrUnfinished, name)
		}
	}
	if err := w.enter(ctx); err != nil {
		return err
	}
	if !account.Closing {
		account.Closing, account.Granted = true, false
		w.state.putBank(account)
		if err := w.config.Folder.Save(w.state); err != nil {
			return err
		}
	}
	sealed, err := w.config.SE.AIDClose(ctx, account.Slot)
	if err != nil {
		return err
	}
	w.step("aid-close", "SE", "bank", len(sealed))
	err = bank.Post(ctx, api.PathAIDClose,
		api.AIDCloseRequest{Account: account.Account, Message: sealed}, new(api.AIDCloseResponse))
	if err != nil && !refused(err) {
		return err
	}
	account.Closing = false
	w.state.putBank(account)
	return errors.Join(err, w.config.Folder.Save(w.state))
}

// free gives up the TSM accounts that have expired, so that their slots can be used again. Nobody
// hears of it: the TSM knows by itself. It does nothing while a consent is in force.
func (w *Wallet) free(ctx context.Context) error {
	outlook, err := w.look(ctx)
	if err != nil {
		return err
	}
	if outlook.Arm != wire.ArmNone {
		return ErrArmed
	}
	for _, a := range outlook.Accounts {
		if !a.Active || a.Expiry >= outlook.Epoch() {
			continue
		}
		if _, err := w.config.SE.TIDClose(ctx, a.Slot); err != nil {
			return err
		}
		if err := w.forget(a.Slot); err != nil {
			return err
		}
	}
	return nil
}

// Renew gets a new bank account ID where the old one ends with this epoch or has ended. The bank
// sees its customer ask, at an instant that no payment has moved; the TSM sees nothing.
func (w *Wallet) Renew(ctx context.Context, bank Caller, name string) error {
	account, ok := w.state.bank(name)
	if !ok || !account.Opened {
		return fmt.Errorf("%w: %s", ErrNotOpen, name)
	}
	if err := w.enter(ctx); err != nil {
		return err
	}
	if account.Granted {
		if message.Epoch(account.Expiry) > message.EpochAt(w.config.Now()) {
			return nil
		}
		// The message isn't sent: the ID expires, and the bank hears of the next one.
		if _, err := w.config.SE.AIDClose(ctx, account.Slot); err != nil {
			return err
		}
		account.Granted, account.Renewing = false, true
		w.state.putBank(account)
		if err := w.config.Folder.Save(w.state); err != nil {
			return err
		}
	}
	face, err := w.meet(ctx, bank, wire.CertBankSign, wire.CertBankKEM)
	if err != nil {
		return err
	}
	se, err := w.config.SE.Certificate(ctx)
	if err != nil {
		return err
	}
	o := OpenOptions{Bank: bank, Limit: message.Limit(account.Limit)}
	if err := w.openAID(ctx, o, face, account.Slot, se.Key); err != nil {
		return fmt.Errorf("getting a new bank account ID from %s: %w", name, err)
	}
	return nil
}

// paidFrom returns the account that is paid from a bank; of an empty name the first one.
func (s *State) paidFrom(bank string) (TSMAccount, bool) {
	for _, a := range s.TIDs {
		if bank == "" || a.Bank == bank {
			return a, true
		}
	}
	return TSMAccount{}, false
}

func (s *State) putTID(account TSMAccount) {
	for i, a := range s.TIDs {
		if a.Slot == account.Slot {
			s.TIDs[i] = account
			return
		}
	}
	s.TIDs = append(s.TIDs, account)
}

// closeAgain brings what was broken off to its end.
func (w *Wallet) closeAgain(ctx context.Context, s Servers) error {
	for _, a := range slices.Clone(w.state.TIDs) {
		if a.Closing {
			if err := w.closeTID(ctx, s.TSM, a); err != nil {
				return err
			}
		}
	}
	for _, b := range slices.Clone(w.state.Banks) {
		if !b.Closing {
			continue
		}
		bank, err := s.Bank(b.Bank)
		if err != nil {
			return err
		}
		if err := w.CloseAID(ctx, bank, b.Bank); err != nil {
			return err
		}
	}
	return nil
}
