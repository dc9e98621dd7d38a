package denylist_test

import (
	"crypto/elliptic"
	"errors"
	"math/big"
	"slices"
	"testing"

	"tapbench/applet/message"
	"tapbench/backend/denylist"
)

// forge changes header and entries of the bench's list and has the TSM's key sign them.
func (b *bench) forge(
	t *testing.T, change func(h *denylist.Header, entries []denylist.Entry) []denylist.Entry,
) []byte {
	t.Helper()
	l := b.maker.List()
	h, entries := l.Header(), l.Entries()
	entries = change(&h, entries)
	raw, err := denylist.Forge(b.key, h, entries)
	must(t, err)
	return raw
}

// summed has the header say what the entries are.
func summed(h *denylist.Header, entries []denylist.Entry) []denylist.Entry {
	h.Sum, h.Size = denylist.SumOf(entries), uint32(len(entries))
	return entries
}

// TestListRefused has a row for each check of a whole list.
func TestListRefused(t *testing.T) {
	b := newBench(t)
	genuine := b.update(t, ids(0, 3)).Encode()
	type entries = []denylist.Entry
	resized := func(size int) []byte {
		return b.forge(t, func(h *denylist.Header, e entries) entries {
			for i := 0; len(e) < size; i++ {
				e = append(e, denylist.Entry{0xFF, 0xFF, 0xFF, 0xFF, byte(i >> 16), byte(i >> 8), byte(i)})
			}
			return summed(h, e[:size])
		})
	}
	for _, row := range []struct {
		name string
		raw  []byte
		want error
	}{
		{"nothing", nil, denylist.ErrFormat},
		{"a header cut short", genuine[:100], denylist.ErrFormat},
		{"another message", append([]byte{0x8F}, genuine[1:]...), denylist.ErrFormat},
		{"one byte too many", append(slices.Clone(genuine), 0), denylist.ErrFormat},
		{"one byte too few", genuine[:len(genuine)-1], denylist.ErrFormat},
		{"too long for a list", b.forge(t, func(h *denylist.Header, e entries) entries {
			h.Size = denylist.MaxSize * 2
			return e
		}), denylist.ErrSize},
		{"as long as its claim, which is none", resized(denylist.MinSize + 1), denylist.ErrSize},
		{"too short for a list", resized(denylist.MinSize / 2), denylist.ErrSize},
		{"no entry", resized(0), denylist.ErrSize},
		{"the claim of the longest", b.forge(t, func(h *denylist.Header, e entries) entries {
			h.Size = denylist.MaxSize
			return e
		}), denylist.ErrFormat},
		{"another issuer", b.forge(t, func(h *denylist.Header, e entries) entries {
			h.TSM[7]++
			return e
		}), denylist.ErrIssuer},
		{"unsorted", b.forge(t, func(h *denylist.Header, e entries) entries {
			e[0], e[1] = e[1], e[0]
			return summed(h, e)
		}), denylist.ErrOrder},
		{"an entry twice", b.forge(t, func(h *denylist.Header, e entries) entries {
			e[0] = e[1]
			return summed(h, e)
		}), denylist.ErrOrder},
		{"another entry than is signed", b.forge(t, func(_ *denylist.Header, e entries) entries {
			e[0] = denylist.Entry{}
			return e
		}), denylist.ErrEntries},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := b.held.Update(row.raw); !errors.Is(err, row.want) || b.held.List() != nil {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	t.Run("signed by another", func(t *testing.T) {
		l := b.maker.List()
		raw, err := denylist.Forge(newKey(t), l.Header(), l.Entries())
		must(t, err)
		if err := b.held.Update(raw); !errors.Is(err, denylist.ErrSignature) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("signature with high s", func(t *testing.T) {
		raw, sig := slices.Clone(genuine), b.maker.List().Signature()
		at := len(raw) - len(b.maker.List().Entries())*denylist.EntryLen - len(sig)
		s := new(big.Int).SetBytes(sig[32:])
		s.Sub(elliptic.P256().Params().N, s).FillBytes(raw[at+32 : at+64])
		if err := b.held.Update(raw); !errors.Is(err, message.ErrHighS) {
			t.Errorf("got %v", err)
		}
	})
	must(t, b.held.Update(genuine))
	t.Run("the same again", func(t *testing.T) {
		if err := b.held.Update(genuine); !errors.Is(err, denylist.ErrSerial) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("an older one", func(t *testing.T) {
		b.update(t, ids(0, 3))
		b.fetch(t)
		if err := b.held.Update(genuine); !errors.Is(err, denylist.ErrSerial) {
			t.Errorf("got %v", err)
		}
	})
}

// TestListBitsFlipped flips each bit of a list: each is refused by name, and changes nothing.
func TestListBitsFlipped(t *testing.T) {
	b := newBench(t)
	raw := b.update(t, ids(0, 3)).Encode()
	if len(raw) != 11+72+64+denylist.MinSize*denylist.EntryLen {
		t.Errorf("a list of %d bytes", len(raw))
	}
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		if err := b.held.Update(raw); !named(err) || b.held.List() != nil {
			t.Fatalf("bit %d of byte %d: %v", bit%8, bit/8, err)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
	must(t, b.held.Update(raw))
}

// named says whether an error is one of those that an update gives.
func named(err error) bool {
	return slices.ContainsFunc([]error{
		denylist.ErrFormat, denylist.ErrSize, denylist.ErrIssuer, denylist.ErrSignature,
		denylist.ErrOrder, denylist.ErrEntries, denylist.ErrSerial, denylist.ErrSalt,
		denylist.ErrChange,
	}, func(want error) bool { return errors.Is(err, want) })
}

func TestList(t *testing.T) {
	b := newBench(t)
	l := b.update(t, append(ids(0, 100), ids(0, 3)...))
	got, err := denylist.Parse(l.Encode(), issuer, &b.key.PublicKey)
	must(t, err)
	if !slices.Equal(got.Encode(), l.Encode()) || got.Header() != l.Header() {
		t.Error("read otherwise than written")
	}
	for i, id := range ids(0, 1000) {
		if got.Contains(id) != (i < 100) {
			t.Errorf("token %d is denied: %t", i, i >= 100)
		}
	}
	h := got.Header()
	if h.Serial != 1 || h.Epoch != message.EpochAt(b.now) || !got.Made().Equal(b.now) {
		t.Errorf("header %+v", h)
	}
}
