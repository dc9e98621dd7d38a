package wire

import "tapbench/pcsc/apdu"

// The status words that the applications answer, in the order of precedence of PROTOCOL.md.
const (
	// SWNormal: done.
	SWNormal apdu.SW = 0x9000
	// SWBytesRemaining, 61xx: done, xx bytes wait for GET RESPONSE.
	SWBytesRemaining apdu.SW = 0x6100
	// SWClassNotSupported: the class byte isn't one of ours.
	SWClassNotSupported apdu.SW = 0x6E00
	// SWLastCommandExpected: a chain was broken off by another command.
	SWLastCommandExpected apdu.SW = 0x6883
	// SWInstructionNotSupported: the selected application doesn't have this command.
	SWInstructionNotSupported apdu.SW = 0x6D00
	// SWFunctionNotSupported: the platform lacks an algorithm that this command needs.
	SWFunctionNotSupported apdu.SW = 0x6A81
	// SWIncorrectP1P2: a parameter is out of its range.
	SWIncorrectP1P2 apdu.SW = 0x6A86
	// SWWrongLength: the data field's length isn't the one that the command has.
	SWWrongLength apdu.SW = 0x6700
	// SWSecurityStatusNotSatisfied: the host hasn't authenticated, or its proof is wrong.
	SWSecurityStatusNotSatisfied apdu.SW = 0x6982
	// SWConditionsNotSatisfied: the state of card or slot doesn't allow this command now.
	SWConditionsNotSatisfied apdu.SW = 0x6985
	// SWWrongData: a MAC, a signature, a certificate or a field of the data is wrong.
	SWWrongData apdu.SW = 0x6A80
	// SWFileNotFound: no such application.
	SWFileNotFound apdu.SW = 0x6A82
	// SWRecordNotFound: no such record.
	SWRecordNotFound apdu.SW = 0x6A83
	// SWReferenceNotFound: no such data object, slot empty.
	SWReferenceNotFound apdu.SW = 0x6A88
	// SWUnknown: an algorithm failed that shouldn't have.
	SWUnknown apdu.SW = 0x6F00
)
