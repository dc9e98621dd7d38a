package apdu

import "fmt"

// SW is a status word, SW1 in the high byte. It is an error so that it can be the target of
// [errors.Is]; functions don't return a bare SW as an error but a [*StatusError].
type SW uint16

// The interindustry status words of ISO/IEC 7816-4:2005, 5.1.3, tables 5 and 6, and the few that
// EMV and GlobalPlatform cards share with them. 61xx, 63Cx and 6Cxx have methods instead.
const (
	SWNormal SW = 0x9000

	SWWarning              SW = 0x6200
	SWDataCorrupted        SW = 0x6281
	SWEndOfFile            SW = 0x6282
	SWFileDeactivated      SW = 0x6283
	SWFCIFormat            SW = 0x6284
	SWTerminationState     SW = 0x6285
	SWNoSensorInput        SW = 0x6286
	SWWarningChanged       SW = 0x6300
	SWFileFilled           SW = 0x6381
	SWExecutionError       SW = 0x6400
	SWImmediateResponse    SW = 0x6401
	SWExecutionErrorChange SW = 0x6500
	SWMemoryFailure        SW = 0x6581
	SWSecurityIssue        SW = 0x6600
	SWWrongLength          SW = 0x6700

	SWCLAFunctionNotSupported     SW = 0x6800
	SWLogicalChannelNotSupported  SW = 0x6881
	SWSecureMessagingNotSupported SW = 0x6882
	SWLastCommandExpected         SW = 0x6883
	SWChainingNotSupported        SW = 0x6884

	SWCommandNotAllowed          SW = 0x6900
	SWIncompatibleFileStructure  SW = 0x6981
	SWSecurityStatusNotSatisfied SW = 0x6982
	SWAuthMethodBlocked          SW = 0x6983
	SWReferenceDataNotUsable     SW = 0x6984
	SWConditionsNotSatisfied     SW = 0x6985
	SWNoCurrentEF                SW = 0x6986
	SWSMObjectsMissing           SW = 0x6987
	SWSMIncorrect                SW = 0x6988

	SWWrongParameters       SW = 0x6A00
	SWWrongData             SW = 0x6A80
	SWFunctionNotSupported  SW = 0x6A81
	SWFileNotFound          SW = 0x6A82
	SWRecordNotFound        SW = 0x6A83
	SWNotEnoughMemory       SW = 0x6A84
	SWNcInconsistentWithTLV SW = 0x6A85
	SWIncorrectP1P2         SW = 0x6A86
	SWNcInconsistentWithP1  SW = 0x6A87
	SWReferenceNotFound     SW = 0x6A88
	SWFileExists            SW = 0x6A89
	SWDFNameExists          SW = 0x6A8A

	SWWrongP1P2       SW = 0x6B00
	SWINSNotSupported SW = 0x6D00
	SWCLANotSupported SW = 0x6E00
	SWUnknown         SW = 0x6F00
)

// SW1 returns the high byte.
func (s SW) SW1() byte { return byte(s >> 8) }

// SW2 returns the low byte.
func (s SW) SW2() byte { return byte(s & 0xFF) }

// String returns the four hexadecimal digits, such as "6A82".
func (s SW) String() string { return fmt.Sprintf("%04X", uint16(s)) }

// Error returns the digits and the meaning, such as "6A82 file or application not found".
func (s SW) Error() string {
	if name := s.Name(); name != "" {
		return s.String() + " " + name
	}
	return s.String()
}

// IsNormal reports normal processing: 9000, or 61xx with more data waiting.
func (s SW) IsNormal() bool { return s == SWNormal || s.SW1() == 0x61 }

// IsWarning reports a warning, 62xx or 63xx: the command was carried out, with a reservation.
func (s SW) IsWarning() bool { return s.SW1() == 0x62 || s.SW1() == 0x63 }

// Waiting returns how many more bytes 61xx announces, 1 to 256 where 256 means "256 or more", and
// whether s is 61xx.
func (s SW) Waiting() (int, bool) { return shortNe(s.SW2()), s.SW1() == 0x61 }

// CorrectNe returns the Ne with which 6Cxx wants the command again, 1 to 256 bytes, and whether s
// is 6Cxx.
func (s SW) CorrectNe() (int, bool) { return shortNe(s.SW2()), s.SW1() == 0x6C }

// Counter returns the counter that 63Cx carries, 0 to 15, and whether s is 63Cx.
func (s SW) Counter() (int, bool) { return int(s & 0x0F), s&0xFFF0 == 0x63C0 }

// StatusError is a card's refusal: the header of the command and the status word that answered it.
type StatusError struct {
	CLA, INS, P1, P2 byte
	SW               SW
}

// Refused returns the refusal of a command by a status word.
func (c Command) Refused(sw SW) *StatusError {
	return &StatusError{CLA: c.CLA, INS: c.INS, P1: c.P1, P2: c.P2, SW: sw}
}

// Error returns header and status word, such as
// "command 00 A4 04 00 answered 6A82 file or application not found". It holds no command data.
func (e *StatusError) Error() string {
	return fmt.Sprintf("command %02X %02X %02X %02X answered %s",
		e.CLA, e.INS, e.P1, e.P2, e.SW.Error())
}

// Is reports whether target is the status word that the card answered.
func (e *StatusError) Is(target error) bool {
	sw, ok := target.(SW)
	return ok && sw == e.SW
}
