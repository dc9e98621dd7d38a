package jcardsim_test

import (
	"errors"
	"slices"
	"testing"

	"tapbench/applet/jcardsim"
	"tapbench/pcsc/link"
)

func TestParseWork(t *testing.T) {
	for name, row := range map[string]struct {
		raw  string
		want link.Work
		ok   bool
	}{
		"a kind alone":            {"\x00", link.Work{}, false},
		"half a length":           {"\x00\x00", link.Work{}, false},
		"another kind":            {"\x0C\x00\x00", link.Work{}, false},
		"another kind in the end": {"\x02\x00\x00\xFF\x00\x00", link.Work{}, false},
		"nothing":                 {"", link.Work{}, true},
		"a signature of 56 bytes": {
			"\x00\x00\x38", link.Work{Signatures: 1, Hashes: 1, HashBlocks: 2}, true,
		},
		"a check of 55 bytes": {
			"\x01\x00\x37", link.Work{Verifications: 1, Hashes: 1, HashBlocks: 1}, true,
		},
		"an agreement, a key pair, a key that is set": {
			"\x02\x00\x00\x03\x00\x00\x04\x00\x00",
			link.Work{Agreements: 1, KeyPairs: 1, KeysSet: 1},
			true,
		},
		"two hashes": {"\x05\x00\x00\x05\x01\x00", link.Work{Hashes: 2, HashBlocks: 6}, true},
		"a cipher and its calls": {
			"\x06\x00\x00\x07\x00\x10\x07\x00\x20", link.Work{Ciphers: 1, CipherBlocks: 3}, true,
		},
		"random bytes": {"\x08\x00\x10", link.Work{Random: 16}, true},
		"a transaction with a key in its place": {
			"\x09\x00\x41\x0A\x00\x00\x0A\x00\x00\x0B\x00\x00",
			link.Work{Transactions: 1, Written: 65 + 32},
			true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := jcardsim.ParseWork([]byte(row.raw))
			if errors.Is(err, jcardsim.ErrPipe) == row.ok || got != row.want {
				t.Errorf("got %+v, %v, want %+v, valid %t", got, err, row.want, row.ok)
			}
		})
	}
}

// FuzzParseWork: what is told in two answers adds up to what is told in one.
func FuzzParseWork(f *testing.F) {
	f.Add([]byte("\x00\x00\x38\x06\x00\x00"), []byte("\x07\x00\x10"))
	f.Add([]byte("\x09\x00\x41"), []byte("\xFF\x00\x00"))
	f.Fuzz(func(t *testing.T, first, second []byte) {
		one, err1 := jcardsim.ParseWork(first)
		two, err2 := jcardsim.ParseWork(second)
		both, err := jcardsim.ParseWork(slices.Concat(first, second))
		if err1 != nil || err2 != nil {
			return
		}
		one.Add(two)
		if err != nil || both != one {
			t.Errorf("got %+v, %v, want %+v", both, err, one)
		}
	})
}
