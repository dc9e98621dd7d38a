package emvcard

import (
	"bytes"
	"encoding/json"
	"fmt"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/storedata"
	"tapbench/applet/saved"
)

// blankState is what a store keeps of a card that is personalised by commands. Bytes are in
// base64, keys in clear.
type blankState struct {
	Kind      string            `json:"kind"`
	Name      []byte            `json:"name"`
	ATR       []byte            `json:"atr"`
	Modulus   []byte            `json:"modulus,omitempty"`
	Exponent  []byte            `json:"exponent,omitempty"`
	Private   []byte            `json:"private,omitempty"`
	Payment   []storedata.Group `json:"payment,omitempty"`
	Directory []storedata.Group `json:"directory,omitempty"`
	Inner     []byte            `json:"inner,omitempty"`
}

const blankKind = "tapbench-emv-blank v1"

// commit writes all of the card.
func (b *blank) commit() error {
	s := blankState{
		Kind: blankKind, Name: b.name, ATR: b.atr, Payment: b.payment, Directory: b.directory,
		Inner: b.inner,
	}
	if b.key != nil {
		public := b.key.Public()
		s.Modulus, s.Exponent, s.Private = public.Modulus, public.Exponent, b.key.Reveal()
	}
	raw, err := json.Marshal(s)
	if err != nil {
		return fmt.Errorf("writing the card's state: %w", err)
	}
	if err := b.store.Commit(saved.Encode(raw)); err != nil {
		return fmt.Errorf("writing the card's state: %w", err)
	}
	return nil
}

// IsBlank says whether bytes are what [NewBlank] keeps of a card, personalised since or not.
func IsBlank(raw []byte) bool {
	fields, err := saved.Decode(raw, len(raw)-saved.Overhead)
	if err != nil {
		return false
	}
	var s blankState
	return json.Unmarshal(fields, &s) == nil && s.Kind == blankKind
}

// load reads all of the card. An empty store gives a card without anything.
func (b *blank) load() error {
	raw, err := b.store.Load()
	if err != nil {
		return fmt.Errorf("loading the card's state: %w", err)
	}
	if raw == nil {
		return nil
	}
	fields, err := saved.Decode(raw, len(raw)-saved.Overhead)
	if err != nil {
		return err
	}
	var s blankState
	if err := json.Unmarshal(fields, &s); err != nil || s.Kind != blankKind {
		return fmt.Errorf("%w: it is no contactless card's that commands personalise", saved.ErrForeign)
	}
	if len(b.name) == 0 {
		b.name = s.Name
	}
	if len(b.atr) == 0 {
		b.atr = s.ATR
	}
	if !bytes.Equal(s.Name, b.name) {
		return fmt.Errorf("%w: its payment application has another name", saved.ErrForeign)
	}
	b.payment, b.directory, b.inner = s.Payment, s.Directory, s.Inner
	if s.Modulus != nil {
		public := oda.PublicKey{Modulus: s.Modulus, Exponent: s.Exponent}
		if b.key, err = oda.NewPrivateKey(public, s.Private); err != nil {
			return fmt.Errorf("%w: %w", saved.ErrForeign, err)
		}
	}
	for rules, groups := range map[storedata.Rules][]storedata.Group{
		storedata.Payment: b.payment, storedata.Directory: b.directory,
	} {
		if groups == nil {
			continue
		}
		if err := rules.Check(groups); err != nil {
			return fmt.Errorf("%w: %w", saved.ErrForeign, err)
		}
	}
	return nil
}

// innerStore is where the personalised card keeps its state: within all of the card.
type innerStore blank

// Load returns it.
func (s *innerStore) Load() ([]byte, error) { return s.inner, nil }

// Commit writes it, and all of the card with it.
func (s *innerStore) Commit(state []byte) error {
	before := s.inner
	s.inner = bytes.Clone(state)
	if err := (*blank)(s).commit(); err != nil {
		s.inner = before
		return err
	}
	return nil
}
