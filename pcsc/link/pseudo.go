package link

import "tapbench/pcsc/apdu"

// Commands that a contactless reader answers itself (PC/SC Part 3, Rev. 2.01.09, 3.2.2.1.3).
const (
	claReader  = 0xFF
	insGetData = 0xCA
	getUID     = 0x00
	getATS     = 0x01 // of its historical bytes
)

// uidLen is a single-size identifier's length, in bytes. One that is drawn anew in each field
// begins with 08 (ISO/IEC 14443-3:2018, 6.5.4).
const (
	uidLen    = 4
	uidRandom = 0x08
)

// pseudo answers a command of class FF, which never reaches the card.
func (l *Link) pseudo(raw []byte) []byte {
	command, err := apdu.ParseCommand(raw)
	answer := apdu.Response{SW: apdu.SWFunctionNotSupported}
	switch {
	case err != nil:
		answer.SW = apdu.SWWrongLength
	case command.INS != insGetData:
		answer.SW = apdu.SWINSNotSupported
	case len(command.Data) > 0 || command.P2 != 0:
	case command.P1 == getUID:
		answer = shorten(l.uid[:], command.Ne)
	case command.P1 == getATS:
		answer = shorten(l.ats.Historical, command.Ne)
	}
	return answer.Encode()
}

// shorten answers data to who expects ne bytes: all of it for 256 or more, else as it is asked for.
func shorten(data []byte, ne int) apdu.Response {
	switch {
	case ne >= apdu.MaxShortNe || ne == len(data):
		return apdu.Response{Data: data, SW: apdu.SWNormal}
	case ne < len(data):
		const otherLength = 0x6C00 // and how many bytes there are (ISO/IEC 7816-4)
		return apdu.Response{SW: otherLength | apdu.SW(len(data)&0xFF)}
	default:
		return apdu.Response{Data: data, SW: apdu.SWEndOfFile}
	}
}
