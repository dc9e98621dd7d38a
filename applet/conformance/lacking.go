package conformance

import (
	"encoding/binary"

	"tapbench/applet/wire"
	"tapbench/pcsc"
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
	if lacks&(wire.AlgorithmECDSA|wire.AlgorithmAES) == 0 {
		h.Advance(UserCreated)
		if lacks&wire.AlgorithmECDH == 0 {
			h.Advance(AccountOpen)
			return
		}
	}
	e := b.exam(h)
	for _, p := range h.probes() {
		natural, most := h.natural(p, false, false), 1
		if needs(p)&lacks != 0 {
			natural, most = natural|setOf(faultLacking), 2
		}
		e.ask(p, natural, most)
	}
}

// needs returns the algorithms of which a command names a missing one.
func needs(p probe) wire.Algorithm {
	if p.c.CLA != byte(wire.CLAProprietary) {
		return 0
	}
	switch wire.INS(p.c.INS) {
	case wire.InsGenerateSEKey, wire.InsPersonalise:
		return wire.AlgorithmECDSA | wire.AlgorithmAES
	case wire.InsOpenAccount:
		return wire.AlgorithmECDH
	default:
		return 0
	}
}
