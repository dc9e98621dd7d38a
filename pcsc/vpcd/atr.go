package vpcd

import (
	"math/bits"

	"tapbench/pcsc"
)

// chosenProtocol returns the protocol that a reader speaks with a card of this answer to reset:
// T=1 if it is offered, as pcscd chooses, else T=0. Each interface byte TDi offers a protocol in
// its low half and announces the interface bytes that follow it in its high half; T0 announces the
// first ones. Without TD1 only T=0 is offered (ISO/IEC 7816-3:2006, 8.2.3).
func chosenProtocol(atr []byte) pcsc.Protocol {
	if len(atr) < minATR {
		return pcsc.ProtocolUnknown
	}
	const announcesTD = 0x80
	if atr[1]&announcesTD == 0 {
		return pcsc.ProtocolT0
	}
	chosen := pcsc.ProtocolUnknown
	for i := 1; atr[i]&announcesTD != 0; {
		i += bits.OnesCount8(atr[i] >> 4) // TD is the last of the bytes announced
		if i >= len(atr) {
			break
		}
		switch atr[i] & 0x0F {
		case 1:
			return pcsc.ProtocolT1
		case 0:
			chosen = pcsc.ProtocolT0
		}
	}
	return chosen
}
