package link

import "tapbench/pcsc/apdu"

// Commands that a contactless reader answers itself (PC/SC Part 3, Rev. 2.01.09, 3.2.2.1.3).
const (
	claReader  = 0xFF
	insGetData = 0xCA
	getUID     = 0x00
	getATS     = 0x01 // of its historical bytes

	swDone        = 0x9000
	swWrongLength = 0x6700
	swExact       = 0x6C00 // and how many bytes there are
	swEarlyEnd    = 0x6282
	swNoSuch      = 0x6A81
	swNoClass     = 0x6E00
	swNoINS       = 0x6D00
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
	switch {
	case err != nil:
		return status(nil, swWrongLength)
	case command.INS != insGetData:
		return status(nil, swNoINS)
	case len(command.Data) > 0 || command.P2 != 0:
		return status(nil, swNoSuch)
	case command.P1 == getUID:
		return shorten(l.uid[:], command.Ne)
	case command.P1 == getATS:
		return shorten(l.ats.Historical, command.Ne)
	default:
		return status(nil, swNoSuch)
	}
}

// shorten answers data to who expects ne bytes: all of it for 256 or more, else as it is asked for.
func shorten(data []byte, ne int) []byte {
	switch {
	case ne >= apdu.MaxShortNe || ne == len(data):
		return status(data, swDone)
	case ne < len(data):
		return status(nil, swExact|uint16(len(data)&0xFF))
	default:
		return status(data, swEarlyEnd)
	}
}

func status(data []byte, sw uint16) []byte {
	return append(append([]byte(nil), data...), byte(sw>>8), byte(sw&0xFF))
}
