package pki_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/pki"
)

// element is a secure element at the desk: a key, certified or not.
type element struct {
	key  *ecdsa.PrivateKey
	cert message.Certificate
}

func newElement(t *testing.T, desk *pki.Desk) element {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	public, err := message.NewPublicKey(&key.PublicKey)
	must(t, err)
	cert, err := desk.CertifySE(t.Context(), public)
	must(t, err)
	return element{key, cert}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newDesk makes a bench of its own and opens its CA's desk.
func newDesk(t *testing.T, now func() time.Time) (*pki.Desk, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	_, err := pki.Init(dir, pki.Config{Banks: 2})
	must(t, err)
	ca, err := pki.OpenCA(filepath.Join(dir, "ca"), now)
	must(t, err)
	return pki.NewDesk(ca), dir
}

// statement is what an element says of a user's key, signed.
func statement(t *testing.T, desk *pki.Desk, e element) (message.UserKey, message.Signature) {
	t.Helper()
	user, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	public, err := message.NewPublicKey(&user.PublicKey)
	must(t, err)
	ca, _ := desk.CA()
	key := message.UserKey{
		CA: ca, User: message.NewUserID("alice"), SE: e.cert.Key, Key: public,
	}
	sig, err := message.Sign(e.key, key.Digest())
	must(t, err)
	return key, sig
}

func TestCertifyUser(t *testing.T) {
	desk, _ := newDesk(t, nil)
	other, _ := newDesk(t, nil)
	e, stranger := newElement(t, desk), newElement(t, other)
	key, sig := statement(t, desk, e)
	for _, row := range []struct {
		name string
		se   message.Certificate
		key  func(k message.UserKey) message.UserKey
		sig  message.Signature
	}{
		{"element of another CA", stranger.cert, nil, sig},
		{"another element's statement", newElement(t, desk).cert, nil, sig},
		{"another CA's statement", e.cert, func(k message.UserKey) message.UserKey {
			k.CA[0]++
			return k
		}, sig},
		{"another user", e.cert, func(k message.UserKey) message.UserKey {
			k.User = message.NewUserID("mallory")
			return k
		}, sig},
		{"another key", e.cert, func(k message.UserKey) message.UserKey {
			k.Key = e.cert.Key
			return k
		}, sig},
		{"forged signature", e.cert, nil, message.Signature{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			said := key
			if row.key != nil {
				said = row.key(key)
			}
			if _, err := desk.CertifyUser(t.Context(), row.se, said, row.sig); !errors.Is(
				err, pki.ErrNotSeen) {
				t.Errorf("got %v, want ErrNotSeen", err)
			}
		})
	}
	cert, err := desk.CertifyUser(t.Context(), e.cert, key, sig)
	must(t, err)
	_, ca := desk.CA()
	must(t, cert.Check(wire.CertUser, ca, message.EpochAt(time.Now())))
	if cert.Subject != key.User || cert.Key != key.Key {
		t.Errorf("certified %s", cert.Subject)
	}
}

func TestCertifySERefusesNoKey(t *testing.T) {
	desk, _ := newDesk(t, nil)
	if _, err := desk.CertifySE(t.Context(), message.PublicKey{4, 1}); !errors.Is(
		err, pki.ErrNotSeen) {
		t.Errorf("got %v, want ErrNotSeen", err)
	}
}

// TestOpenCompact has a row for each check.
func TestOpenCompact(t *testing.T) {
	_, foreign := newDesk(t, nil)
	later := func() time.Time { return time.Now().Add(5 * message.EpochLength) }
	for _, row := range []struct {
		name   string
		party  string
		now    func() time.Time
		damage func(t *testing.T, dir string)
		want   error
	}{
		{"file missing", "bank-a", nil, func(t *testing.T, dir string) {
			must(t, os.Remove(filepath.Join(dir, "bank-a", "kem.compact")))
		}, pki.ErrDamaged},
		{"another CA's", "bank-a", nil, func(t *testing.T, dir string) {
			swapFile(t, filepath.Join(foreign, "bank-a", "sign.compact"),
				filepath.Join(dir, "bank-a", "sign.compact"))
		}, pki.ErrDamaged},
		{"another party's", "bank-a", nil, func(t *testing.T, dir string) {
			swapFile(t, filepath.Join(dir, "bank-b", "sign.compact"),
				filepath.Join(dir, "bank-a", "sign.compact"))
		}, pki.ErrDamaged},
		{"of another use", "bank-a", nil, func(t *testing.T, dir string) {
			swapFile(t, filepath.Join(dir, "bank-a", "kem.compact"),
				filepath.Join(dir, "bank-a", "sign.compact"))
		}, pki.ErrDamaged},
		{"merchant's of another bench", "merchant", nil, func(t *testing.T, dir string) {
			swapFile(t, filepath.Join(foreign, "merchant", "sign.compact"),
				filepath.Join(dir, "merchant", "sign.compact"))
		}, pki.ErrDamaged},
		{"epoch key of another bench", "tsm", nil, func(t *testing.T, dir string) {
			swapFile(t, filepath.Join(foreign, "tsm", "epoch.key"),
				filepath.Join(dir, "tsm", "epoch.key"))
		}, pki.ErrDamaged},
		{"epoch has ended", "merchant", later, func(*testing.T, string) {}, pki.ErrExpired},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, dir := newDesk(t, nil)
			row.damage(t, dir)
			own := filepath.Join(dir, row.party)
			party, err := pki.OpenParty(own, row.now)
			must(t, err)
			if _, err := party.OpenCompact(own); !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
}

func swapFile(t *testing.T, from, to string) {
	t.Helper()
	raw, err := os.ReadFile(from)
	must(t, err)
	must(t, os.WriteFile(to, raw, 0o600))
}
