package wallet_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// requests are the requests of phases 0 to 4, in order, and the fields of bytes that they carry. A
// new message is covered by being listed.
func requests() []struct {
	path   string
	fields []string
} {
	return []struct {
		path   string
		fields []string
	}{
		{api.PathOpen, []string{
			"user_certificate", "se_certificate", "user_key", "enc", "ek_certificate", "ak_public",
			"ak_bind",
		}},
		{api.PathActivate, []string{"user_certificate", "secret"}},
		{api.PathAID, []string{"message_1"}},
		{api.PathAIDKeys, []string{"run", "message_3", "evidence"}},
		{api.PathRegister, []string{"run", "message_1"}},
		{api.PathTIDFund, []string{"run", "binfo", "tsminfo"}},
		{api.PathCard, []string{"run", "request"}},
	}
}

// damages are what may happen to a field on its way.
func damages() map[string]func([]byte) []byte {
	return map[string]func([]byte) []byte{
		"first bit flipped": func(b []byte) []byte { b[0] ^= 0x80; return b },
		"a bit flipped":     func(b []byte) []byte { b[len(b)/2] ^= 1; return b },
		"last bit flipped":  func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"cut off":           func(b []byte) []byte { return b[:len(b)-1] },
		"empty":             func([]byte) []byte { return []byte{} },
	}
}

// TestTamperedRequests damages each field of each request once. It is refused, nothing has moved
// beyond what earlier steps moved, and the same command without damage comes to its end.
func TestTamperedRequests(t *testing.T) {
	s := wallettest.New(t)
	bank, tsm := s.BankFor(message.PartyID{}), s.TSMServer()
	open := func() error {
		return s.NewWallet(t).Open(t.Context(), wallet.OpenOptions{
			Bank: bank, User: message.NewUserID("alice"), Deposit: 20000, Limit: 10000,
		})
	}
	register := func() error {
		return s.NewWallet(t).Register(t.Context(), wallet.RegisterOptions{TSM: tsm})
	}
	refill := func() error {
		_, err := s.NewWallet(t).Refill(t.Context(), tsm, 1)
		return err
	}
	act := map[string]func() error{
		api.PathOpen: open, api.PathActivate: open, api.PathAID: open, api.PathAIDKeys: open,
		api.PathRegister: register, api.PathTIDFund: register, api.PathCard: refill,
	}
	for _, request := range requests() {
		for _, field := range request.fields {
			for name, damage := range damages() {
				t.Run(fmt.Sprintf("%s %s %s", request.path, field, name), func(t *testing.T) {
					hit := false
					change := func(path string, raw []byte) ([]byte, error) {
						if path != request.path {
							return raw, nil
						}
						hit = true
						return damageField(raw, field, damage)
					}
					bank.Change, tsm.Change = change, change
					before := total(t, s)
					if err := act[request.path](); err == nil {
						t.Error("accepted")
					}
					bank.Change, tsm.Change = nil, nil
					if !hit {
						t.Error("the request was never made")
					}
					if after := total(t, s); after != before {
						t.Errorf("moved: %s, then %s", before, after)
					}
				})
			}
		}
		if last := lastOf(request.path); last {
			if err := act[request.path](); err != nil {
				t.Fatalf("without damage: %v", err)
			}
		}
	}
	wantBalance(t, s.BankDB, "customer/alice", 10000)
	wantBalance(t, s.BankDB, ledger.AccountID("escrow/"+s.TSM.ID.String()), 10000)
	wantBalance(t, s.TSMDB, ledger.AccountID("escrow/"+s.Bank.ID.String()), 10000)
}

// lastOf reports whether a path is the last one of its command.
func lastOf(path string) bool {
	return path == api.PathAIDKeys || path == api.PathTIDFund || path == api.PathCard
}

func damageField(raw []byte, field string, damage func([]byte) []byte) ([]byte, error) {
	var all map[string]json.RawMessage
	if err := json.Unmarshal(raw, &all); err != nil {
		return nil, err
	}
	var value []byte
	if err := json.Unmarshal(all[field], &value); err != nil {
		return nil, err
	}
	changed, err := json.Marshal(damage(value))
	if err != nil {
		return nil, err
	}
	all[field] = changed
	return json.Marshal(all)
}

// total says what the protocol has moved, after an audit of all books: cash that was handed in over
// the counter isn't part of it.
func total(t *testing.T, s *wallettest.System) string {
	t.Helper()
	text := ""
	for _, db := range []store.Store{s.BankDB, s.TSMDB} {
		err := db.View(t.Context(), func(tx store.Tx) error {
			if err := ledger.Audit(t.Context(), tx); err != nil {
				return err
			}
			accounts, err := tx.Accounts(t.Context())
			for _, a := range accounts {
				if a.Balance() != 0 && a.ID != "cash" && a.ID != "customer/alice" {
					text += fmt.Sprintf("%s %d ", a.ID, a.Balance())
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return text
}
