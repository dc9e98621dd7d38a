package conformance

import (
	"fmt"

	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// fault is one thing that is wrong with a command. Their order is the card's.
type fault int

const (
	faultClass  fault = iota // 6E00
	faultINS                 // the instruction of the other class: 6D00
	faultParams              // P1-P2 out of range: 6A86
	faultLength              // a byte too many: 6700
	faultProof               // the host isn't proven: 6982
	faultState               // the stage isn't the command's: 6985
	faultData                // 6A80
	faults
)

func (f fault) String() string {
	return [...]string{"class", "INS", "P1-P2", "Lc", "proof", "state", "data"}[f]
}

// probe is a command of the right form whose data, if it has any, is wrong.
type probe struct {
	name   string
	c      apdu.Command
	open   bool // needs no proof
	works  func(Stage) bool
	acts   bool // its data can't be wrong: where its state is right it would act
	params apdu.SW
}

// proven says whether a card at this stage asks for the host's proof.
func (s Stage) proven() bool { return s >= Personalised }

func from(first Stage) func(Stage) bool { return between(first, Armed) }

func between(first, last Stage) func(Stage) bool {
	return func(s Stage) bool { return s >= first && s <= last }
}

func never(Stage) bool { return false }

// probes are all commands of the management application, in PROTOCOL.md's order.
func probes() []probe {
	const bank, tid, card = bankSlot, tidSlot, cardSlot
	own := func(ins wire.INS, p1, p2 byte, data int, works func(Stage) bool) probe {
		c := ownCommand(ins, p1, p2, make([]byte, data))
		return probe{
			name: fmt.Sprintf("INS %02X", byte(ins)), c: c, works: works, acts: data == 0,
			params: wire.SWIncorrectP1P2,
		}
	}
	inter := func(ins wire.INS, p1, p2 byte, data int, works func(Stage) bool) probe {
		p := own(ins, p1, p2, data, works)
		p.c.CLA = byte(wire.CLAInterindustry)
		return p
	}
	// What no stage brings about: a token, and the CA's word for the epoch.
	epoch := 11 + wire.PartyIDLen + wire.EpochLen + wire.SignatureLen
	certificate := inter(wire.InsGetData, 0xDF, 0x03, 0, from(Personalised))
	state := inter(wire.InsGetData, 0xDF, 0x04, 0, from(Selectable))
	unlocks := inter(wire.InsGetData, 0xDF, 0x05, 0, from(Personalised))
	for _, p := range []*probe{&certificate, &state, &unlocks} {
		p.params = wire.SWReferenceNotFound
	}
	challenge := inter(wire.InsGetChallenge, 0, 0, 0, from(Personalised))
	authenticate := inter(wire.InsExternalAuthenticate, 0, 0, wire.MACLen, never)
	challenge.open, authenticate.open = true, true
	user := own(wire.InsCreateUser, 0, 0, wire.UserIDLen, between(Personalised, UserCreated))
	tsminfo := own(wire.InsTSMINFO, tid, 0, wire.HashLen, between(BINFOMade, BINFOMade))
	user.acts, tsminfo.acts = true, true
	arm := own(wire.InsArm, 0, 0, 8, from(CardReady))
	copy(arm.c.Data, []byte{0, 0, 0, 0, 0, 0, 0x09, 0x78}) // a cap of zero
	return []probe{
		certificate, state, unlocks,
		own(wire.InsGenerateSEKey, 0, 0, 0, between(Selectable, Keyed)),
		own(wire.InsPersonalise, 0, 0, 247, between(Keyed, Keyed)),
		challenge, authenticate, user,
		own(wire.InsOpenAccount, bank, 0, 316, between(UserCreated, KeysSent)),
		own(wire.InsBindAK, bank, 0, wire.PointLen, between(AccountOpen, AccountOpen)),
		own(wire.InsPutReference, bank, 0, 162, never),
		own(wire.InsLaunch, byte(wire.LaunchLocal), 0, 209, never),
		own(wire.InsLaunch, byte(wire.LaunchBank), 0, wire.SignatureLen, never),
		own(wire.InsAIDRequest, bank, 0, 0, between(AccountOpen, KeysSent)),
		own(wire.InsAIDReply, bank, 0, 160, between(Requested, Requested)),
		own(wire.InsAIDKeys, bank, 0, 0, between(Replied, Replied)),
		own(wire.InsAIDGrant, bank, 0, 257, between(KeysSent, KeysSent)),
		own(wire.InsAIDClose, bank, 0, 0, from(Granted)),
		own(wire.InsTIDRegister, tid, bank, 364, between(Granted, InfoMade)),
		own(wire.InsTIDReply, tid, 0, 161, between(Registering, Registering)),
		own(wire.InsBINFO, tid, 0, 44, between(TIDReplied, TIDReplied)),
		tsminfo,
		own(wire.InsTIDStatus, tid, 0, 228, between(InfoMade, InfoMade)),
		own(wire.InsTIDClose, tid, 0, 0, between(Active, CardReady)),
		own(wire.InsPutEpochKey, tid, 0, wire.CertificateLen, from(Active)),
		own(wire.InsCardRequest, card, tid, 0, between(EpochKnown, CardReady)),
		own(wire.InsCardPut, card, 0, 148, between(CardRequested, CardRequested)),
		own(wire.InsPutEpoch, tid, 0, epoch, from(Active)),
		own(wire.InsTokenNew, tokenSlot, tid, 2, never),
		own(wire.InsTokenChain, tokenSlot, 0, 0, never),
		own(wire.InsTokenRequest, tokenSlot, 0, 0, never),
		own(wire.InsTokenPut, tokenSlot, 0, 228, never),
		own(wire.InsTokenClose, tokenSlot, 0, 0, never),
		own(wire.InsTokenShow, tokenSlot, 0, 0, never),
		arm,
		own(wire.InsDisarm, 0, 0, 0, from(Personalised)),
	}
}

// testPrecedence asks at each stage, of each command, with none, one and two faults beside those
// that stage and data are: the first in the card's order gives the status word, and nothing
// changes.
func testPrecedence(t T, b Backend) {
	h := b.fresh(t, Selectable)
	for stage := Selectable; ; stage++ {
		h.unchanged(fmt.Sprintf("a refused command at stage %d", stage), func() {
			for _, p := range probes() {
				h.tryFaults(p, b.Caps.Slow, false)
			}
			if !stage.proven() {
				return
			}
			h.selectApplication(wire.AIDManagement) // the proof is gone
			for _, p := range probes() {
				h.tryFaults(p, b.Caps.Slow, true)
			}
			h.authenticate()
		})
		if stage == Armed {
			return
		}
		h.Advance(stage + 1)
	}
}

// tryFaults puts every set of at most two faults on a probe.
func (h *Host) tryFaults(p probe, slow, unproven bool) {
	h.t.Helper()
	for first := faultClass; first <= faultProof; first++ {
		for second := first; second <= faultProof; second++ {
			injected := map[fault]bool{}
			if first != faultProof { // stands for no fault, since the proof can't be put on here
				injected[first] = true
			}
			if second != faultProof {
				injected[second] = true
			}
			if slow && len(injected) == 2 {
				continue
			}
			h.tryFault(p, injected, unproven)
		}
	}
}

func (h *Host) tryFault(p probe, injected map[fault]bool, unproven bool) {
	h.t.Helper()
	present := map[fault]bool{
		faultProof: unproven && !p.open, faultState: !p.works(h.stage), faultData: !p.acts,
	}
	for f := range injected {
		present[f] = true
	}
	for f := range faults {
		if !present[f] {
			continue
		}
		got := h.call(p.withFaults(injected))
		want := [...]apdu.SW{
			wire.SWClassNotSupported, wire.SWInstructionNotSupported, p.params,
			wire.SWWrongLength, wire.SWSecurityStatusNotSatisfied,
			wire.SWConditionsNotSatisfied, wire.SWWrongData,
		}[f]
		if f == faultINS && len(p.c.Data) > apdu.MaxShortNc {
			want = wire.SWClassNotSupported // the first link's bit 10, which no other command has
		}
		what := fmt.Sprintf("%s %02X%02X at stage %d with wrong %v, proof missing %t",
			p.name, p.c.P1, p.c.P2, h.stage, injected, unproven)
		wantSW(h.t, what, got, want)
		return
	}
}

// withFaults returns the command with faults put on it.
func (p probe) withFaults(injected map[fault]bool) apdu.Command {
	c := p.c
	if injected[faultINS] {
		c.CLA ^= byte(wire.CLAProprietary)
	}
	if injected[faultClass] {
		c.CLA |= 0x04 // secure messaging
	}
	if injected[faultParams] {
		c.P1, c.P2 = 0x40, 0x40
	}
	if injected[faultLength] {
		c.Data = append(append([]byte(nil), c.Data...), 0)
	}
	return c
}
