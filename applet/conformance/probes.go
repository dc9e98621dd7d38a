package conformance

import (
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// proven says whether a card at this stage asks for the host's proof.
func (s Stage) proven() bool { return s >= Personalised }

func from(first Stage) func(Stage) bool { return between(first, Armed) }

func between(first, last Stage) func(Stage) bool {
	return func(s Stage) bool { return s >= first && s <= last }
}

func never(Stage) bool { return false }

// probeOf is a command with zeros as data.
func probeOf(aid wire.AID, class wire.CLA, ins wire.INS, p1, p2 byte, data int) probe {
	c := ownCommand(ins, p1, p2, make([]byte, data))
	c.CLA = byte(class)
	return probe{
		name: fmt.Sprintf("%02X %02X", byte(class), byte(ins)), aid: aid, c: c, acts: data == 0,
		chains: data > apdu.MaxShortNc, params: wire.SWIncorrectP1P2, data: wire.SWWrongData,
	}
}

// probes are all commands of the management application, in PROTOCOL.md's order.
func (h *Host) probes() []probe {
	const bank, tid, card = bankSlot, tidSlot, cardSlot
	own := func(ins wire.INS, p1, p2 byte, data int, works func(Stage) bool) probe {
		p := probeOf(wire.AIDManagement, wire.CLAProprietary, ins, p1, p2, data)
		p.works = works
		return p
	}
	user := own(wire.InsCreateUser, 0, 0, wire.UserIDLen, between(Personalised, UserCreated))
	tsminfo := own(wire.InsTSMINFO, tid, 0, wire.HashLen, between(BINFOMade, BINFOMade))
	user.acts, tsminfo.acts = true, true
	arm := own(wire.InsArm, 0, 0, 8, from(CardReady))
	copy(arm.c.Data, []byte{0, 0, 0, 0, 0, 0, 0x09, 0x78}) // a cap of zero
	reference := own(wire.InsPutReference, bank, 0, 162, never)
	challenged := own(wire.InsPutReference, bank, 0, 162, from(AccountOpen))
	challenged.before = h.mayChallenge
	disarm := own(wire.InsDisarm, 0, 0, 0, from(Personalised))
	locals := own(wire.InsLaunch, byte(wire.LaunchLocal), 0, 209, never)
	banks := own(wire.InsLaunch, byte(wire.LaunchBank), 0, wire.SignatureLen, never)
	for _, p := range []*probe{&reference, &challenged, &disarm, &locals, &banks} {
		p.launches = true
	}
	// What no stage brings about: a token, and the CA's word for the epoch.
	epoch := 11 + wire.PartyIDLen + wire.EpochLen + wire.SignatureLen
	return append(h.interindustryProbes(),
		own(wire.InsGenerateSEKey, 0, 0, 0, between(Selectable, Keyed)),
		own(wire.InsPersonalise, 0, 0, 247, between(Keyed, Keyed)),
		user,
		own(wire.InsOpenAccount, bank, 0, 316, between(UserCreated, KeysSent)),
		own(wire.InsBindAK, bank, 0, wire.PointLen, between(AccountOpen, AccountOpen)),
		reference, challenged, locals, banks,
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
		arm, disarm,
	)
}

// interindustryProbes are those of class 00.
func (h *Host) interindustryProbes() []probe {
	inter := func(ins wire.INS, p1, p2 byte, data int, works func(Stage) bool) probe {
		p := probeOf(wire.AIDManagement, wire.CLAInterindustry, ins, p1, p2, data)
		p.works, p.launches = works, true
		return p
	}
	challenge := inter(wire.InsGetChallenge, 0, 0, 0, from(Personalised))
	authenticate := inter(wire.InsExternalAuthenticate, 0, 0, wire.MACLen, never)
	fetch := inter(wire.InsGetResponse, 0, 0, 0, never)
	for _, p := range []*probe{&challenge, &authenticate, &fetch} {
		p.open = true
	}
	out := []probe{challenge, authenticate, fetch}
	for tag := wire.DataCapability; tag <= wire.DataTokens; tag++ {
		first := Personalised
		if tag == wire.DataCapability || tag == wire.DataLifeCycle || tag == wire.DataStatus {
			first = Selectable
		}
		p := inter(wire.InsGetData, byte(tag>>8), byte(tag&0xFF), 0, from(first))
		p.params = wire.SWReferenceNotFound
		p.open = tag == wire.DataCapability || tag == wire.DataLifeCycle
		out = append(out, p)
	}
	return out
}

// mayChallenge asks for a challenge, which a card that isn't personalised refuses.
func (h *Host) mayChallenge() { h.transmit(apdu.Command{INS: byte(wire.InsGetChallenge), Ne: 256}) }

// paymentProbes are the commands of the payment application, and one that it doesn't have.
func paymentProbes() map[string]probe {
	of := func(class wire.CLA, ins wire.INS, p1, p2 byte, data int) probe {
		return probeOf(wire.AIDPayment, class, ins, p1, p2, data)
	}
	const inter, own = wire.CLAInterindustry, wire.CLAProprietary
	proof := of(inter, wire.InsExternalAuthenticate, 0, 0, emv.MerchantAuthLen)
	proof.data = wire.SWSecurityStatusNotSatisfied
	second := of(own, wire.InsGenerateAC, wire.P1TC, 0, emv.CDOL2DataLen)
	second.acts = true // a wrong ARPC has an answer
	relay := of(own, wire.InsExchangeRelay, 0, 0, wire.EntropyLen)
	relay.acts = true // any entropy will do
	return map[string]probe{
		"fetch":    of(inter, wire.InsGetResponse, 0, 0, 0),
		"options":  of(own, wire.InsGetProcessingOptions, 0, 0, 2+emv.PDOLDataLen),
		"relay":    relay,
		"proof":    proof,
		"record 1": of(inter, wire.InsReadRecord, 1, 0x0C, 0),
		"record 2": of(inter, wire.InsReadRecord, 2, 0x0C, 0),
		"record 3": of(inter, wire.InsReadRecord, 3, 0x0C, 0),
		"first":    of(own, wire.InsGenerateAC, wire.P1ARQC, 0, emv.CDOL1DataLen),
		"second":   second,
		"foreign":  of(own, wire.InsArm, 0, 0, 8),
	}
}

// offlineProbes are the commands of the offline payment application, and one that it doesn't have.
func offlineProbes() map[string]probe {
	of := func(class wire.CLA, ins wire.INS, p1, p2 byte, data int) probe {
		return probeOf(wire.AIDOffline, class, ins, p1, p2, data)
	}
	const inter, own = wire.CLAInterindustry, wire.CLAProprietary
	proof := of(inter, wire.InsExternalAuthenticate, 0, 0, emv.MerchantAuthLen)
	proof.data = wire.SWSecurityStatusNotSatisfied
	receipt := wire.TagMerchantReceipt
	put := of(own, wire.InsPutData, byte(receipt>>8), byte(receipt&0xFF), wire.SignatureLen)
	put.acts, put.params = true, wire.SWReferenceNotFound // it is stored as it comes
	relay := of(own, wire.InsExchangeRelay, 0, 0, wire.EntropyLen)
	relay.acts = true
	return map[string]probe{
		"fetch":   of(inter, wire.InsGetResponse, 0, 0, 0),
		"options": of(own, wire.InsGetProcessingOptions, 0, 0, 2+emv.OfflinePDOLDataLen),
		"relay":   relay,
		"proof":   proof,
		"record":  of(inter, wire.InsReadRecord, 1, 0x0C, 0),
		"sign":    of(own, wire.InsGenerateAC, wire.P1TC, 0, 4),
		"decline": of(own, wire.InsGenerateAC, wire.P1AAC, 0, 4),
		"tick":    of(own, wire.InsTick, 1, 0, 0),
		"receipt": put,
		"foreign": of(own, wire.InsArm, 0, 0, 8),
	}
}
