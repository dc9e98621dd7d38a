package emulator

import (
	"slices"

	"tapbench/applet/wire"
)

// slotStep is one command in the life of a slot: the states in which it works, and the one that it
// leaves. There are no other ways.
type slotStep struct {
	ins  wire.INS
	from []wire.SlotState
	to   wire.SlotState
}

// bankLife is the life of a bank slot.
func bankLife() []slotStep {
	const (
		empty, open, requested = wire.AccountEmpty, wire.AccountOpen, wire.AccountRequested
		replied, sent          = wire.AccountReplied, wire.AccountKeysSent
		granted, closed        = wire.AccountGranted, wire.AccountClosed
	)
	of := func(states ...wire.SlotState) []wire.SlotState { return states }
	return []slotStep{
		{wire.InsOpenAccount, of(empty, open, requested, replied, sent, closed), open},
		{wire.InsBindAK, of(open), open},
		{wire.InsAIDRequest, of(open, requested, replied, sent, closed), requested},
		{wire.InsAIDReply, of(requested), replied},
		{wire.InsAIDKeys, of(replied), sent},
		{wire.InsAIDGrant, of(sent), granted},
		{wire.InsAIDClose, of(granted, closed), closed},
		{wire.InsTIDRegister, of(granted), granted},
		{wire.InsBINFO, of(granted), granted},
	}
}

// tidLife is the life of a TSM account's slot.
func tidLife() []slotStep {
	const (
		empty, registering, replied = wire.TIDEmpty, wire.TIDRegistering, wire.TIDReplied
		binfo, info                 = wire.TIDBinfoMade, wire.TIDInfoMade
		active, closed              = wire.TIDActive, wire.TIDClosed
	)
	of := func(states ...wire.SlotState) []wire.SlotState { return states }
	return []slotStep{
		{wire.InsTIDRegister, of(empty, registering, replied, binfo, info, closed), registering},
		{wire.InsTIDReply, of(registering), replied},
		{wire.InsBINFO, of(replied), binfo},
		{wire.InsTSMINFO, of(binfo), info},
		{wire.InsTIDStatus, of(info), active},
		{wire.InsPutEpochKey, of(active), active},
		{wire.InsCardRequest, of(active), active},
		{wire.InsTIDClose, of(active, closed), closed},
		{wire.InsPutEpoch, of(active), active},
		{wire.InsTokenNew, of(active), active},
		{wire.InsTokenRequest, of(active), active},
	}
}

// tokenLife is the life of a token slot. TOKEN NEW takes a READY or USED one too, when nothing can
// be paid with it any more; TOKEN CHAIN leaves the slot BUILDING until the chain is whole.
func tokenLife() []slotStep {
	const (
		empty, building, built   = wire.TokenEmpty, wire.TokenBuilding, wire.TokenBuilt
		requested, ready, closed = wire.TokenRequested, wire.TokenReady, wire.TokenClosed
		used                     = wire.TokenUsed
	)
	of := func(states ...wire.SlotState) []wire.SlotState { return states }
	return []slotStep{
		{wire.InsTokenNew, of(empty, building, built, requested, closed), building},
		{wire.InsTokenChain, of(building), built},
		{wire.InsTokenRequest, of(built, requested), requested},
		{wire.InsTokenPut, of(requested), ready},
		{wire.InsTokenClose, of(ready, used, closed), closed},
		{wire.InsTokenShow, of(used), used},
		{wire.InsTokenShow, of(closed), closed},
	}
}

// step returns the state that a command leaves a slot in, or refuses it.
func step(life []slotStep, ins wire.INS, from wire.SlotState) (wire.SlotState, error) {
	for _, s := range life {
		if s.ins == ins && slices.Contains(s.from, from) {
			return s.to, nil
		}
	}
	return from, wire.SWConditionsNotSatisfied
}

// next is what a command makes of the bank slot's state.
func (b *bankSlot) next(ins wire.INS) (wire.SlotState, error) {
	return step(bankLife(), ins, b.state)
}

// next is what a command makes of the TSM account slot's state.
func (t *tidSlot) next(ins wire.INS) (wire.SlotState, error) {
	return step(tidLife(), ins, t.state)
}

// next is what a command makes of the token slot's state.
func (t *tokenSlot) next(ins wire.INS) (wire.SlotState, error) {
	return step(tokenLife(), ins, t.state)
}
