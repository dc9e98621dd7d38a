package wallet_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
	"tapbench/tpm/measure"
	"tapbench/tpm/quote"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// These tests end a party between any two messages of phases 0 to 4: before a message has reached
// its receiver and after the receiver has done its part. Messages are commands to the element,
// calls of the TPM, requests and answers. What was broken off is done again, from what is on the
// disks: no limit is moved twice, no account stays half open.

// errKilled is what a caller sees of a party that was ended.
var errKilled = errors.New("killed")

// The parties that can be ended.
const (
	killWallet = "wallet"
	killBank   = "bank"
	killTSM    = "TSM"
	killTPM    = "TPM"
)

// victim is one user of a system whose messages are counted.
type victim struct {
	*wallettest.System
	t         *testing.T
	name      message.UserID
	bank, tsm *wallettest.Server
	// At boundary number at, kill ends. 0: never.
	kill string
	at   int
	seen int
	dead bool // the wallet is
	hit  string
}

// boundary is called before and after each message between the wallet, or the TSM, and a peer. It
// returns an error when the message, or its answer, is lost.
func (v *victim) boundary(peer, what string, after bool) error {
	if v.dead {
		return errKilled
	}
	if !v.counts(peer) {
		return nil
	}
	v.seen++
	if v.seen != v.at {
		return nil
	}
	v.hit = fmt.Sprintf("before %s", what)
	if after {
		v.hit = fmt.Sprintf("after %s", what)
	}
	switch v.kill {
	case killWallet:
		v.dead = true
	case killBank:
		v.RestartBank(v.t)
	case killTSM:
		v.RestartTSM(v.t)
	case killTPM:
		v.RestartTPM(v.t)
	}
	return errKilled
}

// counts says whether an end of the victim can be noticed at a message to this peer. The wallet's
// can at every one; a server does and keeps nothing between its own messages.
func (v *victim) counts(peer string) bool {
	switch v.kill {
	case killWallet:
		return peer != "link"
	case killTSM:
		return peer == killTSM || peer == "link"
	case killBank:
		return peer == killBank || peer == "link"
	default:
		return peer == v.kill
	}
}

// attester counts the calls of a phone's TPM.
type attester struct{ v *victim }

func watched[T any](a attester, what string, call func() (T, error)) (T, error) {
	var none T
	if err := a.v.boundary(killTPM, what, false); err != nil {
		return none, err
	}
	got, err := call()
	if err != nil {
		return none, err
	}
	return got, a.v.boundary(killTPM, what, true)
}

// EKCertificate implements wallet.Attester; and so below.
func (a attester) EKCertificate(ctx context.Context) ([]byte, error) {
	return watched(a, "EK", func() ([]byte, error) { return a.v.Phone.EKCertificate(ctx) })
}

func (a attester) AK(ctx context.Context) ([]byte, message.PublicKey, error) {
	var point message.PublicKey
	public, err := watched(a, "AK", func() (public []byte, err error) {
		public, point, err = a.v.Phone.AK(ctx)
		return public, err
	})
	return public, point, err
}

func (a attester) ActivateCredential(ctx context.Context, blob, secret []byte) ([]byte, error) {
	return watched(a, "ActivateCredential", func() ([]byte, error) {
		return a.v.Phone.ActivateCredential(ctx, blob, secret)
	})
}

func (a attester) Evidence(ctx context.Context, question quote.Binding) ([]byte, error) {
	return watched(a, "Quote", func() ([]byte, error) { return a.v.Phone.Evidence(ctx, question) })
}

func (a attester) LaunchQuote(
	ctx context.Context, question quote.Binding,
) ([]byte, message.Signature, error) {
	var sig message.Signature
	attest, err := watched(a, "launch quote", func() (attest []byte, err error) {
		attest, sig, err = a.v.Phone.LaunchQuote(ctx, question)
		return attest, err
	})
	return attest, sig, err
}

func (a attester) LaunchPCR(ctx context.Context) ([32]byte, error) {
	return watched(a, "PCR 23", func() ([32]byte, error) { return a.v.Phone.LaunchPCR(ctx) })
}

func (a attester) Record(ctx context.Context, program measure.Entry) error {
	_, err := watched(a, "extend", func() (struct{}, error) {
		return struct{}{}, a.v.Phone.Record(ctx, program)
	})
	return err
}

// newVictim is a new user of a system.
func newVictim(t *testing.T, s *wallettest.System, kill string, at int) *victim {
	t.Helper()
	v := &victim{
		System: s.Another(t), t: t, kill: kill, at: at,
		name: message.NewUserID(fmt.Sprintf("%s-%d", kill, at)),
	}
	v.bank, v.tsm = v.BankFor(message.PartyID{}), v.TSMServer()
	v.connect()
	return v
}

// connect has all lines counted. A wallet that died is started again by it.
func (v *victim) connect() {
	v.dead = false
	v.Attester = attester{v}
	v.Reconnect(v.t, func(after bool) bool {
		return v.boundary("element", "a command", after) == nil
	})
	for peer, server := range map[string]*wallettest.Server{
		killBank: v.bank, killTSM: v.tsm, "link": v.Link,
	} {
		server.Change = func(path string, raw []byte) ([]byte, error) {
			return raw, v.boundary(peer, path, false)
		}
		server.Answer = func(path string, raw []byte) ([]byte, error) {
			return raw, v.boundary(peer, path, true)
		}
	}
}

// stage is one command of the wallet.
type stage struct {
	name string
	act  func(v *victim, w *wallet.Wallet) error
	done func(w *wallet.Wallet) bool
}

const killLimit = 5000

func stages() []stage {
	return []stage{
		{"open", func(v *victim, w *wallet.Wallet) error {
			return w.Open(v.t.Context(), wallet.OpenOptions{
				Release: v.Release(),
				Bank:    v.bank, User: v.name, Deposit: 2 * killLimit, Limit: killLimit,
			})
		}, func(w *wallet.Wallet) bool {
			return len(w.State().Banks) == 1 && w.State().Banks[0].Granted
		}},
		{"register", func(v *victim, w *wallet.Wallet) error {
			return w.Register(v.t.Context(), wallet.RegisterOptions{TSM: v.tsm})
		}, func(w *wallet.Wallet) bool {
			return len(w.State().TIDs) == 1 && w.State().TIDs[0].Active
		}},
		{"refill", func(v *victim, w *wallet.Wallet) error {
			_, err := w.Refill(v.t.Context(), v.tsm, 1)
			return err
		}, func(*wallet.Wallet) bool { return false }},
		{"close the TSM account", func(v *victim, w *wallet.Wallet) error {
			return w.CloseTID(v.t.Context(), v.tsm, "")
		}, func(w *wallet.Wallet) bool { return len(w.State().TIDs) == 0 }},
		{"close the bank account ID", func(v *victim, w *wallet.Wallet) error {
			return w.CloseAID(v.t.Context(), v.bank, v.Bank.ID.String())
		}, func(w *wallet.Wallet) bool {
			return !w.State().Banks[0].Granted && !w.State().Banks[0].Closing
		}},
	}
}

// run brings all stages to their end, each command in a process of its own, and each again after
// its party was ended.
func (v *victim) run() {
	v.t.Helper()
	for _, stage := range stages() {
		for range 3 {
			err := stage.act(v, v.NewWallet(v.t))
			if err == nil {
				break
			}
			if v.hit == "" || v.seen < v.at {
				v.t.Fatalf("%s: %v", stage.name, err)
			}
			v.at = 0 // once is enough
			v.connect()
			v.stands(stage)
			if stage.done(v.NewWallet(v.t)) {
				break
			}
		}
	}
}

// stands checks what a wallet says after it was broken off: nothing is ready that the element
// doesn't have, and what isn't done is said to be unfinished or isn't there.
func (v *victim) stands(broken stage) {
	v.t.Helper()
	w := v.NewWallet(v.t)
	if len(w.State().Pairing) == 0 {
		return // nothing has begun
	}
	status, err := w.Status(v.t.Context())
	if err != nil {
		if broken.name != "open" || len(w.State().Banks) > 0 {
			v.t.Errorf("%s: status: %v", v.hit, err)
		}
		return
	}
	for _, a := range w.State().Banks {
		if a.Granted && status.Banks[a.Slot] != wire.AccountGranted {
			v.t.Errorf("%s: an account is said to be ready that isn't", v.hit)
		}
	}
	for _, a := range w.State().TIDs {
		ready := a.Active && !a.Closing
		if a.Active == (a.Fund != nil) || ready && status.TIDs[a.Slot] != wire.TIDActive {
			v.t.Errorf("%s: a TSM account is said to be ready that isn't", v.hit)
		}
	}
}

// books returns the balances that matter, after an audit.
func (v *victim) books() map[string]int64 {
	v.t.Helper()
	out := make(map[string]int64)
	for name, db := range map[string]store.Store{"bank ": v.BankDB, "TSM ": v.TSMDB} {
		check(v.t, db.View(context.Background(), func(tx store.Tx) error {
			if err := ledger.Audit(context.Background(), tx); err != nil {
				return err
			}
			accounts, err := tx.Accounts(context.Background())
			for _, a := range accounts {
				out[name+string(a.ID)] = a.Balance()
			}
			return err
		}))
	}
	return out
}

// settled checks what a user's whole run leaves behind, however often it was broken off: one
// deposit, one account at the bank, one limit moved, one account at the TSM, all closed.
func (v *victim) settled(name message.UserID, before map[string]int64) {
	v.t.Helper()
	after := v.books()
	for account, want := range map[string]int64{
		"bank customer/" + name.String():   killLimit,
		"bank escrow/" + v.TSM.ID.String(): killLimit,
		"TSM escrow/" + v.Bank.ID.String(): killLimit,
	} {
		if got := after[account] - before[account]; got != want {
			v.t.Errorf("%s: %s moved by %d, want %d", v.hit, account, got, want)
		}
	}
	open := 0
	for account := range after {
		if _, ok := before[account]; !ok {
			open++
		}
	}
	if open != 2 { // the user's at the bank, the holder's at the TSM
		v.t.Errorf("%s: %d accounts were opened", v.hit, open)
	}
	if n := v.count(v.BankDB, `SELECT count(*) FROM accounts WHERE user_id = '`+
		name.String()+`'`); n != 1 {
		v.t.Errorf("%s: %d bank account IDs", v.hit, n)
	}
	if n := v.count(v.TSMDB, `SELECT count(*) FROM runs WHERE state = 'funding'`); n != 0 {
		v.t.Errorf("%s: %d fundings under way", v.hit, n)
	}
	status, err := v.NewWallet(v.t).Status(v.t.Context())
	check(v.t, err)
	if status.Cards[0] != wire.CardEmpty || status.TIDs[0] != wire.TIDClosed ||
		status.TIDs[1] != wire.TIDEmpty || status.Banks[0] != wire.AccountClosed {
		v.t.Errorf("%s: got %+v", v.hit, status)
	}
	for db, query := range map[store.Store]string{
		v.BankDB: `SELECT count(*) FROM accounts WHERE closed = 0`,
		v.TSMDB:  `SELECT count(*) FROM runs WHERE state = 'active'`,
	} {
		if n := v.count(db, query); n != 0 {
			v.t.Errorf("%s: %d accounts aren't closed", v.hit, n)
		}
	}
}

func (v *victim) count(db store.Store, query string) (n int) {
	v.t.Helper()
	check(v.t, db.View(context.Background(), func(tx store.Tx) error {
		return tx.QueryRowContext(context.Background(), query).Scan(&n)
	}))
	return n
}

// TestKilledBetweenMessages ends each party at each boundary in turn, one user after the other.
func TestKilledBetweenMessages(t *testing.T) {
	s := wallettest.New(t)
	for _, kill := range []string{killWallet, killBank, killTSM, killTPM} {
		at := 1
		for ; !t.Failed(); at++ {
			v := newVictim(t, s, kill, at)
			before := v.books()
			v.run()
			s.Take(v.System) // the next user meets what was started again
			v.kill = ""
			v.settled(v.name, before)
			if v.hit == "" {
				break // there is no such boundary any more
			}
		}
		t.Logf("%s: ended at each of %d boundaries", kill, at-1)
	}
}
