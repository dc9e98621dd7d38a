package wallet_test

import (
	"context"
	"encoding/json"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
	"tapbench/backend/tsm"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// funder is a phone with a bank account ID that is about to register.
type funder struct {
	*wallettest.System
	wallet *wallet.Wallet
	tsm    *wallettest.Server
	// sent is the wallet's last request for funding, asked how often the bank was asked for one.
	sent  []byte
	asked int
}

func newFunder(t *testing.T, deposit uint64) *funder {
	t.Helper()
	f := &funder{System: wallettest.New(t)}
	f.wallet, f.tsm = f.NewWallet(t), f.TSMServer()
	check(t, f.wallet.Open(t.Context(), wallet.OpenOptions{
		Bank: f.BankFor(message.PartyID{}), User: message.NewUserID("alice"), Deposit: deposit,
		Limit: 10000, Release: f.Release(),
	}))
	f.tsm.Change = func(path string, raw []byte) ([]byte, error) {
		if path == api.PathTIDFund {
			f.sent = raw
		}
		return raw, nil
	}
	f.link(nil, nil)
	return f
}

// link has the TSM's line to the bank fail before a funding has reached it, or after.
func (f *funder) link(before, after error) {
	f.Link.Change = func(path string, raw []byte) ([]byte, error) {
		if path != api.PathFund {
			return raw, nil
		}
		f.asked++
		return raw, before
	}
	f.Link.Answer = func(path string, raw []byte) ([]byte, error) {
		if path != api.PathFund {
			return raw, nil
		}
		return raw, after
	}
}

func (f *funder) register(t *testing.T, limit message.Limit) error {
	t.Helper()
	return f.wallet.Register(t.Context(), wallet.RegisterOptions{TSM: f.tsm, Limit: limit})
}

func (f *funder) states(t *testing.T) (out []tsm.State) {
	t.Helper()
	check(t, f.TSMDB.View(context.Background(), func(tx store.Tx) error {
		accounts, err := tsm.Accounts(context.Background(), tx)
		for _, a := range accounts {
			out = append(out, a.State)
		}
		return err
	}))
	return out
}

func (f *funder) wantEscrow(t *testing.T, minor int64) {
	t.Helper()
	wantBalance(t, f.BankDB, ledger.AccountID("escrow/"+f.TSM.ID.String()), minor)
	wantBalance(t, f.TSMDB, ledger.AccountID("escrow/"+f.Bank.ID.String()), minor)
}

// TestBankRefuses: the run is over, the wallet is told, now and whenever it asks again; and it may
// register anew.
func TestBankRefuses(t *testing.T) {
	f := newFunder(t, 7000)
	if err := f.register(t, 10000); !errors.Is(err, problem(api.CodeLimit)) {
		t.Fatalf("got %v, want the bank's refusal", err)
	}
	asked := f.asked
	for range 2 {
		if _, err := f.tsm.Call(t.Context(), api.PathTIDFund, f.sent); !errors.Is(err,
			problem(api.CodeLimit)) {
			t.Errorf("again: got %v, want the same refusal", err)
		}
	}
	if f.asked != asked {
		t.Error("the bank was asked again")
	}
	swept, err := f.TSM.Sweep(t.Context())
	if err != nil || swept != (tsm.Swept{}) || len(f.states(t)) > 0 {
		t.Errorf("the run isn't over: %+v, %v, %v", swept, f.states(t), err)
	}
	f.wantEscrow(t, 0)
	check(t, f.register(t, 5000))
	f.wantEscrow(t, 5000)
}

// TestAnswerLost: the bank has moved the limit, and nobody knows. The TSM finds out by itself.
func TestAnswerLost(t *testing.T) {
	f := newFunder(t, 20000)
	f.link(nil, errors.New("lost"))
	if err := f.register(t, 10000); !errors.Is(err, problem(api.CodeUnavailable)) {
		t.Fatalf("got %v", err)
	}
	if diff := cmp.Diff([]tsm.State{tsm.StateFunding}, f.states(t)); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	swept, err := f.TSM.Sweep(t.Context())
	if want := (tsm.Swept{Waiting: 1}); err != nil || swept != want {
		t.Errorf("the line is still bad: got %+v, %v", swept, err)
	}
	f.link(nil, nil)
	f.RestartTSM(t)
	swept, err = f.TSM.Sweep(t.Context())
	if want := (tsm.Swept{Active: 1}); err != nil || swept != want {
		t.Errorf("got %+v, %v", swept, err)
	}
	f.wantEscrow(t, 10000)
	check(t, f.register(t, 10000)) // the wallet gets what it has missed
	f.wantEscrow(t, 10000)
	status, err := f.wallet.Status(t.Context())
	if err != nil || status.TIDs[0] != wire.TIDActive {
		t.Errorf("got %v, %v", status.TIDs, err)
	}
}

// TestRequestLost: the bank has never heard of it, and its nonce has expired when it does.
func TestRequestLost(t *testing.T) {
	f := newFunder(t, 20000)
	f.link(errors.New("lost"), nil)
	if err := f.register(t, 10000); !errors.Is(err, problem(api.CodeUnavailable)) {
		t.Fatalf("got %v", err)
	}
	f.link(nil, nil)
	later := time.Now().Add(6 * time.Minute)
	f.Now = func() time.Time { return later }
	swept, err := f.TSM.Sweep(t.Context())
	if want := (tsm.Swept{Refused: 1}); err != nil || swept != want {
		t.Errorf("got %+v, %v", swept, err)
	}
	if err := f.register(t, 10000); !errors.Is(err, problem(api.CodeExpired)) {
		t.Errorf("the wallet asks again: got %v", err)
	}
	f.wantEscrow(t, 0)
	check(t, f.register(t, 10000))
	f.wantEscrow(t, 10000)
}

// limits has a server publish another list than it goes by.
func limits(server *wallettest.Server, list ...uint64) {
	server.Answer = func(path string, raw []byte) ([]byte, error) {
		if path != api.PathInfo {
			return raw, nil
		}
		return damageJSON(raw, "limits", func(json.RawMessage) any { return list })
	}
}

// TestUnpublishedLimits: a limit of its own would tell an account from all others.
func TestUnpublishedLimits(t *testing.T) {
	f := newFunder(t, 20000)
	if err := f.register(t, 4000); !errors.Is(err, wallet.ErrLimit) {
		t.Errorf("the wallet: got %v", err)
	}
	f.misled(t)
	if err := f.register(t, 4000); !errors.Is(err, problem(api.CodeLimit)) {
		t.Errorf("the TSM: got %v", err)
	}
	if f.asked > 0 {
		t.Error("the bank was asked")
	}
	f.TSM.Limits = append(f.TSM.Limits, money.Must("EUR:40.00"))
	if err := f.register(t, 4000); !errors.Is(err, problem(api.CodeLimit)) || f.asked != 1 {
		t.Errorf("the bank: got %v", err)
	}
	f.wantEscrow(t, 0)
}

// misled is a wallet that believes any list.
func (f *funder) misled(t *testing.T) {
	t.Helper()
	limits(f.tsm, 4000)
	bank := f.BankFor(message.PartyID{})
	limits(bank, 4000, 10000)
	name := f.Bank.ID.String()
	check(t, f.wallet.CloseAID(t.Context(), bank, name))
	check(t, f.wallet.Open(t.Context(), wallet.OpenOptions{
		Bank: bank, User: message.NewUserID("alice"), Limit: 10000,
		Release: f.Release(),
	}))
}

// TestExpiredAccount: no term reaches beyond the bank account ID's.
func TestExpiredAccount(t *testing.T) {
	f := newFunder(t, 20000)
	later := time.Now().Add(6 * message.EpochLength)
	f.Now = func() time.Time { return later }
	if err := f.register(t, 10000); !errors.Is(err, problem(api.CodeExpired)) {
		t.Errorf("got %v", err)
	}
	f.wantEscrow(t, 0)
}

// TestClosedAccount: what was given up funds nothing, and issues no cards.
func TestClosedAccount(t *testing.T) {
	f := newFunder(t, 20000)
	check(t, f.register(t, 5000))
	check(t, f.register(t, 5000))
	if err := f.register(t, 5000); !errors.Is(err, wallet.ErrNoSlot) {
		t.Errorf("a third account: got %v", err)
	}
	check(t, f.wallet.CloseTID(t.Context(), f.tsm, ""))
	check(t, f.wallet.CloseAID(t.Context(), f.BankFor(message.PartyID{}), f.Bank.ID.String()))
	want := []tsm.State{tsm.StateActive, tsm.StateClosed}
	if diff := cmp.Diff(want, f.states(t)); diff != "" {
		t.Errorf("accounts (-want +got):\n%s", diff)
	}
	if err := f.register(t, 5000); !errors.Is(err, wallet.ErrNotOpen) {
		t.Errorf("the bank account ID is closed: got %v", err)
	}
	if _, err := f.wallet.Refill(t.Context(), f.tsm, 1); err != nil {
		t.Errorf("the other account: %v", err)
	}
	f.wantEscrow(t, 10000) // until the epoch is over
}
