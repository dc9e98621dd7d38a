package link

import "tapbench/pcsc/apdu"

// Commands that a contactless reader answers itself (PC/SC Part 3, Rev. 2.01.09, 3.2.2.1.3).
const (
	claReader  = 0xFF
	insGetData = 0xCA
	getUID     = 0x00
	getATS     = 0x01 // of its historical bytes
)

// Commands of the ACR122U (its API, V2.04, 6.1 to 6.3), of instruction 00.
const (
	insOwn       = 0x00
	ownLEDs      = 0x40 // in P1; P2 says which, 4 bytes how long and how often
	ownFirmware  = 0x48 // in P1
	ledCycle     = 4    // bytes
	ledMaskShift = 2    // P2: bits 0 and 1 are the states of red and green, bits 2 and 3 who is meant
	ledBits      = 0x03
	swFailed     = 0x6300
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
	case command.INS == insOwn && l.cfg.Reader.Firmware != "":
		return l.own(command)
	case command.INS != insGetData:
		answer.SW = apdu.SWINSNotSupported
	case len(command.Data) > 0 || command.P2 != 0:
	case command.P1 == getUID:
		answer = shorten(l.uid[:], command.Ne)
	case command.P1 == getATS && l.cfg.Reader.FullATS:
		answer = shorten(l.cfg.ATS, command.Ne)
	case command.P1 == getATS:
		answer = shorten(l.ats.Historical, command.Ne)
	}
	return answer.Encode()
}

// own answers one of the ACR122U's commands. Two of its habits trap programs: there is no status
// word behind its firmware's name, and LEDs that were set answer 9000 only if all are off.
func (l *Link) own(c apdu.Command) []byte {
	switch {
	case c.P1 == ownFirmware && c.P2 == 0 && len(c.Data) == 0:
		return []byte(l.cfg.Reader.Firmware)
	case c.P1 == ownLEDs && len(c.Data) == ledCycle:
		meant := c.P2 >> ledMaskShift & ledBits
		l.leds = l.leds&^meant | c.P2&meant
		return apdu.Response{SW: apdu.SWNormal | apdu.SW(l.leds)}.Encode()
	default: // what goes to its PN532, and its own settings
		return apdu.Response{SW: swFailed}.Encode()
	}
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
