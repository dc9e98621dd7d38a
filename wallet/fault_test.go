package wallet_test

import (
	"errors"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// once loses the first answer on a path.
func once(path string) func(string) bool {
	lost := false
	return func(p string) bool {
		if lost || p != path {
			return false
		}
		lost = true
		return true
	}
}

// TestLostAnswers loses each answer of phases 0 to 4 in turn. The same command again brings the run
// to its end: no limit is moved twice, none is stranded.
func TestLostAnswers(t *testing.T) {
	for _, path := range []string{
		api.PathInfo, api.PathOpen, api.PathActivate, api.PathAID, api.PathAIDKeys, api.PathHello,
		api.PathRegister, api.PathTIDFund, api.PathCard,
	} {
		t.Run(path, func(t *testing.T) {
			s := wallettest.New(t)
			bank, tsm := s.BankFor(message.PartyID{}), s.TSMServer()
			bank.Lose, tsm.Lose = once(path), once(path)
			failed := 0
			run := func(act func(w *wallet.Wallet) error) {
				t.Helper()
				for {
					// Each command is a process of its own: it starts from the folder.
					err := act(s.NewWallet(t))
					if err == nil {
						return
					}
					if !errors.Is(err, wallettest.ErrLost) {
						t.Fatal(err)
					}
					failed++
				}
			}
			run(func(w *wallet.Wallet) error {
				return w.Open(t.Context(), wallet.OpenOptions{
					Bank: bank, User: message.NewUserID("alice"), Deposit: 20000, Limit: 10000,
				})
			})
			run(func(w *wallet.Wallet) error {
				return w.Register(t.Context(), wallet.RegisterOptions{TSM: tsm})
			})
			run(func(w *wallet.Wallet) error {
				_, err := w.Refill(t.Context(), tsm, wire.CardSlots)
				return err
			})
			if failed == 0 {
				t.Error("no answer was lost")
			}
			wantBalance(t, s.BankDB, "customer/alice", 10000)
			wantBalance(t, s.BankDB, ledger.AccountID("escrow/"+s.TSM.ID.String()), 10000)
			wantBalance(t, s.TSMDB, ledger.AccountID("escrow/"+s.Bank.ID.String()), 10000)
		})
	}
}
