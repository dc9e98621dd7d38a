package tsm_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"path/filepath"
	"sync"
	"testing"

	"tapbench/backend/api"
	"tapbench/backend/payout/payouttest"
	"tapbench/backend/store"
)

const (
	// settlers is how many terminals settle at once, and claimsAtOnce what each sends in a batch.
	settlers, claimsAtOnce = 16, 256
	// proofLen is how long a claim's row is besides numbers and keys.
	proofLen = 172
	// leastClaims is how many claims there are at least: several batches for each settler, so that
	// some are checked while others are booked, as long as it runs.
	leastClaims = 30_000
)

// BenchmarkPayout has terminals settle what they took offline as fast as they can, in process. An
// operation is one claim, each of a token of its own: its signature is checked, its token looked
// up, the units are booked, and all of it is on the disk. The baseline is a bare loop: it checks
// the same signature and writes one row, of the same length, for each claim; a commit holds a
// batch.
func BenchmarkPayout(b *testing.B) {
	b.Run("ours", func(b *testing.B) {
		s := newClaimStand(b, filepath.Join(b.TempDir(), "tsm.db"))
		n := max(b.N, leastClaims)
		batches := s.batches(b, n)
		runBatches(b, n, func(i int) error {
			got, err := s.tsm.Payout(context.Background(), batches[i])
			for _, a := range got.Answers {
				if a.Refused != "" {
					b.Errorf("batch %d: %s", i, a.Reason)
				}
			}
			return err
		})
		s.audit(b)
	})
	b.Run("baseline", baselinePayout)
}

// runBatches has the settlers take the batches of n claims in turn, and reports claims per second.
func runBatches(b *testing.B, n int, send func(i int) error) {
	b.Helper()
	m := startMeter(b)
	var all sync.WaitGroup
	for first := range settlers {
		all.Go(func() {
			for i := first; i*claimsAtOnce < n; i += settlers {
				if err := send(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
	b.StopTimer()
	m.report(b, n, "claims/s")
}

// batches issues n tokens and spends of each, and returns the merchant's batches.
func (s *claimStand) batches(b *testing.B, n int) []api.PayoutRequest {
	b.Helper()
	var batches []api.PayoutRequest
	at := s.shop.Terms(s.now, 1)
	for first := 0; first < n; first += claimsAtOnce {
		var claims [][]byte
		s.do(b, func(ctx context.Context, tx store.Tx) error {
			for range min(claimsAtOnce, n-first) {
				e := payouttest.NewElement(b, s.key, payouttest.Fields(1, 30, claimEpoch))
				if err := s.tsm.IssueToken(ctx, tx, s.tid, e.Token); err != nil {
					return err
				}
				claims = append(claims, e.Spend(b, at, 0, 25))
			}
			return nil
		})
		batches = append(batches, s.shop.Batch(b, claims...))
	}
	return batches
}

// baselinePayout is the bare loop: each caller checks the signatures of its batch, and writes its
// rows in one commit.
func baselinePayout(b *testing.B) {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+
		"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	check(b, err)
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	_, err = db.Exec(`CREATE TABLE claim (id BLOB PRIMARY KEY, token BLOB, proof BLOB) STRICT`)
	check(b, err)
	insert, err := db.Prepare(`INSERT INTO claim VALUES (?, ?, ?)`)
	check(b, err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(b, err)
	digest := sha256.Sum256([]byte("spend"))
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	check(b, err)
	var turn sync.Mutex
	all := max(b.N, leastClaims)
	runBatches(b, all, func(i int) error {
		first, n := i*claimsAtOnce, min(claimsAtOnce, all-i*claimsAtOnce)
		for range n {
			if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
				b.Error("the signature doesn't verify")
			}
		}
		turn.Lock()
		defer turn.Unlock()
		return bareRows(db, insert, first, n)
	})
}

// bareRows writes rows in one commit.
func bareRows(db *sql.DB, insert *sql.Stmt, first, n int) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	bound := tx.Stmt(insert)
	for row := first; row < first+n; row++ {
		id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(row)))
		if _, err := bound.Exec(id[:], id[:], make([]byte, proofLen)); err != nil {
			return err
		}
	}
	return tx.Commit()
}
