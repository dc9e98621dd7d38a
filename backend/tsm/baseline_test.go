package tsm_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
)

// baselineRows are what one payment writes: four rows change and five are added, of the lengths
// that ours have.
var baselineRows = []string{
	`UPDATE account SET posted = posted + 1 WHERE id = $1`,
	`UPDATE merchant SET posted = posted + 1 WHERE id = $2`,
	`UPDATE till SET posted = posted + 1 WHERE id = $2`,
	`UPDATE card SET spent = 1 WHERE id = $3`,
	`INSERT INTO transfer (id, account) VALUES ($3, $1)`,
	`INSERT INTO posting (id, account) VALUES ($3, $1)`,
	`INSERT INTO posting (id, account) VALUES ($3, $2)`,
	`INSERT INTO payment (id, tap) VALUES ($3, $4)`,
	`INSERT INTO answer (id, answer) VALUES ($3, $4)`,
}

// barePayment is a payment that waits for the bare loop's commit.
type barePayment struct {
	n    int
	done chan error
}

// baselinePay is the bare loop: each caller checks a signature, and one goroutine writes rows for
// all who wait and commits them together. The driver "sqlite" is registered by what ours imports.
func baselinePay(b *testing.B) {
	db := baselineStore(b, b.N)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	digest := sha256.Sum256([]byte("tap"))
	signature, err := ecdsa.SignASN1(rand.Reader, key, digest[:])
	if err != nil {
		b.Fatal(err)
	}
	queue := make(chan barePayment, 64)
	var writer sync.WaitGroup
	writer.Go(func() { bareWriter(b, db, queue) })
	m := startMeter(b)
	var next atomic.Int64
	var callers sync.WaitGroup
	for range 64 {
		callers.Go(func() {
			done := make(chan error, 1)
			for n := int(next.Add(1)); n <= b.N; n = int(next.Add(1)) {
				if !ecdsa.VerifyASN1(&key.PublicKey, digest[:], signature) {
					b.Error("the signature doesn't verify")
				}
				queue <- barePayment{n, done}
				if err := <-done; err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	callers.Wait()
	b.StopTimer()
	close(queue)
	writer.Wait()
	m.report(b, b.N, "payments/s")
}

// bareWriter commits groups until the queue is closed.
func bareWriter(b *testing.B, db *sql.DB, queue <-chan barePayment) {
	statements := make([]*sql.Stmt, len(baselineRows))
	for i, text := range baselineRows {
		var err error
		if statements[i], err = db.Prepare(text); err != nil {
			b.Error(err)
			return
		}
	}
	for p := range queue {
		group := []barePayment{p}
		for len(queue) > 0 && len(group) < 256 {
			group = append(group, <-queue)
		}
		err := bareCommit(db, statements, group)
		for _, p := range group {
			p.done <- err
		}
	}
}

func bareCommit(db *sql.DB, statements []*sql.Stmt, group []barePayment) error {
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	bound := make([]*sql.Stmt, len(statements))
	for i, s := range statements {
		bound[i] = tx.Stmt(s)
	}
	for _, p := range group {
		for _, s := range bound {
			if _, err := s.Exec(baselineArgs(p.n)...); err != nil {
				return err
			}
		}
	}
	return tx.Commit()
}

func baselineArgs(n int) []any {
	account := binary.BigEndian.AppendUint64(make([]byte, 24), uint64(n*7919%10_000))
	id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, uint64(n)))
	return []any{account, n % 10, id[:], baselineTap[:]}
}

// baselineTap stands for evidence and answer.
var baselineTap [180]byte

func baselineStore(b *testing.B, cards int) *sql.DB {
	b.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(b.TempDir(), "bare.db")+
		"?_txlock=immediate&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1)
	tx, err := db.Begin()
	if err != nil {
		b.Fatal(err)
	}
	run := func(text string, args ...any) {
		if _, err := tx.Exec(text, args...); err != nil {
			b.Fatal(err)
		}
	}
	run(`CREATE TABLE account (id BLOB PRIMARY KEY, posted INTEGER NOT NULL) STRICT;
		CREATE TABLE merchant (id INTEGER PRIMARY KEY, posted INTEGER NOT NULL) STRICT;
		CREATE TABLE till (id INTEGER PRIMARY KEY, posted INTEGER NOT NULL) STRICT;
		CREATE TABLE card (id BLOB PRIMARY KEY, spent INTEGER NOT NULL) STRICT;
		CREATE TABLE transfer (seq INTEGER PRIMARY KEY, id BLOB UNIQUE, account BLOB) STRICT;
		CREATE TABLE posting (seq INTEGER PRIMARY KEY, id BLOB, account) ;
		CREATE TABLE payment (id BLOB PRIMARY KEY, tap BLOB) STRICT;
		CREATE TABLE answer (id BLOB PRIMARY KEY, answer BLOB) STRICT, WITHOUT ROWID;`)
	for n := range 10_000 {
		run(`INSERT INTO account VALUES ($1, 0)`, baselineArgs(n)[0])
	}
	for n := range 10 {
		run(`INSERT INTO merchant VALUES ($1, 0)`, n)
		run(`INSERT INTO till VALUES ($1, 0)`, n)
	}
	for n := range cards {
		run(`INSERT INTO card VALUES ($1, 0)`, baselineArgs(n + 1)[2])
	}
	if err := tx.Commit(); err != nil {
		b.Fatal(err)
	}
	return db
}
