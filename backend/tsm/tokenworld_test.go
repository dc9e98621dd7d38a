package tsm_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/settlement"
	"tapbench/backend/store"
	"tapbench/backend/store/postgrestest"
	"tapbench/backend/tsm"
)

// tokenWorld is a TSM with a clock of its own, one bank, and what elements do in Go.
type tokenWorld struct {
	*tsm.TSM
	now   time.Time
	db    *killable
	bank  *standInBank
	ca    payouttest.Key
	shop  payouttest.Merchant
	count byte // of accounts
	taps  byte
}

// worldBank is the bank of all accounts.
func worldBank() message.PartyID { return message.NewPartyID("BKA00001") }

// onBothStores runs tests with each kind of store; each test gets a world of its own.
func onBothStores(t *testing.T, tests map[string]func(*testing.T, *tokenWorld)) {
	t.Helper()
	t.Run("SQLite", func(t *testing.T) {
		for name, test := range tests {
			t.Run(name, func(t *testing.T) {
				test(t, newTokenWorld(t, filepath.Join(t.TempDir(), "tsm.db")))
			})
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := postgrestest.Start(t)
		for name, test := range tests {
			t.Run(name, func(t *testing.T) { test(t, newTokenWorld(t, server.Place(t))) })
		}
	})
}

func newTokenWorld(t *testing.T, place string) *tokenWorld {
	t.Helper()
	db, err := store.Open(context.Background(), store.Config{ // not t's, which ends before Cleanup
		Path: place, Role: "tsm", Party: "TSM00001", Migrations: tsm.Migrations(),
	})
	check(t, err)
	t.Cleanup(func() { check(t, db.Close()) })
	w := &tokenWorld{
		now: message.Epoch(3000).End().Add(-message.EpochLength / 2),
		db:  &killable{Store: db, left: whole}, bank: &standInBank{payouttest.NewKey(t), nil},
		ca: payouttest.NewKey(t),
	}
	w.shop = payouttest.NewMerchant(t, w.ca, "MRC00001-SHOP")
	own := payouttest.NewKey(t)
	w.TSM, err = tsm.New(t.Context(), tsm.Config{
		ID: payouttest.TSM(), SignKey: own.Private, Sign: message.Certificate{Key: own.Public},
		CAKey: w.ca.Public, CardLimit: money.Must("EUR:40.00"),
		Limits: []money.Amount{money.Must("EUR:100.00")}, DB: w.db,
		Now: func() time.Time { return w.now },
		Banks: map[message.PartyID]tsm.Bank{
			worldBank(): {Key: w.bank.key.Public, Caller: w.bank},
		},
	})
	check(t, err)
	return w
}

// account is one TSM account and its element's keys.
type account struct {
	tsm.NewAccount
	world *tokenWorld
	key   payouttest.Key
	sent  uint32
}

// funded returns an account of 100.00 that expires some epochs from now.
func (w *tokenWorld) funded(t *testing.T, epochs message.Epoch) *account {
	t.Helper()
	w.count++
	a := &account{world: w, key: payouttest.NewKey(t)}
	a.NewAccount = tsm.NewAccount{
		Run: message.Nonce{w.count}, Bank: worldBank(), TID: message.TID{w.count},
		Sign: a.key.Public, Handle: message.Handle{w.count}, Limit: 10000,
		Expiry: w.epoch() + epochs,
	}
	var err error
	raw := sha256.Sum256([]byte{w.count})
	a.ToTSM, err = message.NewKeys(raw[:])
	check(t, err)
	raw = sha256.Sum256(raw[:])
	a.ToSE, err = message.NewKeys(raw[:])
	check(t, err)
	check(t, w.db.Tx(t.Context(), func(tx store.Tx) error {
		return w.PutAccount(t.Context(), tx, a.NewAccount)
	}))
	return a
}

func (w *tokenWorld) epoch() message.Epoch { return message.EpochAt(w.now) }

// slot is a token slot of an element; it has its token once it is withdrawn.
type slot struct {
	payouttest.Element
	unit uint8
	root message.Hash
}

func newSlot(t *testing.T, unit, length uint8) slot {
	t.Helper()
	s := slot{unit: unit}
	s.Key = payouttest.NewKey(t)
	var err error
	s.Chain, err = token.NewChain([]byte("K_SE"), token.Seed{}, s.Key.Public, int(length))
	check(t, err)
	s.root = s.Chain.Root()
	return s
}

func (a *account) th() message.Transcript {
	return message.NewTranscript(4, wire.RoleUser, wire.RoleTSM, a.world.ID)
}

// body is a token request before it is sealed.
func (a *account) body(t *testing.T, s slot) message.TokenRequest {
	t.Helper()
	key := message.TokenKey{
		TSM: a.world.ID, TID: a.TID, Key: s.Key.Public, Root: s.root, Unit: s.unit,
	}
	return message.TokenRequest{
		Key: s.Key.Public, Root: s.root, Unit: s.unit,
		Roll: a.key.Sign(t, key.Digest(wire.MsgTokenRoll, a.th())),
		Pop:  s.Key.Sign(t, key.Digest(wire.MsgTokenPop, a.th())),
	}
}

// seal seals a message under the next counter.
func (a *account) seal(kind wire.MessageType, m message.TokenRequest) api.TokenRequest {
	th := a.th()
	sealed := a.ToTSM.SealCounted(a.sent, th[:], message.Encode(kind, m))
	a.sent++
	return api.TokenRequest{Run: a.Run[:], Request: sealed}
}

func (a *account) request(t *testing.T, s slot) api.TokenRequest {
	t.Helper()
	return a.seal(wire.MsgTokenRequest, a.body(t, s))
}

// open opens the answer to a request as the element does.
func (a *account) open(t *testing.T, q api.TokenRequest, answer api.TokenResponse) message.Token {
	t.Helper()
	th := a.th().Next(q.Request)
	_, body, err := a.ToSE.OpenCounted(0, th[:], answer.Token)
	check(t, err)
	put, err := message.Decode[message.TokenPut](wire.MsgTokenPut, body)
	check(t, err)
	check(t, message.Verify(a.world.Sign.Key, put.Token.ID(), put.Token.Signature))
	return put.Token
}

// withdraw withdraws a token into a slot.
func (a *account) withdraw(t *testing.T, s slot) message.Token {
	t.Helper()
	q := a.request(t, s)
	answer, err := a.world.Token(t.Context(), q)
	check(t, err)
	return a.open(t, q, answer)
}

// closing is an element's close of a token.
func (a *account) closing(t *testing.T, s slot, id message.Hash, at uint8) api.TokenCloseRequest {
	t.Helper()
	sig := s.Key.Sign(t, message.TokenClose{Token: id, At: at}.Digest())
	return api.TokenCloseRequest{Run: a.Run[:], Token: id[:], At: at, Signature: sig[:]}
}

// claim claims units of a token for the merchant.
func (w *tokenWorld) claim(t *testing.T, e payouttest.Element, from, to uint8) api.ClaimAnswer {
	t.Helper()
	w.taps++
	at := e.Token.Fields.Epoch.End().Add(-message.EpochLength)
	spend := e.Spend(t, w.shop.Terms(at, w.taps), from, to)
	got, err := w.Payout(t.Context(), w.shop.Batch(t, spend))
	check(t, err)
	return got.Answers[0]
}

// pay pays units of a token to the merchant.
func (w *tokenWorld) pay(t *testing.T, e payouttest.Element, from, to uint8) {
	t.Helper()
	if a := w.claim(t, e, from, to); a.Refused != "" {
		t.Fatalf("refused: %s", a.Reason)
	}
}

// balances are the book's, of those accounts that have something, after an audit; and what is open
// of tokens by their rows must be what the book has.
func (w *tokenWorld) balances(t *testing.T) map[ledger.AccountID]int64 {
	t.Helper()
	all := map[ledger.AccountID]int64{}
	check(t, w.db.View(t.Context(), func(tx store.Tx) error {
		if err := ledger.Audit(t.Context(), tx); err != nil {
			return err
		}
		accounts, err := tx.Accounts(t.Context())
		for _, a := range accounts {
			if a.Balance() != 0 {
				all[a.ID] = a.Balance()
			}
		}
		if err != nil {
			return err
		}
		var open int64
		err = tx.QueryRowContext(t.Context(), `SELECT coalesce(sum((length - paid - back) * unit), 0)
			FROM tokens`).Scan(&open)
		if open != all["tokens"] {
			t.Errorf("the rows have %d open, the book %d", open, all["tokens"])
		}
		return err
	}))
	return all
}

// change changes the account's row behind the TSM's back.
func (a *account) change(t *testing.T, statement string) {
	t.Helper()
	check(t, a.world.db.Tx(t.Context(), func(tx store.Tx) error {
		_, err := tx.ExecContext(t.Context(), statement, a.Run[:])
		return err
	}))
}

// left is what an account has.
func (a *account) left(t *testing.T) int64 {
	t.Helper()
	return a.world.balances(t)[tsm.Prepaid(a.TID)]
}

// standInBank takes every draw and batch, as the bank's own tests show that a bank does.
type standInBank struct {
	key   payouttest.Key
	heard []string
}

// Post implements tsm.Caller.
func (b *standInBank) Post(_ context.Context, path string, request, answer any) error {
	var receipt []byte
	switch q := request.(type) {
	case api.DrawRequest:
		m, err := message.Decode[message.Draw](wire.SigDraw, q.Draw)
		if err != nil {
			return err
		}
		b.heard = append(b.heard, fmt.Sprintf("slot %d: %d lots", m.Slot, m.Lots))
		r := message.Drawn{Draw: m.Digest()}
		if r.Signature, err = message.Sign(b.key.Private, r.Digest()); err != nil {
			return err
		}
		receipt = message.Encode(wire.SigDrawn, r)
	case api.ReturnRequest:
		m, err := message.Decode[message.Return](wire.SigReturn, q.Batch)
		if err != nil {
			return err
		}
		rest, err := message.ParseRemainders(q.Remainders)
		if err != nil {
			return err
		}
		r := message.Returned{Return: m.Digest()}
		for _, one := range rest {
			r.Total += one.Limit
		}
		b.heard = append(b.heard, fmt.Sprintf("epoch %d: %v, repaid %d", m.Epoch, rest, m.Repaid))
		if r.Signature, err = message.Sign(b.key.Private, r.Digest()); err != nil {
			return err
		}
		receipt = message.Encode(wire.SigReturned, r)
	default:
		return fmt.Errorf("no path %s", path)
	}
	raw, err := json.Marshal(api.DrawResponse{Receipt: receipt})
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, answer)
}

// over takes the clock to when an epoch's accounts go back.
func (w *tokenWorld) over(e message.Epoch) { w.now = settlement.ReturnsAt(e) }
