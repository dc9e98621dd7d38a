package emulator

import (
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// HeldToken is what a state says of one offline token that was put: nothing secret.
type HeldToken struct {
	Slot  byte
	ID    message.Hash   // tokID
	State wire.SlotState // READY, USED or CLOSED
	Unit  uint8          // minor units
	// Length is how many units the token has, Given how many were given out: the units 1 to Given.
	// Of a metering commitment only those that have ticked count. Bound is how many can't be given
	// out to anybody else.
	Length, Given, Bound uint8
	Epoch                message.Epoch // the last one in which it is good
}

// HeldTokens reads the tokens out of a state as a [Store] keeps it, without making a card of it:
// for whoever examines what a bench has left behind. It returns [ErrForeign] for anything else.
func HeldTokens(raw []byte) ([]HeldToken, error) {
	s, err := decodeState(raw)
	if err != nil {
		return nil, err
	}
	var held []HeldToken
	for i := range s.tokens {
		t := &s.tokens[i]
		switch t.state {
		case wire.TokenReady, wire.TokenUsed, wire.TokenClosed:
		default:
			continue // never put, or gone with its account
		}
		held = append(held, HeldToken{
			Slot: byte(i), ID: t.token().ID(), State: t.state, Unit: t.unit, Length: t.units,
			Given: t.at(), Bound: t.index, Epoch: t.epoch,
		})
	}
	return held, nil
}
