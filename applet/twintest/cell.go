package twintest

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// cell is a place of the table: a command, the state that it finds, and what is answered.
type cell struct{ command, state, sw string }

// named is a command with its name, and what of the element's state PROTOCOL.md has it depend on.
type named struct {
	name  string
	class wire.CLA
	ins   wire.INS
	state func(state []byte, at *situation, p1 byte) string
}

const another = "another" // command of the application's

// commands are those of an application.
func commands(aid wire.AID) []named {
	const inter, own = wire.CLAInterindustry, wire.CLAProprietary
	fetch := named{"GET RESPONSE", inter, wire.InsGetResponse, anyState}
	switch aid {
	case wire.AIDManagement:
		return append(managementCommands(), fetch)
	case wire.AIDPayment:
		return paymentCommands(fetch)
	case wire.AIDOffline:
		return paymentCommands(
			fetch,
			named{"TICK", own, wire.InsTick, tapState},
			named{"PUT DATA", own, wire.InsPutData, tapState},
		)
	default:
		return []named{fetch}
	}
}

// paymentCommands are those of both payment applications, and more.
func paymentCommands(more ...named) []named {
	const inter, own = wire.CLAInterindustry, wire.CLAProprietary
	return append([]named{
		{"GET PROCESSING OPTIONS", own, wire.InsGetProcessingOptions, armState},
		{"READ RECORD", inter, wire.InsReadRecord, tapState},
		{"GENERATE AC", own, wire.InsGenerateAC, tapState},
		{"EXTERNAL AUTHENTICATE", inter, wire.InsExternalAuthenticate, tapState},
		{"EXCHANGE RELAY RESISTANCE DATA", own, wire.InsExchangeRelay, tapState},
	}, more...)
}

func managementCommands() []named {
	const inter, own = wire.CLAInterindustry, wire.CLAProprietary
	return []named{
		{"GET DATA", inter, wire.InsGetData, lifeCycle},
		{"GET CHALLENGE", inter, wire.InsGetChallenge, lifeCycle},
		{"EXTERNAL AUTHENTICATE", inter, wire.InsExternalAuthenticate, lifeCycle},
		{"GENERATE SE KEY", own, wire.InsGenerateSEKey, lifeCycle},
		{"PERSONALISE", own, wire.InsPersonalise, lifeCycle},
		{"CREATE USER", own, wire.InsCreateUser, lifeCycle},
		{"OPEN ACCOUNT", own, wire.InsOpenAccount, bankState},
		{"BIND AK", own, wire.InsBindAK, bankState},
		{"PUT REFERENCE", own, wire.InsPutReference, bankState},
		{"LAUNCH", own, wire.InsLaunch, reference},
		{"AID REQUEST", own, wire.InsAIDRequest, bankState},
		{"AID REPLY", own, wire.InsAIDReply, bankState},
		{"AID KEYS", own, wire.InsAIDKeys, bankState},
		{"AID GRANT", own, wire.InsAIDGrant, bankState},
		{"AID CLOSE", own, wire.InsAIDClose, bankState},
		{"TID REGISTER", own, wire.InsTIDRegister, tidState},
		{"TID REPLY", own, wire.InsTIDReply, tidState},
		{"BINFO", own, wire.InsBINFO, tidState},
		{"TSMINFO", own, wire.InsTSMINFO, tidState},
		{"TID STATUS", own, wire.InsTIDStatus, tidState},
		{"TID CLOSE", own, wire.InsTIDClose, tidState},
		{"PUT EPOCH KEY", own, wire.InsPutEpochKey, tidState},
		{"PUT EPOCH", own, wire.InsPutEpoch, tidState},
		{"CARD REQUEST", own, wire.InsCardRequest, cardState},
		{"CARD PUT", own, wire.InsCardPut, cardState},
		{"ARM", own, wire.InsArm, armState},
		{"DISARM", own, wire.InsDisarm, armState},
		{"TOKEN NEW", own, wire.InsTokenNew, tokenState},
		{"TOKEN CHAIN", own, wire.InsTokenChain, tokenState},
		{"TOKEN REQUEST", own, wire.InsTokenRequest, tokenState},
		{"TOKEN PUT", own, wire.InsTokenPut, tokenState},
		{"TOKEN CLOSE", own, wire.InsTokenClose, tokenState},
		{"TOKEN SHOW", own, wire.InsTokenShow, tokenState},
	}
}

// noSlot is the state of a slot that there isn't.
const noSlot = "no slot"

func anyState([]byte, *situation, byte) string { return "any" }

func lifeCycle(state []byte, _ *situation, _ byte) string {
	if part(state, headLen) == byte(wire.LifeCyclePersonalized) {
		return "personalised"
	}
	return "selectable"
}

func reference(state []byte, _ *situation, _ byte) string {
	if part(state, launchAt+softwareAt) == 0 {
		return "no reference"
	}
	return "reference"
}

func slotState(state []byte, p1 byte, slots, from, length int, names ...string) string {
	if int(p1) >= slots {
		return noSlot
	}
	return names[part(state, from+int(p1)*length)]
}

func bankState(state []byte, _ *situation, p1 byte) string {
	return slotState(state, p1, wire.BankSlots, banksAt, bankLen,
		"empty", "open", "requested", "replied", "keys sent", "granted", "closed")
}

func tidState(state []byte, _ *situation, p1 byte) string {
	return slotState(state, p1, wire.TIDSlots, tidsAt, tidLen,
		"empty", "registering", "replied", "BINFO made", "info made", "active", "closed")
}

func cardState(state []byte, at *situation, p1 byte) string {
	slot := slotState(state, p1, wire.CardSlots, slotsAt, slotLen,
		"empty", "requested", "ready", "spent")
	if slot == noSlot {
		return noSlot
	}
	arm := armState(state, at, p1)
	if arm == "bound" && (part(state, armTargetAt) != byte(wire.ArmCard) ||
		part(state, armSlotAt) != p1) {
		arm = "another bound"
	}
	return slot + ", " + arm
}

func tokenState(state []byte, _ *situation, p1 byte) string {
	return slotState(state, p1, wire.TokenSlots, tokensAt, tokenLen,
		"empty", "building", "built", "requested", "ready", "used", "closed")
}

func armState(state []byte, _ *situation, _ byte) string {
	return [...]string{"unarmed", "armed", "bound"}[part(state, armAt)]
}

func tapState(_ []byte, at *situation, _ byte) string { return at.tap.String() }

// states are all that a command may find, so that those never found are known.
func (n named) states() []string {
	seen := map[string]bool{}
	var all []string
	add := func(s string) {
		if !seen[s] {
			seen[s] = true
			all = append(all, s)
		}
	}
	raw := make([]byte, endAt)
	for first := range byte(7) {
		for arm := range byte(3) {
			raw[headLen], raw[launchAt+softwareAt], raw[armAt] = first, first, arm
			if first > 0 {
				raw[headLen] = byte(wire.LifeCyclePersonalized)
			}
			raw[banksAt], raw[tidsAt], raw[slotsAt], raw[tokensAt] = first, first, first%4, first
			for _, target := range []wire.ArmTarget{wire.ArmCard, wire.ArmToken} {
				raw[armTargetAt] = byte(target)
				add(n.state(raw, &situation{tap: tapStage(first % 4)}, 0))
			}
		}
	}
	add(n.state(raw, &situation{}, 0xFF))
	return all
}

// name returns the table's row for a command that an application gets in a state, and the state's
// name.
func (s *situation) name(c apdu.Command, state []byte) (command, found string) {
	app := map[wire.AID]string{
		wire.AIDManagement: "management", wire.AIDPayment: "payment", wire.AIDOffline: "offline",
		wire.AIDPPSE: "PPSE",
	}[s.selected]
	if c.CLA == byte(wire.CLAInterindustry) && c.INS == byte(wire.InsSelect) {
		return "SELECT", app
	}
	for _, n := range commands(s.selected) {
		if byte(n.ins) == c.INS && (byte(n.class)^c.CLA)&0x80 == 0 {
			return app + ": " + n.name, n.state(state, s, c.P1)
		}
	}
	return app + ": " + another, "any"
}

// statusWords are those of the registry, in PROTOCOL.md's order of checks.
func statusWords() []string {
	return []string{
		"9000", "61xx", "6E00", "6883", "6D00", "6A86", "6A82", "6A83", "6A88", "6700", "6982", "6985",
		"6A80", "6A81", "6F00",
	}
}
