package wallet

import (
	"context"
	"errors"
	"fmt"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm/quote"
)

// ErrOtherUser means that the wallet and its element belong to somebody else.
var ErrOtherUser = errors.New("this wallet has another user")

// ErrOffer means that the bank offers another limit than the one that was asked for. Nothing was
// opened; ask again.
var ErrOffer = errors.New("the bank offers another limit")

// openAID is phase 2. It goes on with a request that an earlier call has sent without getting the
// element its answer: the bank may have opened the account already.
func (w *Wallet) openAID(
	ctx context.Context, o OpenOptions, bank face, slot byte, seKey message.PublicKey,
) error {
	if account, _ := w.state.bank(bank.id.String()); account.Keys == nil {
		if err := w.requestAID(ctx, o, bank, slot, seKey); err != nil {
			return err
		}
	}
	account, _ := w.state.bank(bank.id.String())
	return w.takeGrant(ctx, o.Bank, account)
}

// requestAID is messages 1 to 3. The last one is kept before it is sent.
func (w *Wallet) requestAID(
	ctx context.Context, o OpenOptions, bank face, slot byte, seKey message.PublicKey,
) error {
	se := w.config.SE
	th := message.NewTranscript(2, wire.RoleUser, wire.RoleBank, bank.id)
	m1, err := se.AIDRequest(ctx, slot)
	if err != nil {
		return err
	}
	w.step("aid-req", "SE", "bank", len(m1))
	th = th.Next(m1)
	var offer api.AIDResponse
	err = o.Bank.Post(ctx, api.PathAID,
		api.AIDRequest{Message1: m1, LimitMinor: uint64(o.Limit)}, &offer)
	if err != nil {
		return err
	}
	th = th.Next(offer.Message2)
	account, err := se.AIDReply(ctx, slot, offer.Message2)
	if err != nil {
		return err
	}
	w.step("aid-rep", "bank", "SE", len(offer.Message2))
	if account.Offer.Limit != o.Limit {
		return fmt.Errorf("%w: %d instead of %d", ErrOffer, account.Offer.Limit, o.Limit)
	}
	m3, err := se.AIDKeys(ctx, slot)
	if err != nil {
		return err
	}
	w.step("aid-keys", "SE", "bank", len(m3))
	evidence, err := w.evidence(ctx, quote.PurposeAID, account.Offer.Nonce, account.Offer.Session,
		seKey, account.Sign)
	if err != nil {
		return err
	}
	sealed, err := message.SealEvidence(bank.kemKey, th.Next(m3), evidence)
	if err != nil {
		return err
	}
	w.step("evidence", "TPM", "bank", len(sealed))
	old, _ := w.state.bank(bank.id.String())
	w.state.putBank(BankAccount{
		Slot: slot, Bank: bank.id.String(), KEM: bank.kemKey[:], Sign: account.Sign[:],
		Account: account.Offer.Account[:], Limits: bank.limits, Renewing: old.Renewing,
		Limit: uint64(account.Offer.Limit), Expiry: uint32(account.Offer.Expiry), Opened: true,
		Keys: &api.AIDKeysRequest{Run: th[:], Message3: m3, Evidence: sealed},
	})
	return w.config.Folder.Save(w.state)
}

// takeGrant sends message 3, for the first time or again, and gives message 4 to the element. A
// refusal ends the run, and so does an element that has gone on to another one: the next call
// begins with message 1.
func (w *Wallet) takeGrant(ctx context.Context, bank Caller, account BankAccount) error {
	status, err := w.config.SE.Status(ctx)
	if err != nil {
		return err
	}
	if status.Banks[account.Slot] != wire.AccountGranted {
		if err := w.fetchGrant(ctx, bank, account); err != nil {
			if !refused(err) && !errors.Is(err, applet.ErrState) {
				return err
			}
			account.Keys = nil
			w.state.putBank(account)
			return errors.Join(err, w.config.Folder.Save(w.state))
		}
	}
	account.Keys, account.Granted, account.Renewing = nil, true, false
	w.state.putBank(account)
	return w.config.Folder.Save(w.state)
}

func (w *Wallet) fetchGrant(ctx context.Context, bank Caller, account BankAccount) error {
	var grant api.AIDKeysResponse
	if err := bank.Post(ctx, api.PathAIDKeys, *account.Keys, &grant); err != nil {
		return err
	}
	if err := w.config.SE.AIDGrant(ctx, account.Slot, grant.Message4); err != nil {
		return err
	}
	w.step("aid-grant", "bank", "SE", len(grant.Message4))
	return nil
}

// refused reports whether a server has refused a request for good, so that it needn't come again.
func refused(err error) bool {
	problem := new(api.Problem)
	return errors.As(err, &problem) && problem.Final()
}

// evidence has the TPM quote for a judge's nonce.
func (w *Wallet) evidence(
	ctx context.Context, purpose quote.Purpose, nonce message.Nonce, sid message.SessionID,
	seKey, account message.PublicKey,
) ([]byte, error) {
	evidence, err := w.config.Attester.Evidence(ctx, quote.Binding{
		Purpose: purpose, Nonce: nonce[:], SID: sid, SoftwareID: w.config.Software,
		SE: seKey[:], AID: account[:],
	})
	if err != nil {
		return nil, fmt.Errorf("quoting: %w", err)
	}
	return evidence, nil
}

// bankSlot returns the slot of a bank, or a free one.
func (w *Wallet) bankSlot(bank string) (byte, error) {
	if a, ok := w.state.bank(bank); ok {
		return a.Slot, nil
	}
	if len(w.state.Banks) == wire.BankSlots {
		return 0, fmt.Errorf("%w: %d bank accounts", ErrNoSlot, wire.BankSlots)
	}
	return byte(len(w.state.Banks)), nil
}

func (s *State) bank(name string) (BankAccount, bool) {
	for _, a := range s.Banks {
		if a.Bank == name {
			return a, true
		}
	}
	return BankAccount{}, false
}

func (s *State) putBank(account BankAccount) {
	for i, a := range s.Banks {
		if a.Bank == account.Bank {
			s.Banks[i] = account
			return
		}
	}
	s.Banks = append(s.Banks, account)
}
