package denylist_test

import (
	"encoding/binary"
	"errors"
	"slices"
	"testing"

	"tapbench/backend/denylist"
)

// stepped returns a bench whose terminal has the first list, and the delta to the second.
func stepped(t testing.TB) (*bench, denylist.Delta, []byte) {
	t.Helper()
	b := newBench(t)
	b.update(t, ids(0, 3))
	b.fetch(t)
	b.update(t, ids(0, 5))
	raw := b.maker.Since(b.held.Serial())
	d, err := denylist.ParseDelta(raw)
	must(t, err)
	return b, d, raw
}

// TestDeltaRefused has a row for each check of a delta.
func TestDeltaRefused(t *testing.T) {
	for _, row := range []struct {
		name   string
		change func(d *denylist.Delta)
		want   error
	}{
		{
			"to a size that isn't published", func(d *denylist.Delta) { d.Header.Size++ },
			denylist.ErrSize,
		},
		{"another issuer", func(d *denylist.Delta) { d.Header.TSM[0]++ }, denylist.ErrIssuer},
		{"from another serial", func(d *denylist.Delta) { d.From++ }, denylist.ErrSerial},
		{
			"to an earlier serial", func(d *denylist.Delta) { d.Header.Serial = 1 },
			denylist.ErrSerial,
		},
		{"to another salt", func(d *denylist.Delta) { d.Header.Salt[0]++ }, denylist.ErrSalt},
		{"to another size", func(d *denylist.Delta) { d.Header.Size *= 2 }, denylist.ErrSalt},
		{"removed ones unsorted", func(d *denylist.Delta) {
			d.Removed[0], d.Removed[1] = d.Removed[1], d.Removed[0]
		}, denylist.ErrOrder},
		{"added ones unsorted", func(d *denylist.Delta) {
			d.Added[0], d.Added[1] = d.Added[1], d.Added[0]
		}, denylist.ErrOrder},
		{"removes what isn't there", func(d *denylist.Delta) {
			d.Removed = slices.Clone(d.Added)
		}, denylist.ErrChange},
		{
			"another entry than is signed", func(d *denylist.Delta) { d.Added[0][7] ^= 1 },
			denylist.ErrEntries,
		},
		{
			"nothing of the change", func(d *denylist.Delta) { d.Removed, d.Added = nil, nil },
			denylist.ErrEntries,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			b, d, _ := stepped(t)
			row.change(&d)
			raw, err := d.Forge(b.key)
			must(t, err)
			if err := b.held.Update(raw); !errors.Is(err, row.want) || b.held.Serial() != 1 {
				t.Errorf("got %v, want %v", err, row.want)
			}
		})
	}
	t.Run("adds what is there", func(t *testing.T) {
		b, d, _ := stepped(t)
		there := b.held.List().Entries()
		there = slices.DeleteFunc(there, func(e denylist.Entry) bool {
			return slices.Contains(d.Removed, e)
		})
		d.Added = there[:len(d.Added)]
		raw, err := d.Forge(b.key)
		must(t, err)
		if err := b.held.Update(raw); !errors.Is(err, denylist.ErrChange) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("signed by another", func(t *testing.T) {
		b, d, _ := stepped(t)
		raw, err := d.Forge(newKey(t))
		must(t, err)
		if err := b.held.Update(raw); !errors.Is(err, denylist.ErrSignature) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("no list at hand", func(t *testing.T) {
		b, _, raw := stepped(t)
		if err := b.newHeld(t).Update(raw); !errors.Is(err, denylist.ErrSerial) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("twice", func(t *testing.T) {
		b, _, raw := stepped(t)
		must(t, b.held.Update(raw))
		if err := b.held.Update(raw); !errors.Is(err, denylist.ErrSerial) {
			t.Errorf("got %v", err)
		}
	})
}

// TestDeltaLengths: no claimed length is believed.
func TestDeltaLengths(t *testing.T) {
	b, _, raw := stepped(t)
	const swapsAt = 11 + 72 + 64 + 4
	for _, row := range []struct {
		name string
		raw  func(raw []byte) []byte
		want error
	}{
		{
			"it ends with its header", func(raw []byte) []byte { return raw[:swapsAt] },
			denylist.ErrFormat,
		},
		{"more swaps than entries", func(raw []byte) []byte {
			binary.BigEndian.PutUint32(raw[swapsAt:], 1<<31)
			return raw
		}, denylist.ErrSize},
		{"more swaps than bytes", func(raw []byte) []byte {
			binary.BigEndian.PutUint32(raw[swapsAt:], 17)
			return raw
		}, denylist.ErrFormat},
		{"one byte too many", func(raw []byte) []byte { return append(raw, 0) }, denylist.ErrFormat},
		{"one byte too few", func(raw []byte) []byte { return raw[:len(raw)-1] }, denylist.ErrFormat},
	} {
		if err := b.held.Update(row.raw(slices.Clone(raw))); !errors.Is(err, row.want) {
			t.Errorf("%s: got %v, want %v", row.name, err, row.want)
		}
	}
}

// TestDeltaBitsFlipped flips each bit of a delta: each is refused by name, and changes nothing.
func TestDeltaBitsFlipped(t *testing.T) {
	b, _, raw := stepped(t)
	for bit := range len(raw) * 8 {
		raw[bit/8] ^= 1 << (bit % 8)
		if err := b.held.Update(raw); !named(err) || b.held.Serial() != 1 {
			t.Fatalf("bit %d of byte %d: %v", bit%8, bit/8, err)
		}
		raw[bit/8] ^= 1 << (bit % 8)
	}
	must(t, b.held.Update(raw))
}

// FuzzUpdate: whatever comes, a terminal has what the TSM has signed or what it had before.
func FuzzUpdate(f *testing.F) {
	b, _, delta := stepped(f)
	first, second := b.held.List(), b.maker.List()
	f.Add(first.Encode())
	f.Add(second.Encode())
	f.Add(delta)
	f.Fuzz(func(t *testing.T, raw []byte) {
		held := b.newHeld(t)
		must(t, held.Update(first.Encode()))
		if err := held.Update(raw); err != nil {
			if !named(err) || held.List().Header() != first.Header() {
				t.Errorf("refused with %v, at hand is %d", err, held.Serial())
			}
			return
		}
		if held.List().Header() != second.Header() {
			t.Errorf("accepted %+v", held.List().Header())
		}
	})
}
