package examiner_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/bank"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
	"tapbench/backend/store/examiner"
	"tapbench/backend/tsm"
)

// world is the files of a bench that has ended: a user who has handed in 200.00, moved 100.00, and
// paid 12.50 and 5.00 at a terminal; 2.00 of the first payment were refunded, 7.00 taken back.
type world struct{ dir string }

const (
	bankName, tsmName, shop = "BKA00001", "TSM00001", "MRC00001"
	tidText                 = "aa00000000000000000000000000000000000000000000000000000000000000"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (w world) files() examiner.Files {
	return examiner.Files{
		Stores: []string{filepath.Join(w.dir, "bank.db"), filepath.Join(w.dir, "tsm.db")},
		Tills:  []string{filepath.Join(w.dir, "terminal")},
	}
}

// step runs SQL and transfers in one party's store.
func (w world) step(t *testing.T, role string, act func(tx store.Tx) error) {
	t.Helper()
	party, migrations := bankName, bank.Migrations()
	if role == "tsm" {
		party, migrations = tsmName, tsm.Migrations()
	}
	s, err := store.OpenSQLite(t.Context(), store.Config{
		Path: filepath.Join(w.dir, role+".db"), Role: role, Party: party, Migrations: migrations,
	})
	check(t, err)
	check(t, s.Tx(t.Context(), act))
	check(t, s.Close())
}

func exec(t *testing.T, tx store.Tx, query string, args ...any) {
	t.Helper()
	_, err := tx.ExecContext(context.Background(), query, args...)
	check(t, err)
}

func open(t *testing.T, tx store.Tx, kind ledger.Kind, ids ...string) {
	t.Helper()
	for _, id := range ids {
		check(t, ledger.Open(context.Background(), tx, ledger.Account{
			ID: ledger.AccountID(id), Kind: kind, Currency: money.EUR,
		}))
	}
}

func move(t *testing.T, tx store.Tx, name, reason, debit, credit string, minor int64) {
	t.Helper()
	amount, err := money.New(minor, money.EUR)
	check(t, err)
	_, err = ledger.Execute(context.Background(), tx, ledger.Transfer{
		ID: ledger.NewTransferID([]byte(name)), Debit: ledger.AccountID(debit),
		Credit: ledger.AccountID(credit), Amount: amount, Reason: reason,
	})
	check(t, err)
}

// stan names a payment as terminal and TSM do.
func stan(n int) []byte {
	sum := sha256.Sum256(fmt.Appendf(nil, "%-8s%-15s%-8s%06d%s", shop, shop+"-SHOP", "POS00001", n,
		"1121101010"))
	return sum[:]
}

func newWorld(t *testing.T) world {
	t.Helper()
	w := world{t.TempDir()}
	handle := make([]byte, wire.HandleLen)
	handle[0] = 7
	w.step(t, "bank", func(tx store.Tx) error {
		exec(t, tx, `INSERT INTO users (user_id, certificate, user_key, se, kbu, ak, ak_bind, ek_serial,
			secret, deposit, open) VALUES ('alice', x'', x'', x'', x'', x'', x'', '', x'', 20000, 1)`)
		exec(t, tx, `INSERT INTO accounts (account, user_id, certificate, signature, evidence, th,
			channel) VALUES (x'01', 'alice', x'', x'', x'', x'', x'')`)
		exec(t, tx, `INSERT INTO fundings (handle, account, amount, expiry, tsm, binfo, tsmbinfo)
			VALUES ($1, x'01', 10000, 1, $2, x'', x'')`, handle, tsmName)
		open(t, tx, ledger.Asset, "cash")
		open(t, tx, ledger.Liability, "customer/alice", "escrow/"+tsmName)
		move(t, tx, "deposit", "deposit", "cash", "customer/alice", 20000)
		move(t, tx, "fund", "fund", "customer/alice", "escrow/"+tsmName, 10000)
		return nil
	})
	w.step(t, "tsm", func(tx store.Tx) error {
		tid, _ := hex.DecodeString(tidText)
		auth := message.Encode(wire.MsgAuth, message.Auth{
			Handle: message.Handle(handle), Limit: 10000, OK: message.AuthOK,
		})
		exec(t, tx, `INSERT INTO runs (run, state, bank, session, nonce_bank, nonce_tsm, tid, auth,
			handle) VALUES (x'01', 'active', $1, x'', x'', x'', $2, $3, $4)`, bankName, tid, auth, handle)
		open(t, tx, ledger.Asset, "escrow/"+bankName)
		open(t, tx, ledger.Liability, "account/"+tidText, "merchant/"+shop)
		move(t, tx, "fund", "fund", "escrow/"+bankName, "account/"+tidText, 10000)
		for n, minor := range map[int]int64{1: 1250, 2: 500, 3: 700} {
			w.pay(t, tx, n, n, minor)
		}
		exec(t, tx, `INSERT INTO reversals (payment) VALUES ($1)`, stan(3))
		move(t, tx, "reversal", "reversal", "merchant/"+shop, "account/"+tidText, 700)
		exec(t, tx, `INSERT INTO refunds (refund, payment, amount) VALUES ($1, $2, 200)`,
			stan(4), stan(1))
		move(t, tx, "refund", "refund", "merchant/"+shop, "account/"+tidText, 200)
		return nil
	})
	check(t, os.MkdirAll(filepath.Join(w.dir, "terminal", "receipts"), 0o700))
	w.receipt(t, 1, "EUR:12.50", "")
	w.receipt(t, 2, "EUR:5.00", "")
	w.receipt(t, 3, "EUR:7.00", `, "reversed": true`)
	w.keep(t, 4, receipt("refund", 4, "EUR:2.00", ""))
	w.journal(t, "")
	return w
}

// pay books a payment of a card, both numbered.
func (w world) pay(t *testing.T, tx store.Tx, n, card int, minor int64) {
	t.Helper()
	tid, _ := hex.DecodeString(tidText)
	put := message.Encode(wire.MsgCardPut, message.CardPut{
		Class: message.Class{Limit: [wire.AmountLen]byte{0, 0, 0, 0, 0x50, 0}},
	})
	exec(t, tx, `INSERT INTO cards (pan, tid, key, put, roll) VALUES ($1, $2, x'', $3, x'')
		ON CONFLICT DO NOTHING`, []byte{byte(card)}, tid, put)
	exec(t, tx, `INSERT INTO payments (payment, pan, merchant, amount, tap, day)
		VALUES ($1, $2, $3, $4, x'', 1)`, stan(n), []byte{byte(card)}, shop, minor)
	move(t, tx, fmt.Sprint("payment", n), "payment", "account/"+tidText, "merchant/"+shop, minor)
}

func (w world) receipt(t *testing.T, n int, amount, more string) {
	t.Helper()
	w.keep(t, n, receipt("payment", n, amount, more))
}

// receipt is what a terminal writes down, and prints.
func receipt(kind string, n int, amount, more string) []byte {
	return fmt.Appendf(nil, `{"kind": %q, "outcome": "approved", "amount": %q,
		"merchant": "%s-SHOP", "terminal": "POS00001", "stan": %d, "sent": "1121101010"%s}`,
		kind, amount, shop, n, more)
}

func (w world) keep(t *testing.T, n int, receipt []byte) {
	t.Helper()
	path := filepath.Join(w.dir, "terminal", "receipts", fmt.Sprintf("receipt-%d.json", n))
	check(t, os.WriteFile(path, receipt, 0o600))
}

func (w world) journal(t *testing.T, pending string) {
	t.Helper()
	check(t, os.WriteFile(filepath.Join(w.dir, "terminal", "journal"),
		[]byte(`{"pending": [`+pending+`]}`), 0o600))
}
