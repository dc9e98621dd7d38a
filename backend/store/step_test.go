package store_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"tapbench/backend/ledger"
	"tapbench/backend/money"
	"tapbench/backend/store"
)

func testTxUndoes(t *testing.T, cfg store.Config) {
	s := open(t, cfg)
	stop := errors.New("stop")
	tests := []struct {
		name string
		run  func(ctx context.Context, cancel func()) error
		want error
	}{
		{"a step that fails", func(ctx context.Context, _ func()) error {
			return s.Tx(ctx, func(tx store.Tx) error { return errors.Join(insertEscrow(t, 1)(tx), stop) })
		}, stop},
		{"a step that panics", func(ctx context.Context, _ func()) (err error) {
			defer func() { err, _ = recover().(error) }()
			return s.Tx(ctx, func(tx store.Tx) error { panic(errors.Join(insertEscrow(t, 1)(tx), stop)) })
		}, stop},
		{"a context that was cancelled before", func(ctx context.Context, cancel func()) error {
			cancel()
			return s.Tx(ctx, insertEscrow(t, 1))
		}, context.Canceled},
		{"a context that is cancelled within", func(ctx context.Context, cancel func()) error {
			return s.Tx(ctx, func(tx store.Tx) error {
				defer cancel()
				return insertEscrow(t, 1)(tx)
			})
		}, context.Canceled},
		{"a view that writes", func(ctx context.Context, _ func()) error {
			return s.View(ctx, insertEscrow(t, 1))
		}, store.ErrReadOnly},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			if err := test.run(ctx, cancel); !errors.Is(err, test.want) {
				t.Errorf("got error %v, want %v", err, test.want)
			}
			if count := rows(t, s); count != 0 {
				t.Errorf("%d rows remain", count)
			}
		})
	}
	if err := s.Tx(t.Context(), insertEscrow(t, 1)); err != nil || rows(t, s) != 1 {
		t.Errorf("a step after those: got error %v", err)
	}
}

func testClose(t *testing.T, cfg store.Config) {
	s := open(t, cfg)
	closed := make(chan error)
	if err := s.Tx(t.Context(), func(tx store.Tx) error {
		go func() { closed <- s.Close() }()
		return insertEscrow(t, 1)(tx)
	}); err != nil {
		t.Errorf("a step during Close: got error %v", err)
	}
	if err := <-closed; err != nil {
		t.Error(err)
	}
	if err := s.Close(); err != nil {
		t.Errorf("closing again: got error %v", err)
	}
	for name, call := range map[string]func(context.Context, func(store.Tx) error) error{
		"Tx": s.Tx, "View": s.View,
	} {
		if err := call(t.Context(), insertEscrow(t, 2)); !errors.Is(err, store.ErrClosed) {
			t.Errorf("%s: got error %v, want %v", name, err, store.ErrClosed)
		}
	}
	if count := rows(t, open(t, cfg)); count != 1 {
		t.Errorf("%d rows, want the one of the step before Close", count)
	}
}

// testNothingChanges tries to alter what must stay as it was written.
func testNothingChanges(t *testing.T, cfg store.Config) {
	s := open(t, cfg)
	key := store.Key{Op: "test", ID: []byte{1}}
	_, err := store.Once(t.Context(), s, key, func(tx store.Tx) ([]byte, error) {
		for _, a := range []ledger.Account{
			{ID: "cash", Kind: ledger.Asset, Currency: money.EUR},
			{ID: "anna", Kind: ledger.Liability, Currency: money.EUR},
		} {
			if err := ledger.Open(t.Context(), tx, a); err != nil {
				return nil, err
			}
		}
		deposit := ledger.Transfer{
			ID: ledger.NewTransferID([]byte("deposit")), Debit: "cash", Credit: "anna",
			Amount: money.Must("EUR:1.00"), Pending: true, Reason: "deposit",
		}
		if _, err := ledger.Execute(t.Context(), tx, deposit); err != nil {
			return nil, err
		}
		_, err := ledger.Post(t.Context(), tx, deposit.ID)
		return []byte("yes"), err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []string{
		`UPDATE store_answer SET answer = NULL`,
		`DELETE FROM store_answer`,
		`UPDATE ledger_account SET overdraft = 100`,
		`UPDATE ledger_account SET kind = 'asset'`,
		`UPDATE ledger_account SET debits_posted = 101 WHERE id = 'anna'`,
		`UPDATE ledger_account SET credits_pending = 101 WHERE id = 'cash'`,
		`UPDATE ledger_account SET credits_posted = -1`,
		`DELETE FROM ledger_account`,
		`UPDATE ledger_transfer SET minor = 1`,
		`DELETE FROM ledger_transfer`,
		`UPDATE ledger_resolution SET state = 'voided'`,
		`DELETE FROM ledger_resolution`,
		`UPDATE ledger_posting SET minor = 1`,
		`DELETE FROM ledger_posting`,
		`INSERT INTO ledger_posting (transfer, account, side, minor)
			SELECT seq, 'nobody', 'debit', 1 FROM ledger_transfer`,
		`INSERT INTO ledger_account (id, kind, currency, overdraft) VALUES ('b', 'gift', 978, 0)`,
	} {
		if err := s.Tx(t.Context(), func(tx store.Tx) error {
			_, err := tx.ExecContext(t.Context(), statement)
			return err
		}); err == nil {
			t.Errorf("accepted: %s", statement)
		}
	}
	if err := s.View(t.Context(), func(tx store.Tx) error {
		return ledger.Audit(t.Context(), tx)
	}); err != nil {
		t.Error(err)
	}
}

// testConcurrentOnce sends few requests many times at once.
func testConcurrentOnce(t *testing.T, cfg store.Config) {
	s := open(t, cfg)
	const requests, senders = 10, 8
	var runs [requests]int // written within steps only, which never overlap
	var group sync.WaitGroup
	for range senders {
		group.Go(func() {
			for i := range requests {
				key := store.Key{Op: "test", ID: []byte{byte(i)}}
				got, err := store.Once(t.Context(), s, key, func(tx store.Tx) ([]byte, error) {
					runs[i]++
					return fmt.Append(nil, i), insertEscrow(t, byte(i))(tx)
				})
				if err != nil || string(got) != fmt.Sprint(i) {
					t.Errorf("request %d: got %q, %v", i, got, err)
				}
				rows(t, s) // views don't wait for steps
			}
		})
	}
	group.Wait()
	for i, n := range runs {
		if n != 1 {
			t.Errorf("request %d ran %d times", i, n)
		}
	}
}

func TestDiskFullWithinAStep(t *testing.T) {
	s := open(t, config(t))
	limit := func(tx store.Tx, pages int) error {
		_, err := tx.ExecContext(t.Context(), fmt.Sprintf("PRAGMA max_page_count = %d", pages))
		return err
	}
	err := s.Tx(t.Context(), func(tx store.Tx) error {
		if err := errors.Join(limit(tx, 1), insertEscrow(t, 1)(tx)); err != nil {
			return err
		}
		_, err := tx.ExecContext(t.Context(),
			`INSERT INTO escrow (handle, minor) VALUES (zeroblob(1000000), 7)`)
		return err
	})
	if !errors.Is(err, store.ErrFull) {
		t.Errorf("got error %v, want %v", err, store.ErrFull)
	}
	if err := s.Tx(t.Context(), func(tx store.Tx) error { return limit(tx, 1<<20) }); err != nil {
		t.Fatal(err)
	}
	if count := rows(t, s); count != 0 {
		t.Errorf("%d rows remain", count)
	}
	if err := s.Tx(t.Context(), insertEscrow(t, 1)); err != nil {
		t.Errorf("a step after space was found: got error %v", err)
	}
}
