package denied_test

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/api"
	"tapbench/backend/denylist"
	"tapbench/terminal/denied"
)

// start is a minute before the first list.
var start = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)

// tsm makes lists and answers for them.
type tsm struct {
	id    message.PartyID
	key   message.PublicKey
	maker *denylist.Maker
	err   error
	spoil func([]byte) []byte
	asked []uint32
	lists int
}

func newTSM(t *testing.T) *tsm {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	public, err := message.NewPublicKey(&key.PublicKey)
	must(t, err)
	id := message.NewPartyID("TSM00001")
	return &tsm{id: id, key: public, maker: denylist.NewMaker(denylist.MakerConfig{
		TSM: id, Key: key, Rand: rand.Reader,
	})}
}

// deny makes the next list, of so many tokens.
func (s *tsm) deny(t *testing.T, tokens ...message.Hash) {
	t.Helper()
	s.lists++
	_, err := s.maker.Update(tokens, start.Add(time.Duration(s.lists)*time.Minute))
	must(t, err)
}

// Post implements denied.Caller.
func (s *tsm) Post(_ context.Context, path string, request, answer any) error {
	q, ok := request.(api.DenyListRequest)
	if !ok || path != api.PathDenyList {
		return errors.New("another request")
	}
	s.asked = append(s.asked, q.Have)
	if s.err != nil {
		return s.err
	}
	raw := s.maker.Since(q.Have)
	if s.spoil != nil {
		raw = s.spoil(raw)
	}
	answer.(*api.DenyListResponse).List = raw
	return nil
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (s *tsm) open(t *testing.T, path string) *denied.File {
	t.Helper()
	f, err := denied.Open(path, s.id, s.key)
	must(t, err)
	return f
}

func TestOpenRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "denylist")
	_, err := denied.Open(path, message.PartyID{}, message.PublicKey{4})
	if !errors.Is(err, message.ErrKey) {
		t.Errorf("a key that is none: got %v", err)
	}
	s := newTSM(t)
	if _, err := denied.Open(t.TempDir(), s.id, s.key); err == nil {
		t.Error("a folder is opened")
	}
}

// A file that can't be used counts as none, and the next list takes its place.
func TestUnusableFile(t *testing.T) {
	s, other := newTSM(t), newTSM(t)
	s.deny(t)
	other.deny(t)
	whole := s.maker.Since(0)
	for name, raw := range map[string][]byte{
		"empty": {}, "cut off": whole[:len(whole)-1], "a bit flipped": flip(whole),
		"another TSM's": other.maker.Since(0), "far too long": bytes.Repeat([]byte{1}, 9<<20+1),
	} {
		path := filepath.Join(t.TempDir(), "denylist")
		must(t, os.WriteFile(path, raw, 0o600))
		f := s.open(t, path)
		if err := f.Held().Usable(uint32(start.Unix())); !errors.Is(err, denylist.ErrNone) {
			t.Errorf("%s: got %v", name, err)
		}
		if err := f.Sync(t.Context(), s); err != nil {
			t.Errorf("%s: Sync: %v", name, err)
		}
		if err := s.open(t, path).Held().Usable(uint32(start.Unix())); err != nil {
			t.Errorf("%s: after Sync: %v", name, err)
		}
	}
}

func flip(raw []byte) []byte {
	raw = bytes.Clone(raw)
	raw[len(raw)/2] ^= 1
	return raw
}

// After an error the terminal has what it had, in memory and on the disk.
func TestSyncFails(t *testing.T) {
	s, down := newTSM(t), errors.New("down")
	path := filepath.Join(t.TempDir(), "denylist")
	f := s.open(t, path)
	first, second := message.Hash{1}, message.Hash{2}
	s.deny(t, first)
	must(t, f.Sync(t.Context(), s))
	before, err := os.ReadFile(path)
	must(t, err)
	s.deny(t, first, second)
	s.err = down
	if err := f.Sync(t.Context(), s); !errors.Is(err, down) {
		t.Errorf("TSM down: got %v", err)
	}
	s.err, s.spoil = nil, flip
	if err := f.Sync(t.Context(), s); err == nil {
		t.Error("a forged list is taken")
	}
	after, err := os.ReadFile(path)
	must(t, err)
	if !bytes.Equal(before, after) || !f.Held().Contains(first) || f.Held().Contains(second) {
		t.Error("the list has changed")
	}
}

func TestSync(t *testing.T) {
	s := newTSM(t)
	path := filepath.Join(t.TempDir(), "denylist")
	for n := range byte(3) {
		s.deny(t, message.Hash{n})
		f := s.open(t, path)
		for range 2 { // the second time there is nothing new
			must(t, f.Sync(t.Context(), s))
		}
		if !f.Held().Contains(message.Hash{n}) || f.Held().Serial() != uint32(n)+1 {
			t.Errorf("list %d: serial %d", n, f.Held().Serial())
		}
	}
	for i, have := range []uint32{0, 1, 1, 2, 2, 3} {
		if s.asked[i] != have {
			t.Errorf("it asked from serials %v", s.asked)
			break
		}
	}
}
