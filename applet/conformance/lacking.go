package conformance

import (
	"encoding/binary"

	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// RunLacking runs what the suite has of platforms that lack algorithms: the capability says so, and
// so does the first command that needs one, before anything else of it is looked at. Open returns
// the connection to a fresh card that lacks some.
func RunLacking(t T, open func(t TB, lacks wire.Algorithm) pcsc.Card, caps Caps) {
	t.Helper()
	for lacks := range wire.Algorithms() + 1 {
		t.Run(lacks.String(), func(t T) {
			b := Backend{Open: func(t TB) pcsc.Card { return open(t, lacks) }, Caps: caps}
			testLacking(t, b.behind(caps.Platform), lacks)
		})
	}
}

func testLacking(t T, b Backend, lacks wire.Algorithm) {
	h := b.fresh(t, Selectable)
	raw := h.data(uint16(wire.DataCapability))
	if got := wire.Algorithm(binary.BigEndian.Uint16(raw[8:])); got != wire.Algorithms()&^lacks {
		t.Errorf("capability: has %v, lacks %v", got, lacks)
	}
	if lacks&(wire.AlgorithmECDSA|wire.AlgorithmAES) != 0 {
		h.expect([]row{
			{
				"GENERATE SE KEY", ownCommand(wire.InsGenerateSEKey, 0, 0, nil),
				wire.SWFunctionNotSupported,
			},
			{
				"GENERATE SE KEY with P1 and data", ownCommand(wire.InsGenerateSEKey, 1, 0, []byte{1}),
				wire.SWFunctionNotSupported,
			},
			{"PERSONALISE", ownCommand(wire.InsPersonalise, 0, 0, nil), wire.SWFunctionNotSupported},
			{
				"a command of later", ownCommand(wire.InsDisarm, 0, 0, nil),
				wire.SWConditionsNotSatisfied,
			},
			{
				"OPEN ACCOUNT", ownCommand(wire.InsOpenAccount, wire.BankSlots, 0, nil),
				either(lacks&wire.AlgorithmECDH != 0, wire.SWIncorrectP1P2),
			},
		})
		return
	}
	h.Advance(UserCreated)
	if lacks&wire.AlgorithmECDH == 0 {
		h.Advance(AccountOpen)
		return
	}
	first := ownCommand(wire.InsOpenAccount, 0, 0, make([]byte, wire.CertificateLen))
	first.CLA |= byte(wire.CLAChaining)
	last := ownCommand(wire.InsOpenAccount, 0, 0, make([]byte, wire.CertificateLen))
	h.expect([]row{
		{"OPEN ACCOUNT", ownCommand(wire.InsOpenAccount, 0, 0, nil), wire.SWFunctionNotSupported},
		{
			"OPEN ACCOUNT of no slot", ownCommand(wire.InsOpenAccount, wire.BankSlots, 0, nil),
			wire.SWFunctionNotSupported,
		},
		{"the first part of a chain", first, wire.SWNormal},
		{"its last part", last, wire.SWFunctionNotSupported},
		{
			"a command that needs an account", ownCommand(wire.InsAIDRequest, 0, 0, nil),
			wire.SWConditionsNotSatisfied,
		},
	})
	wantSW(t, "GET CHALLENGE", h.transmit(apdu.Command{
		INS: byte(wire.InsGetChallenge), Ne: 256,
	}).SW, wire.SWNormal)
}

// either returns 6A81 if an algorithm is missing, and else what comes next.
func either(isMissing bool, next apdu.SW) apdu.SW {
	if isMissing {
		return wire.SWFunctionNotSupported
	}
	return next
}
