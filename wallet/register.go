package wallet

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/tpm/quote"
)

// RegisterOptions says which TSM account to make.
type RegisterOptions struct {
	TSM   Caller
	Bank  string        // name of the bank whose account pays; empty: the first one
	Limit message.Limit // L, a published one; 0: the largest that the account covers
}

// Register makes a TSM account and funds it from a bank account ID (phase 3).
func (w *Wallet) Register(ctx context.Context, o RegisterOptions) error {
	account, err := w.fundingAccount(o.Bank)
	if err != nil {
		return err
	}
	if err := w.enter(ctx); err != nil {
		return err
	}
	tsm, err := w.meet(ctx, o.TSM, wire.CertTSMSign, wire.CertTSMKEM)
	if err != nil {
		return err
	}
	if pending, ok := w.pendingFunding(); ok {
		if err := w.settle(ctx, o.TSM, pending); err != nil {
			return fmt.Errorf("funding the account at %s: %w", tsm.id, err)
		}
		return nil
	}
	if o.Limit, err = limitFor(o.Limit, account, tsm); err != nil {
		return err
	}
	slot, err := w.tidSlot(ctx)
	if err != nil {
		return err
	}
	var hello api.HelloResponse
	err = o.TSM.Post(ctx, api.PathHello, api.HelloRequest{Bank: account.Bank}, &hello)
	if err != nil {
		return err
	}
	if len(hello.NonceTSM) != wire.NonceLen || len(hello.NonceBank) != wire.NonceLen ||
		len(hello.Session) != wire.SessionIDLen {
		return fmt.Errorf("%w: nonces of another length", ErrServer)
	}
	w.step("hello", "TSM", "wallet", len(hello.NonceTSM)+len(hello.NonceBank)+len(hello.Session))
	run := registration{
		Wallet: w, o: o, account: account, tsm: tsm, slot: slot, run: hello.Run,
		start: applet.TIDStart{
			Sign: tsm.sign, KEM: tsm.kem, NonceTSM: message.Nonce(hello.NonceTSM),
			NonceBank: message.Nonce(hello.NonceBank), Session: message.SessionID(hello.Session),
		},
	}
	if err := run.register(ctx); err != nil {
		return fmt.Errorf("registering with %s: %w", tsm.id, err)
	}
	if err := run.fund(ctx); err != nil {
		return fmt.Errorf("funding the account at %s: %w", tsm.id, err)
	}
	return nil
}

// registration is one pass through phase 3.
type registration struct {
	*Wallet
	o       RegisterOptions
	account BankAccount
	tsm     face
	slot    byte
	run     []byte
	start   applet.TIDStart
}

func (r *registration) register(ctx context.Context) error {
	m1, err := r.config.SE.TIDRegister(ctx, r.slot, r.account.Slot, r.start)
	if err != nil {
		return err
	}
	r.step("tid-reg", "SE", "TSM", len(m1))
	var reply api.RegisterResponse
	err = r.o.TSM.Post(ctx, api.PathRegister, api.RegisterRequest{Run: r.run, Message1: m1}, &reply)
	if err != nil {
		return err
	}
	if err := r.config.SE.TIDReply(ctx, r.slot, reply.Message2); err != nil {
		return err
	}
	r.step("tid-rep", "TSM", "SE", len(reply.Message2))
	return nil
}

func (r *registration) fund(ctx context.Context) error {
	seCert, err := r.config.SE.Certificate(ctx)
	if err != nil {
		return err
	}
	evidence, err := r.evidence(ctx, quote.PurposeBINFO, r.start.NonceBank, r.start.Session,
		seCert.Key, message.PublicKey(r.account.Sign))
	if err != nil {
		return err
	}
	limit, expiry := r.o.Limit, message.Epoch(r.account.Expiry)
	inner, err := r.config.SE.BINFO(ctx, r.slot, limit, expiry, sha256.Sum256(evidence))
	if err != nil {
		return err
	}
	binfo, err := message.SealBINFO(message.PublicKey(r.account.KEM), inner, evidence)
	if err != nil {
		return err
	}
	r.step("BINFO", "SE", "bank", len(binfo))
	tsminfo, err := r.config.SE.TSMINFO(ctx, r.slot, sha256.Sum256(binfo))
	if err != nil {
		return err
	}
	r.step("TSMINFO", "SE", "TSM", len(tsminfo))
	pending := TSMAccount{
		Slot: r.slot, Bank: r.account.Bank, Run: r.run,
		Limit: uint64(limit), Expiry: uint32(expiry),
		Fund: &api.TIDFundRequest{Run: r.run, BINFO: binfo, TSMINFO: tsminfo},
	}
	r.state.TIDs = append(r.state.TIDs, pending)
	if err := r.config.Folder.Save(r.state); err != nil {
		return err
	}
	return r.settle(ctx, r.o.TSM, pending)
}

// pendingFunding returns a funding that was sent and whose answer the element hasn't got.
func (w *Wallet) pendingFunding() (TSMAccount, bool) {
	for _, account := range w.state.TIDs {
		if account.Fund != nil {
			return account, true
		}
	}
	return TSMAccount{}, false
}

// settle sends a funding, for the first time or again, and gives the answer to the element. A
// refusal ends it: nothing was moved then.
func (w *Wallet) settle(ctx context.Context, tsm Caller, pending TSMAccount) error {
	element, err := w.config.SE.Status(ctx)
	if err != nil {
		return err
	}
	if element.TIDs[pending.Slot] != wire.TIDActive {
		if err := w.fetchStatus(ctx, tsm, pending); err != nil {
			if !refused(err) {
				return err
			}
			w.state.dropTID(pending.Slot)
			return errors.Join(err, w.config.Folder.Save(w.state))
		}
	}
	pending.Fund, pending.Active = nil, true
	w.state.dropTID(pending.Slot)
	w.state.TIDs = append(w.state.TIDs, pending)
	return w.config.Folder.Save(w.state)
}

func (w *Wallet) fetchStatus(ctx context.Context, tsm Caller, pending TSMAccount) error {
	var status api.TIDFundResponse
	if err := tsm.Post(ctx, api.PathTIDFund, *pending.Fund, &status); err != nil {
		return err
	}
	if err := w.config.SE.TIDStatus(ctx, pending.Slot, status.Message6); err != nil {
		return err
	}
	w.step("tid-status", "TSM", "SE", len(status.Message6))
	return nil
}

func (s *State) dropTID(slot byte) {
	s.TIDs = slices.DeleteFunc(s.TIDs, func(a TSMAccount) bool { return a.Slot == slot })
}

func (w *Wallet) fundingAccount(bank string) (BankAccount, error) {
	for _, a := range w.state.Banks {
		if a.Granted && (bank == "" || a.Bank == bank) &&
			len(a.KEM) == wire.PointLen && len(a.Sign) == wire.PointLen {
			return a, nil
		}
	}
	if bank == "" {
		return BankAccount{}, ErrNotOpen
	}
	return BankAccount{}, fmt.Errorf("%w: %s", ErrNotOpen, bank)
}

// tidSlot returns a free slot. If there is none, accounts that have expired make room.
func (w *Wallet) tidSlot(ctx context.Context) (byte, error) {
	if len(w.state.TIDs) == wire.TIDSlots {
		if err := w.free(ctx); err != nil && !errors.Is(err, ErrArmed) {
			return 0, err
		}
	}
	for slot := range byte(wire.TIDSlots) {
		if _, taken := w.state.tid(slot); !taken {
			return slot, nil
		}
	}
	return 0, fmt.Errorf("%w: %d TSM accounts", ErrNoSlot, wire.TIDSlots)
}
