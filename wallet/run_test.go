package wallet_test

import (
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

func TestPhases0To4(t *testing.T) {
	s := wallettest.New(t)
	w := s.NewWallet(t)
	ctx := t.Context()
	err := w.Open(ctx, wallet.OpenOptions{
		Release: s.Release(),
		Bank:    s.BankFor(message.PartyID{}), User: message.NewUserID("alice"), Deposit: 20000,
		Limit: 10000,
	})
	if err != nil {
		t.Fatal("opening: ", err)
	}
	if err := w.Register(ctx, wallet.RegisterOptions{TSM: s.TSMServer()}); err != nil {
		t.Fatal("registering: ", err)
	}
	ready, err := w.Refill(ctx, s.TSMServer(), wire.CardSlots)
	if err != nil || ready != wire.CardSlots {
		t.Fatalf("refilling: got %d cards, %v", ready, err)
	}
	amount := [wire.AmountLen]byte{0, 0, 0, 0, 0x20, 0}
	if err := w.Arm(ctx, amount, [wire.CurrencyLen]byte{0x09, 0x78}); err != nil {
		t.Fatal("arming: ", err)
	}
	status, err := w.Status(ctx)
	if err != nil || status.Arm != wire.ArmReady {
		t.Fatalf("got arm state %d, %v", status.Arm, err)
	}
	wantBalance(t, s.BankDB, "customer/alice", 10000)
	wantBalance(t, s.BankDB, ledger.AccountID("escrow/"+s.TSM.ID.String()), 10000)
	wantBalance(t, s.TSMDB, ledger.AccountID("escrow/"+s.Bank.ID.String()), 10000)
}

func wantBalance(t *testing.T, db store.Store, id ledger.AccountID, want int64) {
	t.Helper()
	err := db.View(t.Context(), func(tx store.Tx) error {
		account, err := tx.Account(t.Context(), id)
		if err == nil && account.Balance() != want {
			t.Errorf("%s: got %d, want %d", id, account.Balance(), want)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}
