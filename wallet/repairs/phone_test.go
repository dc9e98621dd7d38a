package repairs

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/ledger"
	"tapbench/backend/store"
	"tapbench/wallet"
	"tapbench/wallet/wallettest"
)

// phone is one user of what this repository runs, with all that passed on the lines.
type phone struct {
	*wallettest.System
	name      string
	wallet    *wallet.Wallet
	bank, tsm *wallettest.Server
	said      []passed
}

// passed is one byte string that passed.
type passed struct {
	line, path, field string
	raw               []byte
}

// The lines, by the party that hears.
const (
	toBank = "wallet and bank"
	toTSM  = "wallet and TSM"
	link   = "TSM and bank"
)

func newPhone(t *testing.T, name string) *phone {
	t.Helper()
	return asPhone(t, wallettest.New(t), name)
}

// another is another user of the same bank and TSM.
func (p *phone) another(t *testing.T, name string) *phone {
	t.Helper()
	return asPhone(t, p.Another(t), name)
}

func asPhone(t *testing.T, s *wallettest.System, name string) *phone {
	t.Helper()
	p := &phone{
		System: s, name: name, bank: s.BankFor(message.PartyID{}), tsm: s.TSMServer(),
	}
	p.wallet = s.NewWallet(t)
	p.listen(t)
	return p
}

// listen has all that passes recorded from now on, and nothing changed.
func (p *phone) listen(t *testing.T) {
	t.Helper()
	for line, server := range map[string]*wallettest.Server{
		toBank: p.bank, toTSM: p.tsm, link: p.Link,
	} {
		record := func(path string, raw []byte) ([]byte, error) {
			p.record(t, line, path, raw)
			return raw, nil
		}
		server.Change, server.Answer = record, record
	}
}

func (p *phone) record(t *testing.T, line, path string, raw []byte) {
	t.Helper()
	var all map[string]json.RawMessage
	check(t, json.Unmarshal(raw, &all))
	for field, value := range all {
		var b []byte
		if json.Unmarshal(value, &b) == nil {
			p.said = append(p.said, passed{line, path, field, b})
		}
	}
}

// latest returns what a field said last.
func (p *phone) latest(t *testing.T, line, path, field string) []byte {
	t.Helper()
	for i := len(p.said) - 1; i >= 0; i-- {
		if s := p.said[i]; s.line == line && s.path == path && s.field == field {
			return s.raw
		}
	}
	t.Fatalf("nothing was said: %s %s %s", line, path, field)
	return nil
}

// open is phases 0 to 2, with 200.00 on the account and a limit of 100.00.
func (p *phone) open(t *testing.T) error {
	t.Helper()
	return p.wallet.Open(t.Context(), wallet.OpenOptions{
		Bank: p.bank, User: message.NewUserID(p.name), Deposit: 20000, Limit: 10000,
		Release: p.Release(),
	})
}

// register is phase 3.
func (p *phone) register(t *testing.T, limit message.Limit) error {
	t.Helper()
	return p.wallet.Register(t.Context(), wallet.RegisterOptions{TSM: p.tsm, Limit: limit})
}

// ready goes through phases 0 to 4 and gets n cards.
func (p *phone) ready(t *testing.T, n int) {
	t.Helper()
	check(t, p.open(t))
	p.fill(t, n)
}

// fill goes through phases 3 and 4.
func (p *phone) fill(t *testing.T, n int) {
	t.Helper()
	check(t, p.register(t, 5000))
	_, err := p.wallet.Refill(t.Context(), p.tsm, n)
	check(t, err)
}

// balance returns what an account of a party's books holds, in minor units; 0 if there is none.
func (p *phone) balance(t *testing.T, db store.Store, id string) int64 {
	t.Helper()
	var minor int64
	check(t, db.View(t.Context(), func(tx store.Tx) error {
		accounts, err := tx.Accounts(t.Context())
		for _, a := range accounts {
			if a.ID == ledger.AccountID(id) {
				minor = a.Balance()
			}
		}
		return err
	}))
	return minor
}

// escrow is what the bank holds for the TSM.
func (p *phone) escrow(t *testing.T) int64 {
	t.Helper()
	return p.balance(t, p.BankDB, "escrow/"+p.TSM.ID.String())
}

// booked is what the TSM counts on at the bank.
func (p *phone) booked(t *testing.T) int64 {
	t.Helper()
	return p.balance(t, p.TSMDB, "escrow/"+p.Bank.ID.String())
}

// remembers says whether a party's database files hold the bytes.
func (p *phone) remembers(t *testing.T, party string, secret []byte) bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.Home, party+".db*"))
	check(t, err)
	for _, name := range files {
		raw, err := os.ReadFile(name)
		check(t, err)
		if bytes.Contains(raw, secret) {
			return true
		}
	}
	return false
}

// accountKeys is X: phase 2 message 3, which only the bank can open.
func (p *phone) accountKeys(t *testing.T) message.AccountKeys {
	t.Helper()
	th := message.Transcript(p.latest(t, toBank, "/v1/aid/keys", "run"))
	raw := p.latest(t, toBank, "/v1/aid/keys", "message_3")
	body, _, err := message.OpenFrom(p.Bank.KEMKey, wire.MsgAIDKeys, th[:], raw)
	check(t, err)
	m, err := message.Decode[message.AIDKeys](wire.MsgAIDKeys, body)
	check(t, err)
	return m.X
}

// userToTSM is th_0 of phase 3, or 4.
func (p *phone) userToTSM(phase byte) message.Transcript {
	return message.NewTranscript(phase, wire.RoleUser, wire.RoleTSM, p.TSM.ID)
}

// tsmAccount is the latest phase 3 message 1, which only the TSM can open.
func (p *phone) tsmAccount(t *testing.T) message.TIDRegister {
	t.Helper()
	th := p.userToTSM(3)
	raw := p.latest(t, toTSM, "/v1/tid/register", "message_1")
	body, _, err := message.OpenFrom(p.TSM.KEMKey, wire.MsgTIDRegister, th[:], raw)
	check(t, err)
	m, err := message.Decode[message.TIDRegister](wire.MsgTIDRegister, body)
	check(t, err)
	return m
}

func read(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile(name)
	check(t, err)
	return raw
}

func write(t *testing.T, name string, raw []byte) {
	t.Helper()
	check(t, os.WriteFile(name, raw, 0o600))
}
