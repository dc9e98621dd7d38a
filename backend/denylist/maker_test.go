package denylist_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"math"
	"slices"
	"testing"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/denylist"
)

func TestUpdateRefuses(t *testing.T) {
	for _, row := range []struct {
		name   string
		tokens int
		now    time.Time
		config denylist.MakerConfig
		want   error // nil for any
	}{
		{
			"one token too many", denylist.MaxDenied + 1, start,
			denylist.MakerConfig{Rand: rand.Reader},
			denylist.ErrTooMany,
		},
		{
			"no serial left", 0, start,
			denylist.MakerConfig{Last: math.MaxUint32, Rand: rand.Reader},
			denylist.ErrSpent,
		},
		{
			"a clock before 1970", 0, time.Unix(-1, 0),
			denylist.MakerConfig{Rand: rand.Reader},
			denylist.ErrSpent,
		},
		{
			"a clock after 2106", 0, time.Unix(1<<32, 0),
			denylist.MakerConfig{Rand: rand.Reader},
			denylist.ErrSpent,
		},
		{"no salt", 0, start, denylist.MakerConfig{Rand: bytes.NewReader(nil)}, nil},
		{
			"no padding", 0, start,
			denylist.MakerConfig{Rand: bytes.NewReader(make([]byte, 20))},
			nil,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			row.config.TSM, row.config.Key = issuer, newKey(t)
			m := denylist.NewMaker(row.config)
			_, err := m.Update(make([]message.Hash, row.tokens), row.now)
			if err == nil || row.want != nil && !errors.Is(err, row.want) {
				t.Errorf("got %v, want %v", err, row.want)
			}
			if m.List() != nil || m.Since(0) != nil {
				t.Error("there is a list")
			}
		})
	}
	t.Run("clock set back", func(t *testing.T) {
		b := newBench(t)
		before := b.update(t, nil)
		_, err := b.maker.Update(ids(0, 1), b.now.Add(-time.Hour))
		if !errors.Is(err, denylist.ErrSpent) || b.maker.List() != before {
			t.Errorf("got %v", err)
		}
	})
}

// TestFollow has a terminal fetch each list or only some: it always has what the TSM has.
func TestFollow(t *testing.T) {
	b := newBench(t)
	rare := b.newHeld(t)
	deltas, wholes := 0, 0
	for i := range 60 {
		b.update(t, ids(0, i*2))
		if raw := b.fetch(t); raw[0] == 0x92 {
			deltas++
		} else {
			wholes++
		}
		if i%3 == 0 {
			must(t, rare.Update(b.maker.Since(rare.Serial())))
			if rare.Serial() != b.held.Serial() {
				t.Fatalf("terminals have %d and %d", rare.Serial(), b.held.Serial())
			}
		}
		for j, id := range ids(0, 200) {
			if b.held.Contains(id) != (j < i*2) || i%3 == 0 && rare.Contains(id) != (j < i*2) {
				t.Fatalf("list %d: token %d is denied: %t", i, j, j >= i*2)
			}
		}
	}
	if deltas < 40 || wholes < 2 {
		t.Errorf("%d deltas and %d whole lists", deltas, wholes)
	}
	if raw := b.maker.Since(b.held.Serial()); raw != nil {
		t.Errorf("%d bytes for a terminal that has the newest list", len(raw))
	}
}

// TestWhole: what a step can't say takes a whole list, with a fresh salt.
func TestWhole(t *testing.T) {
	for _, row := range []struct {
		name string
		next func(b *bench) []message.Hash
	}{
		{"a token isn't denied any more", func(*bench) []message.Hash { return ids(0, 2) }},
		{"more tokens than the size allows", func(*bench) []message.Hash { return ids(0, 200) }},
		{"the next epoch", func(b *bench) []message.Hash {
			b.now = b.now.Add(message.EpochLength)
			return ids(0, 3)
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := newBench(t)
			before := b.update(t, ids(0, 3)).Header()
			b.fetch(t)
			want := row.next(b)
			after := b.update(t, want).Header()
			if after.Salt == before.Salt || after.Serial != before.Serial+1 {
				t.Errorf("serial %d, salt %x", after.Serial, after.Salt)
			}
			b.fetch(t)
			for i, id := range ids(0, 300) {
				if b.held.Contains(id) != (i < len(want)) {
					t.Errorf("token %d is denied: %t", i, i >= len(want))
				}
			}
		})
	}
}

// TestRestart: a TSM that knows its last serial goes on after it, with a whole list.
func TestRestart(t *testing.T) {
	b := newBench(t)
	last := b.update(t, ids(0, 3)).Header()
	b.fetch(t)
	b.maker = denylist.NewMaker(denylist.MakerConfig{
		TSM: issuer, Key: b.key, Last: last.Serial, Rand: rand.Reader,
	})
	b.update(t, ids(0, 4))
	if raw := b.fetch(t); raw[0] != 0x90 || b.held.Serial() != last.Serial+1 {
		t.Errorf("type %02x, serial %d", raw[0], b.held.Serial())
	}
}

// TestSizes: the size of a list says a power of two, that of a delta another, and nothing more.
func TestSizes(t *testing.T) {
	for _, row := range []struct{ tokens, size int }{
		{0, 256}, {1, 256}, {128, 256}, {129, 512}, {256, 512}, {257, 1024},
	} {
		b := newBench(t)
		if got := b.update(t, ids(0, row.tokens)).Header().Size; int(got) != row.size {
			t.Errorf("%d tokens: %d entries, want %d", row.tokens, got, row.size)
		}
	}
	for _, row := range []struct{ tokens, swaps int }{{0, 16}, {1, 16}, {16, 16}, {17, 32}, {64, 64}} {
		b := newBench(t)
		b.update(t, nil)
		b.fetch(t)
		b.update(t, ids(0, row.tokens))
		d, err := denylist.ParseDelta(b.fetch(t))
		must(t, err)
		if len(d.Added) != row.swaps || len(d.Removed) != row.swaps {
			t.Errorf("%d tokens: %d entries go, %d come", row.tokens, len(d.Removed), len(d.Added))
		}
	}
}

// TestStepsLookAlike: what a step removes is of the whole list, and what a step has added stays, so
// that an observer of all lists sees the same of none, few and many tokens.
func TestStepsLookAlike(t *testing.T) {
	seen := func(tokens func(i int) []message.Hash) (wholes []int, removedNew int) {
		b := newBench(t)
		var first []denylist.Entry
		for i := range 30 {
			b.update(t, tokens(i))
			raw := b.fetch(t)
			if raw[0] == 0x90 {
				wholes, first = append(wholes, i), b.held.List().Entries()
				continue
			}
			d, err := denylist.ParseDelta(raw)
			must(t, err)
			for _, e := range d.Removed {
				if !slices.Contains(first, e) {
					removedNew++
				}
			}
		}
		return wholes, removedNew
	}
	none, a := seen(func(int) []message.Hash { return nil })
	some, b := seen(func(i int) []message.Hash { return ids(0, i) })
	many, c := seen(func(int) []message.Hash { return ids(0, 128) })
	if !slices.Equal(none, some) || !slices.Equal(none, many) || a+b+c != 0 {
		t.Errorf("whole lists at %v, %v and %v; %d entries went that a step had added", none, some, many,
			a+b+c)
	}
}
