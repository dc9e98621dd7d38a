package authority

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"time"

	"tapbench/applet/emv/oda"
)

// ErrAuthority means that bytes aren't a test CA.
var ErrAuthority = errors.New("not a test CA for EMV")

// Authority is a test CA. It prints as "Authority(hidden)".
type Authority struct {
	expiry time.Time
	keys   []key // the shortest first
}

// key is one of its keys.
type key struct {
	index   byte
	private *oda.PrivateKey
}

// Signer is a key that an issuer's is certified with.
type Signer struct {
	Index byte // tag 8F
	Key   *oda.PrivateKey
}

// FirstIndex is the index of the shortest key; the others' follow it.
const FirstIndex byte = 0xB1

// exponent is that of the CA's keys.
const exponent = 3

// lengths are the moduli's, in bytes.
func lengths() []int { return []int{144, 176, 248} }

// Draw makes a CA whose keys expire on a day, of the years to 2049. random may be nil: crypto/rand.
func Draw(random io.Reader, expiry time.Time) (*Authority, error) {
	if random == nil {
		random = rand.Reader
	}
	a := &Authority{expiry: day(expiry)}
	for i, n := range lengths() {
		private, err := oda.GenerateKey(random, n, exponent)
		if err != nil {
			return nil, fmt.Errorf("drawing the CA's key of %d bits: %w", 8*n, err)
		}
		a.keys = append(a.keys, key{FirstIndex + byte(i), private})
	}
	return a, nil
}

func day(t time.Time) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
}

// Expiry returns the last day of the keys, at 00:00 UTC.
func (a *Authority) Expiry() time.Time { return a.expiry }

// Signer returns the shortest key that certifies a modulus of a length in bytes. An error wraps
// oda.ErrKey.
func (a *Authority) Signer(length int) (Signer, error) {
	for _, k := range a.keys {
		if len(k.private.Public().Modulus) >= length {
			return Signer{k.index, k.private}, nil
		}
	}
	return Signer{}, fmt.Errorf("%w: no key of the CA certifies one of %d bits", oda.ErrKey, 8*length)
}

// CAKeys returns the public keys as terminals know them, for each of the RIDs.
func (a *Authority) CAKeys(rids ...[oda.RIDLen]byte) oda.CAKeys {
	var list oda.CAKeys
	for _, rid := range rids {
		for _, k := range a.keys {
			list = append(list, oda.CAKey{
				RID: rid, Index: k.index, Expiry: a.expiry, Key: k.private.Public(),
			})
		}
	}
	return list
}

// Format hides the keys, whatever the verb.
func (*Authority) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "Authority(hidden)") }
