package message

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"

	"tapbench/applet/wire"
)

// Remainder is what is left of one TSM account, under its handle, in minor units.
type Remainder struct {
	Handle Handle
	Limit  Limit
}

// RemainderLen is the length of an encoded [Remainder].
const RemainderLen = wire.HandleLen + wire.LimitLen

// EncodeRemainders returns h || limit for each, in their order.
func EncodeRemainders(rest []Remainder) []byte {
	out := make([]byte, 0, len(rest)*RemainderLen)
	for _, r := range rest {
		out = binary.BigEndian.AppendUint64(append(out, r.Handle[:]...), uint64(r.Limit))
	}
	return out
}

// ParseRemainders is the inverse of [EncodeRemainders]. It returns [ErrLayout] unless the handles
// ascend strictly, so that none is there twice and their order says nothing, and the sum fits an
// int64.
func ParseRemainders(raw []byte) ([]Remainder, error) {
	if len(raw)%RemainderLen != 0 {
		return nil, fmt.Errorf("%w: %d bytes of remainders", ErrLayout, len(raw))
	}
	rest := make([]Remainder, 0, len(raw)/RemainderLen)
	sum := uint64(0)
	for len(raw) > 0 {
		r := Remainder{Handle: Handle(raw), Limit: Limit(binary.BigEndian.Uint64(raw[wire.HandleLen:]))}
		raw = raw[RemainderLen:]
		if n := len(rest); n > 0 && bytes.Compare(rest[n-1].Handle[:], r.Handle[:]) >= 0 {
			return nil, fmt.Errorf("%w: handle %s isn't above the one before", ErrLayout, r.Handle)
		}
		if uint64(r.Limit) > math.MaxInt64-sum {
			return nil, fmt.Errorf("%w: remainders that nobody can count", ErrLayout)
		}
		sum += uint64(r.Limit)
		rest = append(rest, r)
	}
	return rest, nil
}

// Return is what the TSM signs when an epoch's accounts are over: TSM to bank, over mutual TLS,
// beside the remainders that it counts and hashes.
type Return struct {
	TSM, Bank  PartyID
	Epoch      Epoch // the accounts' last one
	Count      uint32
	Remainders Hash      // SHA-256 over [EncodeRemainders]
	Repaid     Limit     // paid back into the escrow, as far as it doesn't hold the remainders
	Signature  Signature // SK_TSM, return
}

// NewReturn returns what is to be signed for an epoch's remainders.
func NewReturn(tsm, bank PartyID, e Epoch, rest []Remainder, repaid Limit) Return {
	return Return{
		TSM: tsm, Bank: bank, Epoch: e, Repaid: repaid,
		Count:      uint32(len(rest)), //nolint:gosec // the number of a TSM's accounts
		Remainders: sha256.Sum256(EncodeRemainders(rest)),
	}
}

// Digest returns what SK_TSM signs. It has no transcript: an epoch has one such batch.
func (m Return) Digest() Hash {
	m.Signature = Signature{}
	return SumHash(wire.SigReturn, m)
}

// Draw is what the TSM signs once in each settlement slot, also when there is nothing to draw: TSM
// to bank, over mutual TLS.
type Draw struct {
	TSM, Bank PartyID
	Slot      uint32    // the slot's number
	Lots      uint32    // how many lots it draws from its escrow
	Signature Signature // SK_TSM, draw
}

// Digest returns what SK_TSM signs. It has no transcript: a slot has one such message.
func (m Draw) Digest() Hash {
	m.Signature = Signature{}
	return SumHash(wire.SigDraw, m)
}

// Drawn is the bank's receipt: the lots were paid out.
type Drawn struct {
	Draw      Hash      // [Draw.Digest]
	Signature Signature // SK_B, drawn
}

// Digest returns what SK_B signs.
func (m Drawn) Digest() Hash {
	m.Signature = Signature{}
	return SumHash(wire.SigDrawn, m)
}

// Returned is the bank's receipt: the remainders have gone from the escrow to its customers.
type Returned struct {
	Return    Hash      // [Return.Digest]
	Total     Limit     // minor units
	Signature Signature // SK_B, returned
}

// Digest returns what SK_B signs.
func (m Returned) Digest() Hash {
	m.Signature = Signature{}
	return SumHash(wire.SigReturned, m)
}
