package search

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
)

// How long a pattern may be, in bytes. Eight bytes don't occur by chance.
const (
	MinPattern = 8
	MaxPattern = 256
)

// ErrPattern means that a pattern is shorter than [MinPattern] or longer than [MaxPattern].
var ErrPattern = errors.New("pattern has a length that can't be searched for")

// Set is many patterns, prepared for a search. It doesn't change and may be shared.
type Set struct {
	patterns [][]byte
	// first leads from a pattern's last eight bytes to the newest pattern that ends with them, next
	// from that to the one before, or -1.
	first map[uint64]int32
	next  []int32
	// filter has a bit for each hash of eight such bytes: nearly all bytes of a stream end here.
	filter []uint64
	shift  uint
}

// NewSet returns the set of patterns, whose indices name them. The same pattern may occur twice.
func NewSet(patterns [][]byte) (*Set, error) {
	size := max(12, bits.Len(uint(len(patterns)))+4) // 16 bits for each pattern
	s := &Set{
		patterns: patterns, next: make([]int32, len(patterns)),
		first:  make(map[uint64]int32, len(patterns)),
		filter: make([]uint64, 1<<(size-6)), shift: uint(64 - size),
	}
	for i, p := range patterns {
		if len(p) < MinPattern || len(p) > MaxPattern {
			return nil, fmt.Errorf("%w: %d bytes, not %d to %d", ErrPattern, len(p), MinPattern,
				MaxPattern)
		}
		end := binary.BigEndian.Uint64(p[len(p)-MinPattern:])
		before, ok := s.first[end]
		if !ok {
			before = -1
		}
		s.next[i] = before
		s.first[end] = int32(i)
		slot := s.slot(end)
		s.filter[slot>>6] |= 1 << (slot & 63)
	}
	return s, nil
}

// Len returns how many patterns there are.
func (s *Set) Len() int { return len(s.patterns) }

// slot hashes eight bytes (Fibonacci hashing: Knuth, TAOCP vol. 3, 6.4).
func (s *Set) slot(end uint64) uint64 { return end * 0x9E3779B97F4A7C15 >> s.shift }

// maybe reports whether a pattern may end with these eight bytes.
func (s *Set) maybe(end uint64) bool {
	slot := s.slot(end)
	return s.filter[slot>>6]&(1<<(slot&63)) != 0
}
