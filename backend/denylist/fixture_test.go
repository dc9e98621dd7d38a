package denylist_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/binary"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/denylist"
)

// start is when the first list of these tests is made: the first day of an epoch and a bit.
var start = message.EpochAt(time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)).End().Add(time.Hour)

// issuer is the TSM of these tests.
var issuer = message.NewPartyID("TSM00001")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	return key
}

// ids returns the tokIDs first to last, without last.
func ids(first, last int) []message.Hash {
	var all []message.Hash
	for i := first; i < last; i++ {
		var id message.Hash
		binary.BigEndian.PutUint32(id[:], uint32(i))
		all = append(all, id)
	}
	return all
}

// bench is a TSM and a terminal.
type bench struct {
	key    *ecdsa.PrivateKey
	public message.PublicKey
	maker  *denylist.Maker
	held   *denylist.Held
	now    time.Time
}

func newBench(t testing.TB) *bench {
	t.Helper()
	b := &bench{key: newKey(t), now: start}
	var err error
	b.public, err = message.NewPublicKey(&b.key.PublicKey)
	must(t, err)
	b.maker = denylist.NewMaker(denylist.MakerConfig{TSM: issuer, Key: b.key, Rand: rand.Reader})
	b.held = b.newHeld(t)
	return b
}

func (b *bench) newHeld(t testing.TB) *denylist.Held {
	t.Helper()
	h, err := denylist.NewHeld(issuer, b.public, 0)
	must(t, err)
	return h
}

// update has the TSM make the next list, an hour later.
func (b *bench) update(t testing.TB, tokens []message.Hash) *denylist.List {
	t.Helper()
	b.now = b.now.Add(time.Hour)
	l, err := b.maker.Update(tokens, b.now)
	must(t, err)
	return l
}

// fetch has the terminal fetch what leads to the newest list, and returns it.
func (b *bench) fetch(t testing.TB) []byte {
	t.Helper()
	raw := b.maker.Since(b.held.Serial())
	must(t, b.held.Update(raw))
	return raw
}
