package kept

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/applet/statefile/bound"
)

// MaxLen is the longest file, in bytes.
const MaxLen = image.MaxEncoded + 1<<16

// ErrBegun means that a store holds a card already.
var ErrBegun = errors.New("a card is kept there already")

// magic begins what is kept: then the profile's name and the image, each with its length [4], then
// the state.
const (
	magic     = "TAPBEMV\x00\x01"
	lengthLen = 4
)

// Card is the card that a store holds.
type Card struct {
	Profile string // the name of the profile that it was made of
	Image   image.Card
}

// Store keeps image and state. It is a [saved.Store] of the state.
type Store struct {
	inner saved.Store
	card  *Card
	head  []byte // what stands before the state
	state []byte // nil: none yet
}

var _ saved.Store = (*Store)(nil)

// Open reads what a store holds. An empty one has no card yet; something else than a card, such as
// the state of an anonymous one, is [saved.ErrForeign], and one that is bound to an index
// [bound.ErrBound]: whoever opens it without can't know whether it is the latest.
func Open(inner saved.Store) (*Store, error) {
	raw, err := inner.Load()
	if err != nil || raw == nil {
		return &Store{inner: inner}, err
	}
	if _, isBound := bound.Peek(raw); isBound {
		return nil, bound.ErrBound
	}
	s := &Store{inner: inner, card: &Card{}}
	rest, ours := bytes.CutPrefix(raw, []byte(magic))
	if !ours {
		return nil, fmt.Errorf("%w: it is no EMV card's", saved.ErrForeign)
	}
	name, rest, ok := cut(rest)
	encoded, rest, ok2 := cut(rest)
	if !ok || !ok2 {
		return nil, fmt.Errorf("%w: it ends too early", saved.ErrForeign)
	}
	if s.card.Image, err = image.Parse(encoded); err != nil {
		return nil, fmt.Errorf("%w: %w", saved.ErrForeign, err)
	}
	s.card.Profile, s.head = string(name), raw[:len(raw)-len(rest)]
	if len(rest) > 0 {
		s.state = rest
	}
	return s, nil
}

// IsCard says whether bytes of a file begin as an EMV card's.
func IsCard(raw []byte) bool { return bytes.HasPrefix(raw, []byte(magic)) }

func cut(b []byte) (part, rest []byte, ok bool) {
	if len(b) < lengthLen {
		return nil, nil, false
	}
	n, rest := uint64(binary.BigEndian.Uint32(b)), b[lengthLen:]
	if n > uint64(len(rest)) {
		return nil, nil, false
	}
	return rest[:n], rest[n:], true
}

// Card returns the card, or nil while nothing is kept.
func (s *Store) Card() *Card { return s.card }

// Begin keeps a new card, made of a profile of that name, or says [ErrBegun].
func (s *Store) Begin(profile string, card image.Card) error {
	if s.card != nil {
		return ErrBegun
	}
	encoded, err := image.Encode(card)
	if err != nil {
		return err
	}
	head := []byte(magic)
	for _, part := range [][]byte{[]byte(profile), encoded} {
		head = binary.BigEndian.AppendUint32(head, uint32(len(part)&0xFFFFFFFF))
		head = append(head, part...)
	}
	if err := s.inner.Commit(head); err != nil {
		return fmt.Errorf("keeping the card: %w", err)
	}
	s.card, s.head = &Card{Profile: profile, Image: card}, head
	return nil
}

// Load returns the card's state, or nil when none was committed yet.
func (s *Store) Load() ([]byte, error) { return s.state, nil }

// Commit keeps a state with the image.
func (s *Store) Commit(state []byte) error {
	whole := append(bytes.Clone(s.head), state...)
	if err := s.inner.Commit(whole); err != nil {
		return err
	}
	s.state = whole[len(s.head):]
	return nil
}
