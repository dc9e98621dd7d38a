package tsm_test

import (
	"context"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/api"
	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/store"
	"tapbench/backend/store/postgrestest"
	"tapbench/backend/tsm"
)

// claimEpoch is the last one of the tokens; [claimsNow] lies in the one before.
const claimEpoch message.Epoch = 2972

func claimsNow() time.Time { return claimEpoch.End().Add(-message.EpochLength - time.Hour) }

// claimStand is a TSM with one account, and two merchants who claim.
type claimStand struct {
	tsm         *tsm.TSM
	db          store.Store
	config      tsm.Config
	key, ca     payouttest.Key
	shop, other payouttest.Merchant
	tid         message.TID
	run         message.Nonce
	now         time.Time
}

// TestOfflineClaims runs each test on a file and on PostgreSQL, with a TSM of its own.
func TestOfflineClaims(t *testing.T) {
	run := func(t *testing.T, place func(*testing.T) string) {
		t.Helper()
		for name, test := range map[string]func(*testing.T, *claimStand){
			"refuses batches": refusesBatches, "pays once": paysOnce, "keeps apart": keepsApart,
			"settles for two": settlesForTwo, "pays out of the loss": paysOutOfLoss,
			"loses ticks": losesTicks, "refuses a merchant's own": refusesOwn,
			"pays behind a close": paysBehindClose, "denies tokens": deniesTokens,
			"pays whole or nothing": paysWholeOrNothing, "freezes on a close": freezesOnClose,
			"pays merchants out": paysMerchantsOut, "keeps open days": keepsOpenDays,
		} {
			t.Run(name, func(t *testing.T) { test(t, newClaimStand(t, place(t))) })
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		run(t, func(t *testing.T) string { t.Helper(); return filepath.Join(t.TempDir(), "tsm.db") })
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		server := postgrestest.Start(t)
		run(t, func(t *testing.T) string { t.Helper(); return server.Place(t) })
	})
}

func newClaimStand(t testing.TB, path string) *claimStand {
	t.Helper()
	s := &claimStand{
		ca: payouttest.NewKey(t), key: payouttest.NewKey(t), tid: message.TID{7}, now: claimsNow(),
		run: message.Nonce{8},
	}
	s.shop = payouttest.NewMerchant(t, s.ca, "MRC00001-SHOP")
	s.other = payouttest.NewMerchant(t, s.ca, "MRC00002-SHOP")
	var err error
	s.db, err = store.Open(t.Context(), store.Config{
		Path: path, Role: "tsm", Party: "TSM00001", Migrations: tsm.Migrations(),
	})
	check(t, err)
	t.Cleanup(func() { check(t, s.db.Close()) })
	bank := message.NewPartyID("BKA00001")
	s.config = tsm.Config{
		ID: payouttest.TSM(), SignKey: s.key.Private, Sign: message.Certificate{Key: s.key.Public},
		CAKey: s.ca.Public, CardLimit: money.Must("EUR:50.00"),
		Limits: []money.Amount{money.Must("EUR:90000.00")}, DB: s.db,
		Banks: map[message.PartyID]tsm.Bank{bank: {}}, Now: func() time.Time { return s.now },
	}
	s.tsm, err = tsm.New(t.Context(), s.config)
	check(t, err)
	s.do(t, func(ctx context.Context, tx store.Tx) error {
		_, err := tx.ExecContext(ctx, `INSERT INTO runs (run, state, bank, session, nonce_bank,
			nonce_tsm, tid, expiry) VALUES ($1, 'active', 'BKA00001', $1, $1, $1, $2, $3)`,
			s.run[:], s.tid[:], int64(claimEpoch+4))
		check(t, err)
		account := ledger.Account{
			ID: tsm.Prepaid(s.tid), Kind: ledger.Liability, Currency: money.EUR,
		}
		check(t, ledger.Open(ctx, tx, account))
		_, err = ledger.Execute(ctx, tx, ledger.Transfer{
			ID: ledger.TransferID{1}, Debit: "escrow/BKA00001", Credit: account.ID,
			Amount: money.Must("EUR:90000.00"), Reason: "auth",
		})
		return err
	})
	return s
}

// do changes the TSM's store behind its back.
func (s *claimStand) do(t testing.TB, step func(context.Context, store.Tx) error) {
	t.Helper()
	check(t, s.db.Tx(t.Context(), func(tx store.Tx) error { return step(t.Context(), tx) }))
}

// element issues a token of 100 x 0.05 to the account.
func (s *claimStand) element(t testing.TB) payouttest.Element {
	t.Helper()
	e := payouttest.NewElement(t, s.key, payouttest.Fields(5, 100, claimEpoch))
	s.do(t, func(ctx context.Context, tx store.Tx) error {
		return s.tsm.IssueToken(ctx, tx, s.tid, e.Token)
	})
	return e
}

// closeToken has the element close its token at an index.
func (s *claimStand) closeToken(t testing.TB, e payouttest.Element, at uint8) {
	t.Helper()
	check(t, s.tryClose(t, e, at))
}

// closeRefused has the element close its token where no honest one does.
func (s *claimStand) closeRefused(t testing.TB, e payouttest.Element, at uint8) {
	t.Helper()
	var problem *api.Problem
	if err := s.tryClose(t, e, at); !errors.As(err, &problem) ||
		problem.Code != api.CodeDoubleSpent {
		t.Errorf("closed at %d: %v", at, err)
	}
}

func (s *claimStand) tryClose(t testing.TB, e payouttest.Element, at uint8) error {
	t.Helper()
	id := e.Token.ID()
	m := message.TokenClose{Token: id, At: at}
	sig := e.Key.Sign(t, m.Digest())
	_, err := s.tsm.CloseToken(t.Context(), api.TokenCloseRequest{
		Run: s.run[:], Token: id[:], At: at, Signature: sig[:],
	})
	return err
}

// sums are what the TSM's accounts have, in minor units.
type sums struct{ Tokens, Loss, Shop, Other int64 }

func (s *claimStand) sums(t testing.TB) sums {
	t.Helper()
	var got sums
	check(t, s.db.View(t.Context(), func(tx store.Tx) error {
		for id, to := range map[ledger.AccountID]*int64{
			"tokens": &got.Tokens, "loss": &got.Loss,
			tsm.MerchantAccount(s.shop.Party()):  &got.Shop,
			tsm.MerchantAccount(s.other.Party()): &got.Other,
		} {
			if account, err := tx.Account(t.Context(), id); err == nil {
				*to = account.Balance()
			}
		}
		return nil
	}))
	return got
}

// audit holds the rows of claims against tokens and books.
func (s *claimStand) audit(t testing.TB) {
	t.Helper()
	var ofClaims, ofTokens, ofBatches, losses, ofLosses, wrong int64
	check(t, s.db.View(t.Context(), func(tx store.Tx) error {
		for query, to := range map[string]*int64{
			`SELECT coalesce(sum(paid), 0) FROM claims`:        &ofClaims,
			`SELECT coalesce(sum(paid * unit), 0) FROM tokens`: &ofTokens,
			`SELECT coalesce(sum(amount), 0) FROM batches`:     &ofBatches,
			`SELECT coalesce(sum(paid), 0) FROM doublespends`:  &losses,
			`SELECT coalesce(sum(loss), 0) FROM batches`:       &ofLosses,
			`SELECT count(*) FROM tokens t WHERE paid * unit <>
				(SELECT coalesce(sum(c.paid), 0) FROM claims c WHERE c.tokid = t.tokid)`: &wrong,
		} {
			if err := tx.QueryRowContext(t.Context(), query).Scan(to); err != nil {
				return err
			}
		}
		return ledger.Audit(t.Context(), tx)
	}))
	got := s.sums(t)
	if ofClaims != ofTokens || ofClaims != ofBatches || losses != ofLosses || wrong != 0 ||
		got.Loss != losses || got.Shop+got.Other != ofClaims+losses {
		t.Errorf("claims %d, tokens %d, batches %d; losses %d and %d; %d tokens wrong; books %+v",
			ofClaims, ofTokens, ofBatches, losses, ofLosses, wrong, got)
	}
}

// frozen says whether the account was frozen.
func (s *claimStand) frozen(t testing.TB) bool {
	t.Helper()
	var frozen map[message.TID][]byte
	check(t, s.db.View(t.Context(), func(tx store.Tx) (err error) {
		frozen, err = tsm.Freezings(t.Context(), tx)
		return err
	}))
	return len(frozen[s.tid]) > 0
}

// answered is an answer in short.
type answered struct {
	Paid    int64
	Refused api.ClaimRefusal
}

// pay sends a batch and returns the answers to its claims.
func (s *claimStand) pay(t testing.TB, m payouttest.Merchant, claims ...[]byte) []answered {
	t.Helper()
	got, err := s.tsm.Payout(t.Context(), m.Batch(t, claims...))
	check(t, err)
	all := make([]answered, len(got.Answers))
	for i, a := range got.Answers {
		all[i] = answered{a.Paid, a.Refused}
		if len(a.Key) != wire.HashLen || (a.Refused == "") != (a.Reason == "") || len(a.Reason) > 255 {
			t.Errorf("answer %d is %+v", i, a)
		}
	}
	return all
}
