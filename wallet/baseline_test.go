package wallet_test

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"os"
	"path/filepath"
	"testing"
)

// What phases 2 to 4 with eight cards need, all parties together: the element's as
// applet/PROTOCOL.md sums them up, then bank, TSM and wallet.
const (
	bareKeys          = 16 + 1 + 1 + 1
	bareAgreements    = 6 + 5 + 2 + 1
	bareSignatures    = 23 + 4 + 11
	bareVerifications = 19 + 11 + 19
	// bareCommits are the servers' durable commits, bareSaves the wallet's files.
	bareCommits = 16
	bareSaves   = 12
)

// baselineRegister is the floor: bare operations of the same number and kind. The driver "sqlite"
// is registered by what ours imports.
func baselineRegister(b *testing.B) {
	bare := newBare(b)
	for b.Loop() {
		bare.crypto(b)
		for range bareCommits {
			if _, err := bare.db.Exec(`INSERT INTO bare (row) VALUES ($1)`, bare.row); err != nil {
				b.Fatal(err)
			}
		}
		for range bareSaves {
			bare.save(b)
		}
	}
}

// bare is what the bare loop works with.
type bare struct {
	db        *sql.DB
	dir       string
	row       []byte
	sign      *ecdsa.PrivateKey
	agree     *ecdh.PrivateKey
	digest    [32]byte
	signature []byte
}

func newBare(b *testing.B) *bare {
	b.Helper()
	must := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	v := &bare{dir: b.TempDir(), row: make([]byte, 1024), digest: sha256.Sum256([]byte("bare"))}
	var err error
	v.db, err = sql.Open("sqlite", filepath.Join(v.dir, "bare.db")+
		"?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)")
	must(err)
	b.Cleanup(func() { must(v.db.Close()) })
	_, err = v.db.Exec(`CREATE TABLE bare (row BLOB)`)
	must(err)
	v.sign, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	v.agree, err = ecdh.P256().GenerateKey(rand.Reader)
	must(err)
	v.signature, err = ecdsa.SignASN1(rand.Reader, v.sign, v.digest[:])
	must(err)
	return v
}

func (v *bare) crypto(b *testing.B) {
	b.Helper()
	for range bareKeys {
		if _, err := ecdh.P256().GenerateKey(rand.Reader); err != nil {
			b.Fatal(err)
		}
	}
	for range bareAgreements {
		if _, err := v.agree.ECDH(v.agree.PublicKey()); err != nil {
			b.Fatal(err)
		}
	}
	for range bareSignatures {
		if _, err := ecdsa.SignASN1(rand.Reader, v.sign, v.digest[:]); err != nil {
			b.Fatal(err)
		}
	}
	for range bareVerifications {
		if !ecdsa.VerifyASN1(&v.sign.PublicKey, v.digest[:], v.signature) {
			b.Fatal("the signature doesn't verify")
		}
	}
}

// save replaces a file durably.
func (v *bare) save(b *testing.B) {
	b.Helper()
	name := filepath.Join(v.dir, "wallet.json")
	file, err := os.Create(name + ".new")
	if err != nil {
		b.Fatal(err)
	}
	if _, err = file.Write(v.row); err == nil {
		err = file.Sync()
	}
	if closed := file.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(name+".new", name)
	}
	if err != nil {
		b.Fatal(err)
	}
}
