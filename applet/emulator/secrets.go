package emulator

import (
	"slices"

	"tapbench/applet/statefile/bound"
)

// Keys returns the keys in an element's stored state: the private ones of its key pairs, 32 bytes
// each, and those that it shares with a bank, the TSM or a card's issuer, 16 or 32 bytes each.
// Empty slots have none. It is for the audit of a bench, which looks for them where they mustn't
// be; a state that isn't one is [ErrForeign], and whether a bound one is the latest isn't asked.
func Keys(raw []byte) (private, shared [][]byte, err error) {
	raw, _ = bound.Peek(raw)
	s, err := decodeState(raw)
	if err != nil {
		return nil, nil, err
	}
	pairs := []keyPair{s.se, s.user.keys}
	for _, b := range s.banks {
		pairs = append(pairs, b.signKeys, b.kemKeys)
		shared = append(shared, slices.Clone(b.shared[:]))
		shared = append(shared, halves(b.toBank)...)
		shared = append(shared, halves(b.toSE)...)
	}
	for _, t := range s.tids {
		pairs = append(pairs, t.signKeys, t.kemKeys)
		shared = append(shared, halves(t.toTSM)...)
		shared = append(shared, halves(t.toSE)...)
	}
	for _, c := range s.cards {
		pairs = append(pairs, c.keys)
		shared = append(shared, slices.Clone(c.masterKey[:]))
	}
	shared = append(shared, slices.Clone(s.chains[:]))
	for _, t := range s.tokens {
		pairs = append(pairs, t.keys)
	}
	for _, p := range pairs {
		private = append(private, slices.Clone(p.private[:]))
	}
	return slices.DeleteFunc(private, empty), slices.DeleteFunc(shared, empty), nil
}

// halves returns the keys for encryption and for the MAC.
func halves(keys [32]byte) [][]byte {
	return [][]byte{slices.Clone(keys[:16]), slices.Clone(keys[16:])}
}

func empty(key []byte) bool {
	return !slices.ContainsFunc(key, func(b byte) bool { return b != 0 })
}
