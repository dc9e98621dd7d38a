package general

import (
	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// The two classes.
const (
	interindustry = byte(wire.CLAInterindustry)
	proprietary   = byte(wire.CLAProprietary)
)

// P1 of GENERATE AC asks for CDA by this bit; P2 of VERIFY says how the PIN comes (tables 12, 24).
const (
	withCDA        = 0x10
	plainPIN       = 0x80
	encipheredPIN  = 0x88
	maxCommandData = apdu.MaxShortNc
)

func getProcessingOptions(values []byte) apdu.Command {
	data := make([]byte, 0, maxCommandData)
	return apdu.Command{
		CLA: proprietary, INS: byte(wire.InsGetProcessingOptions),
		Data: tlv.Append(data, emv.TagCommandTemplate, values), Ne: apdu.MaxShortNe,
	}
}

func getData(tag tlv.Tag) apdu.Command {
	return apdu.Command{
		CLA: proprietary, INS: byte(wire.InsGetData), P1: byte(tag >> 8 & 0xFF), P2: byte(tag & 0xFF),
		Ne: apdu.MaxShortNe,
	}
}

func internalAuthenticate(values []byte) apdu.Command {
	return apdu.Command{
		CLA: interindustry, INS: emv.InsInternalAuthenticate, Data: values, Ne: apdu.MaxShortNe,
	}
}

func externalAuthenticate(issuerAuth []byte) apdu.Command {
	return apdu.Command{
		CLA: interindustry, INS: byte(wire.InsExternalAuthenticate), Data: issuerAuth,
	}
}

func getChallenge() apdu.Command {
	return apdu.Command{
		CLA: interindustry, INS: byte(wire.InsGetChallenge), Ne: apdu.MaxShortNe,
	}
}

func verify(p2 byte, data []byte) apdu.Command {
	return apdu.Command{CLA: interindustry, INS: emv.InsVerify, P2: p2, Data: data}
}

func generateAC(p1 byte, values []byte) apdu.Command {
	return apdu.Command{
		CLA: proprietary, INS: byte(wire.InsGenerateAC), P1: p1, Data: values, Ne: apdu.MaxShortNe,
	}
}
