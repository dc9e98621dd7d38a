package emulator_test

import (
	"bytes"
	"testing"

	"tapbench/applet/conformance"
	"tapbench/applet/emulator"
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// FuzzEmulator reads a stream of APDUs, each behind its length in one byte; length 0 is a reset. On
// a card of each stage no stream makes it panic, give an answer that isn't one, change what only
// the host may change, or leave a state that doesn't load.
func FuzzEmulator(f *testing.F) {
	var states [][]byte
	for _, stage := range []conformance.Stage{
		conformance.Selectable, conformance.Replied, conformance.InfoMade, conformance.Armed,
	} {
		s := &store{}
		conformance.NewHost(f, connect(newCard(f, emulator.Config{Store: s}))).Advance(stage)
		states = append(states, s.state)
	}
	states = append(states, armedWithTokens(f, 0), armedWithTokens(f, wire.ArmMutual|wire.ArmReuse))
	for _, seed := range append(fuzzSeeds(f), offlineSeeds(f)...) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		for _, state := range states {
			s := &store{state: bytes.Clone(state)}
			card := newCard(t, emulator.Config{Store: s})
			card.PowerOn()
			before := lifeCycle(t, card)
			feed(t, card, stream)
			again := newCard(t, emulator.Config{Store: s})
			again.PowerOn()
			if after := lifeCycle(t, again); after != before {
				t.Errorf("life cycle %02x became %02x", before, after)
			}
		}
	})
}

// feed sends a stream of APDUs.
func feed(t *testing.T, card *emulator.Card, stream []byte) {
	t.Helper()
	for len(stream) > 0 {
		n := min(int(stream[0]), len(stream)-1)
		command := stream[1 : 1+n]
		stream = stream[1+n:]
		if n == 0 {
			card.Reset()
			continue
		}
		answer := card.Process(bytes.Clone(command))
		response, err := apdu.ParseResponse(answer)
		if err != nil {
			t.Fatalf("% X answers % X", command, answer)
		}
		if !known(response.SW) {
			t.Errorf("% X answers %04X", command, uint16(response.SW))
		}
	}
}

// known says whether a status word is in the registry. 6F00 isn't for any input.
func known(sw apdu.SW) bool {
	switch sw {
	case wire.SWNormal, wire.SWClassNotSupported, wire.SWLastCommandExpected,
		wire.SWInstructionNotSupported, wire.SWIncorrectP1P2, wire.SWWrongLength,
		wire.SWSecurityStatusNotSatisfied, wire.SWConditionsNotSatisfied, wire.SWWrongData,
		wire.SWFileNotFound, wire.SWRecordNotFound, wire.SWReferenceNotFound:
		return true
	default:
		return sw&0xFF00 == wire.SWBytesRemaining
	}
}

func lifeCycle(t *testing.T, card *emulator.Card) byte {
	t.Helper()
	encoded := encode(t, apdu.Command{
		INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(wire.AIDManagement),
	})
	card.Process(encoded)
	answer := card.Process([]byte{0x00, 0xCA, 0xDF, 0x02, 0x01})
	card.Reset()
	if len(answer) != 3 {
		t.Fatalf("GET DATA DF02: % X", answer)
	}
	return answer[0]
}

func encode(t testing.TB, c apdu.Command) []byte {
	t.Helper()
	raw, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// armedWithTokens is the state of a card that may pay 0.05 and more by token.
func armedWithTokens(f *testing.F, flags wire.ArmFlags) []byte {
	s := &store{}
	h := conformance.NewHost(f, connect(newCard(f, emulator.Config{Store: s})))
	h.Advance(conformance.CardReady)
	h.NewToken(0, 5, 20)
	h.ArmFor(flags)
	return s.state
}

// offlineSeeds are a payment by token and a metering commitment.
func offlineSeeds(f *testing.F) (seeds [][]byte) {
	d := emv.OfflinePDOLData{
		Amount: [6]byte{5: 0x50}, Currency: [2]byte{0x09, 0x78}, Time: 2940 * 604800,
	}
	for _, unit := range []uint8{0, 5} {
		d.Unit = unit
		var seed []byte
		for _, c := range []apdu.Command{
			{
				INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(wire.AIDOffline), Ne: 256,
			},
			{
				CLA: 0x80, INS: byte(wire.InsGetProcessingOptions), Ne: 256,
				Data: append([]byte{0x83, emv.OfflinePDOLDataLen}, d.Encode()...),
			},
			{INS: byte(wire.InsExternalAuthenticate), Data: make([]byte, emv.MerchantAuthLen)},
			{INS: byte(wire.InsReadRecord), P1: 1, P2: 0x0C, Ne: 256},
			{CLA: 0x80, INS: byte(wire.InsGenerateAC), P1: wire.P1TC, Data: d.UN[:], Ne: 256},
			{CLA: 0x80, INS: byte(wire.InsTick), P1: 1, Ne: 256},
			{
				CLA: 0x80, INS: byte(wire.InsPutData), P1: 0xDF, P2: 0x2C,
				Data: make([]byte, wire.SignatureLen),
			},
		} {
			raw := encode(f, c)
			seed = append(append(seed, byte(len(raw))), raw...)
		}
		seeds = append(seeds, seed)
	}
	return seeds
}

// fuzzSeeds are a tap, a chain, and each of the management application's commands.
func fuzzSeeds(f *testing.F) [][]byte {
	stream := func(commands ...apdu.Command) (out []byte) {
		for _, c := range commands {
			raw := encode(f, c)
			out = append(append(out, byte(len(raw))), raw...)
		}
		return out
	}
	selects := func(aid wire.AID) apdu.Command {
		return apdu.Command{INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(aid), Ne: 256}
	}
	options := emv.PDOLData{Amount: [6]byte{5: 1}, Currency: [2]byte{0x09, 0x78}}
	record := func(n byte) apdu.Command {
		return apdu.Command{INS: byte(wire.InsReadRecord), P1: n, P2: 0x0C, Ne: 256}
	}
	ac := func(p1 byte, data []byte) apdu.Command {
		return apdu.Command{CLA: 0x80, INS: byte(wire.InsGenerateAC), P1: p1, Data: data, Ne: 256}
	}
	cdol1 := emv.CDOL1Data{Amount: options.Amount, Currency: options.Currency}
	tap := stream(selects(wire.AIDPPSE), selects(wire.AIDPayment), apdu.Command{
		CLA: 0x80, INS: byte(wire.InsGetProcessingOptions), Ne: 256,
		Data: append([]byte{0x83, emv.PDOLDataLen}, options.Encode()...),
	}, record(1), record(2), record(3), ac(wire.P1ARQC, cdol1.Encode()),
		ac(wire.P1TC, emv.CDOL2Data{}.Encode()))
	seeds := [][]byte{tap, {0}, {1, 0x00}, append(bytes.Clone(tap), 0)}
	for ins, n := range map[wire.INS]int{
		wire.InsGenerateSEKey: 0, wire.InsPersonalise: 247, wire.InsAIDRequest: 0,
		wire.InsAIDReply: 160, wire.InsTIDReply: 161, wire.InsTIDStatus: 228, wire.InsArm: 8,
		wire.InsPutEpoch: 87, wire.InsTokenNew: 2, wire.InsTokenChain: 0, wire.InsTokenRequest: 0,
		wire.InsTokenPut: 228, wire.InsTokenClose: 0, wire.InsTokenShow: 0,
	} {
		c := apdu.Command{CLA: 0x80, INS: byte(ins), Data: make([]byte, n), Ne: 256}
		link := apdu.Command{CLA: 0x90, INS: byte(wire.InsAIDGrant), Data: make([]byte, 200)}
		end := apdu.Command{CLA: 0x80, INS: byte(wire.InsAIDGrant), Data: make([]byte, 57)}
		challenge := apdu.Command{INS: byte(wire.InsGetChallenge)}
		fetch := apdu.Command{INS: byte(wire.InsGetResponse), Ne: 256}
		seeds = append(seeds, stream(selects(wire.AIDManagement), c, challenge, fetch, link, end))
	}
	return seeds
}
