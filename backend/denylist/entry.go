package denylist

import (
	"bytes"
	"crypto/sha256"
	"slices"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// EntryLen is the length of an entry: the first 8 bytes of a hash. Nobody gains by a collision: the
// holder of a token would find his own one denied, and nobody chooses another's tokID. By chance a
// good token meets one of 2^20 entries once in 2^44 taps, and is then paid online.
const EntryLen = 8

// SaltLen is the length of a salt. It is fresh in each whole list, so that entries of two lists
// can't be compared.
const SaltLen = 16

// Salt is what a list's hashes begin with.
type Salt [SaltLen]byte

// entry is a truncated hash, or padding.
type entry [EntryLen]byte

// newEntry returns a token's entry: SHA-256(type || label || salt || tokID), its first 8 bytes.
func newEntry(salt Salt, id message.Hash) entry {
	raw := append(message.Prefix(wire.MsgDenyEntry), salt[:]...)
	sum := sha256.Sum256(append(raw, id[:]...))
	return entry(sum[:EntryLen])
}

func compare(a, b entry) int { return bytes.Compare(a[:], b[:]) }

// ascending says whether entries are sorted, and none is there twice.
func ascending(entries []entry) bool {
	for i := 1; i < len(entries); i++ {
		if compare(entries[i-1], entries[i]) >= 0 {
			return false
		}
	}
	return true
}

// sorted returns a sorted copy.
func sorted(entries []entry) []entry {
	out := slices.Clone(entries)
	slices.SortFunc(out, compare)
	return out
}

func appendEntries(raw []byte, entries []entry) []byte {
	for i := range entries {
		raw = append(raw, entries[i][:]...)
	}
	return raw
}

// splitEntries reads entries to the last byte; len(raw) is a multiple of [EntryLen].
func splitEntries(raw []byte) []entry {
	entries := make([]entry, len(raw)/EntryLen)
	for i := range entries {
		entries[i] = entry(raw[i*EntryLen:])
	}
	return entries
}

// sumOf returns SHA-256 over entries.
func sumOf(entries []entry) message.Hash {
	h := sha256.New()
	for i := range entries {
		h.Write(entries[i][:])
	}
	return message.Hash(h.Sum(nil))
}
