package twintest

import (
	"fmt"

	"tapbench/applet/wire"
)

// The parts of a state, in bytes, as PROTOCOL.md has them under "What it costs a card".
const (
	headLen   = 8 // before the first
	mainLen   = 459
	launchLen = 236
	bankLen   = 573
	tidLen    = 556
	slotLen   = 246
	chainsLen = 32
	tokenLen  = 1423
	armLen    = 40
)

// Where each part begins.
const (
	launchAt = headLen + mainLen
	banksAt  = launchAt + launchLen
	tidsAt   = banksAt + wire.BankSlots*bankLen
	slotsAt  = tidsAt + wire.TIDSlots*tidLen
	chainsAt = slotsAt + wire.CardSlots*slotLen
	tokensAt = chainsAt + chainsLen
	armAt    = tokensAt + wire.TokenSlots*tokenLen
	endAt    = armAt + armLen
)

// What a tap is bound to: a wire.ArmTarget, and its slot.
const (
	armTargetAt = armAt + 1 + wire.AmountLen + wire.CurrencyLen + 1
	armSlotAt   = armTargetAt + 1
)

// softwareAt is where the length of the software id lies in the launch part: 0 without a reference.
const softwareAt = wire.PointLen

// part returns a byte of a state; of a fresh element's, none.
func part(state []byte, at int) byte {
	if at >= len(state) {
		return 0
	}
	return state[at]
}

// partAt names the part of a state that holds a byte.
func partAt(at int) string {
	slot := func(name string, from, length int) string {
		return fmt.Sprintf("%s slot %d, byte %d", name, (at-from)/length, (at-from)%length)
	}
	switch {
	case at < headLen:
		return "the header"
	case at < launchAt:
		return fmt.Sprintf("card, byte %d", at-headLen)
	case at < banksAt:
		return fmt.Sprintf("launch, byte %d", at-launchAt)
	case at < tidsAt:
		return slot("bank", banksAt, bankLen)
	case at < slotsAt:
		return slot("TID", tidsAt, tidLen)
	case at < chainsAt:
		return slot("card", slotsAt, slotLen)
	case at < tokensAt:
		return "K_SE"
	case at < armAt:
		return slot("token", tokensAt, tokenLen)
	case at < endAt:
		return fmt.Sprintf("arming, byte %d", at-armAt)
	default:
		return "the checksum"
	}
}
