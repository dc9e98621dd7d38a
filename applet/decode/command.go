package decode

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// command is what a C-APDU's header says it is.
type command struct {
	name, source string
	verb         verb
	phase        Phase
}

// verb tells commands apart whose data have a layout of their own.
type verb byte

const (
	plain verb = iota // data without a layout that is known
	selecting
	manageChannel
	getResponse
	getChallenge
	readRecord
	getData
	putData
	ticking
	readBinary
	internalAuthenticate
	externalAuthenticate
	generalAuthenticate
	pinBearing
	keyBearing
	getProcessingOptions
	generateAC
	computeChecksum
	relayResistance
	initializeUpdate
	getStatus
	deleteObject
	install
	deciphering
	uid
	ownCommand
	unsupported // a pseudo-APDU that the decoder doesn't know
)

// commandOf returns what the header says, in the application that is selected.
func commandOf(c apdu.Command, k kind) command {
	class := apdu.Class(c.CLA)
	switch {
	case c.CLA == 0xFF:
		return pseudoCommand(c)
	case class.Interindustry(), !class.Coded():
		return interindustry(c, k, class.Coded())
	}
	if k == management {
		if own := managementCommand(wire.INS(c.INS)); own.name != "" {
			return own
		}
	}
	if own := offlineCommand(wire.INS(c.INS)); k == ownOffline && own.name != "" {
		return own
	}
	if p := proprietary(c.INS); p.name != "" {
		return p
	}
	return interindustry(c, k, false)
}

// gsmClass is the class of older SIM cards (3GPP TS 51.011 4.15.0, 9.2).
const gsmClass = 0xA0

// interindustry returns the command of ISO/IEC 7816; coded says that the class is the standard's.
func interindustry(c apdu.Command, k kind, coded bool) command {
	known := interindustryCommand(c.INS)
	if !coded {
		known.source = ""
	}
	if c.CLA&0x80 != 0 && c.CLA != gsmClass && !k.known() {
		known.verb = guessed(known.verb)
	}
	switch {
	case known.name == "":
		return command{name: "unknown command"}
	case known.verb == readRecord && k.emv():
		known.source, known.phase = recordOf(k)
	case c.INS == 0x2A && c.P1 == 0x80: // what comes out is plain
		known.name, known.verb = "PERFORM SECURITY OPERATION: DECIPHER", deciphering
	case known.verb == externalAuthenticate && c.Ne > 0 && len(c.Data) > 0 && !k.known():
		known.name = "MUTUAL AUTHENTICATE"
	}
	return known
}

// recordOf returns where READ RECORD is specified and which phase it belongs to: a directory's
// records are a part of the selection.
func recordOf(k kind) (source string, phase Phase) {
	if k == directory {
		return "EMV 4.3 Book 1, 12.2", Selection
	}
	return "EMV 4.3 Book 3, 6.5.11", Reading
}

// guessed returns the verb of a command of a proprietary class in an application that nobody knows.
// It may be something else, whose data may not be kept.
func guessed(v verb) verb {
	switch v {
	case selecting, getChallenge, manageChannel:
		return plain
	default:
		return v
	}
}

// interindustryCommand lists the commands of ISO/IEC 7816-4, -7, -8 and -9 by INS.
func interindustryCommand(ins byte) command {
	return [256]command{
		0x04: {"DEACTIVATE FILE", "ISO/IEC 7816-9:2004", plain, Other},
		0x0C: {"ERASE RECORD", "ISO/IEC 7816-4:2005, 7.3.8", plain, Other},
		0x0E: {"ERASE BINARY", "ISO/IEC 7816-4:2005, 7.2.7", plain, Other},
		0x0F: {"ERASE BINARY", "ISO/IEC 7816-4:2005, 7.2.7", plain, Other},
		0x10: {"PERFORM SCQL OPERATION", "ISO/IEC 7816-7:1999", plain, Other},
		0x12: {"PERFORM TRANSACTION OPERATION", "ISO/IEC 7816-7:1999", plain, Other},
		0x14: {"PERFORM USER OPERATION", "ISO/IEC 7816-7:1999", plain, Other},
		0x20: {"VERIFY", "ISO/IEC 7816-4:2005, 7.5.6", pinBearing, Other},
		0x21: {"VERIFY", "ISO/IEC 7816-4:2005, 7.5.6", pinBearing, Other},
		0x22: {"MANAGE SECURITY ENVIRONMENT", "ISO/IEC 7816-4:2005, 7.5.11", plain, Other},
		0x24: {"CHANGE REFERENCE DATA", "ISO/IEC 7816-4:2005, 7.5.7", pinBearing, Other},
		0x25: {"CHANGE REFERENCE DATA", "ISO/IEC 7816-4:2013", pinBearing, Other},
		0x26: {"DISABLE VERIFICATION REQUIREMENT", "ISO/IEC 7816-4:2005, 7.5.9", pinBearing, Other},
		0x28: {"ENABLE VERIFICATION REQUIREMENT", "ISO/IEC 7816-4:2005, 7.5.8", pinBearing, Other},
		0x2A: {"PERFORM SECURITY OPERATION", "ISO/IEC 7816-8:2004", plain, Other},
		0x2C: {"RESET RETRY COUNTER", "ISO/IEC 7816-4:2005, 7.5.10", pinBearing, Other},
		0x2D: {"RESET RETRY COUNTER", "ISO/IEC 7816-4:2013", pinBearing, Other},
		0x44: {"ACTIVATE FILE", "ISO/IEC 7816-9:2004", plain, Other},
		0x46: {"GENERATE ASYMMETRIC KEY PAIR", "ISO/IEC 7816-8:2004", plain, Other},
		0x47: {"GENERATE ASYMMETRIC KEY PAIR", "ISO/IEC 7816-8:2004", plain, Other},
		0x70: {"MANAGE CHANNEL", "ISO/IEC 7816-4:2005, 7.1.2", manageChannel, Other},
		0x82: {"EXTERNAL AUTHENTICATE", "ISO/IEC 7816-4:2005, 7.5.4", externalAuthenticate, Other},
		0x84: {"GET CHALLENGE", "ISO/IEC 7816-4:2005, 7.5.3", getChallenge, Other},
		0x86: {"GENERAL AUTHENTICATE", "ISO/IEC 7816-4:2005, 7.5.5", generalAuthenticate, Other},
		0x87: {"GENERAL AUTHENTICATE", "ISO/IEC 7816-4:2005, 7.5.5", generalAuthenticate, Other},
		0x88: {"INTERNAL AUTHENTICATE", "ISO/IEC 7816-4:2005, 7.5.2", internalAuthenticate, Other},
		0xA0: {"SEARCH BINARY", "ISO/IEC 7816-4:2005, 7.2.6", plain, Other},
		0xA1: {"SEARCH BINARY", "ISO/IEC 7816-4:2005, 7.2.6", plain, Other},
		0xA2: {"SEARCH RECORD", "ISO/IEC 7816-4:2005, 7.3.7", plain, Other},
		0xA4: {"SELECT", "ISO/IEC 7816-4:2005, 7.1.1", selecting, Selection},
		0xB0: {"READ BINARY", "ISO/IEC 7816-4:2005, 7.2.3", readBinary, Other},
		0xB1: {"READ BINARY", "ISO/IEC 7816-4:2005, 7.2.3", plain, Other},
		0xB2: {"READ RECORD", "ISO/IEC 7816-4:2005, 7.3.3", readRecord, Other},
		0xB3: {"READ RECORD", "ISO/IEC 7816-4:2005, 7.3.3", plain, Other},
		0xC0: {"GET RESPONSE", "ISO/IEC 7816-4:2005, 7.6.1", getResponse, Other},
		0xC2: {"ENVELOPE", "ISO/IEC 7816-4:2005, 7.6.2", plain, Other},
		0xC3: {"ENVELOPE", "ISO/IEC 7816-4:2005, 7.6.2", plain, Other},
		0xCA: {"GET DATA", "ISO/IEC 7816-4:2005, 7.4.2", getData, Other},
		0xCB: {"GET DATA", "ISO/IEC 7816-4:2005, 7.4.2", plain, Other},
		0xD0: {"WRITE BINARY", "ISO/IEC 7816-4:2005, 7.2.4", plain, Other},
		0xD1: {"WRITE BINARY", "ISO/IEC 7816-4:2005, 7.2.4", plain, Other},
		0xD2: {"WRITE RECORD", "ISO/IEC 7816-4:2005, 7.3.4", plain, Other},
		0xD6: {"UPDATE BINARY", "ISO/IEC 7816-4:2005, 7.2.5", plain, Other},
		0xD7: {"UPDATE BINARY", "ISO/IEC 7816-4:2005, 7.2.5", plain, Other},
		0xD8: {"PUT KEY", "GlobalPlatform Card Specification 2.3.1, 11.8", keyBearing, Other},
		0xDA: {"PUT DATA", "ISO/IEC 7816-4:2005, 7.4.3", putData, Other},
		0xDB: {"PUT DATA", "ISO/IEC 7816-4:2005, 7.4.3", keyBearing, Other},
		0xDC: {"UPDATE RECORD", "ISO/IEC 7816-4:2005, 7.3.5", plain, Other},
		0xDD: {"UPDATE RECORD", "ISO/IEC 7816-4:2005, 7.3.5", plain, Other},
		0xE0: {"CREATE FILE", "ISO/IEC 7816-9:2004", plain, Other},
		0xE2: {"APPEND RECORD", "ISO/IEC 7816-4:2005, 7.3.6", plain, Other},
		0xE4: {"DELETE FILE", "ISO/IEC 7816-9:2004", plain, Other},
		0xE6: {"TERMINATE DF", "ISO/IEC 7816-9:2004", plain, Other},
		0xE8: {"TERMINATE EF", "ISO/IEC 7816-9:2004", plain, Other},
		// With data these two load keys into widely used tokens.
		0xFE: {"TERMINATE CARD USAGE", "ISO/IEC 7816-9:2004", keyBearing, Other},
		0xFF: {"unknown command", "", keyBearing, Other},
	}[ins]
}

// The sources of the proprietary commands.
const (
	platform = "GlobalPlatform Card Specification 2.3.1, "
	book3    = "EMV 4.3 Book 3, "
	kernel2  = "EMV Contactless Book C-2 2.6"
	part3    = "PC/SC part 3, 2.01.09, "
)

// proprietary lists EMV's and GlobalPlatform's commands of class 8x.
func proprietary(ins byte) command {
	return [256]command{
		0x16: {"CARD BLOCK", book3 + "6.5.3", plain, Other},
		0x18: {"APPLICATION UNBLOCK", book3 + "6.5.2", plain, Other},
		0x1E: {"APPLICATION BLOCK", book3 + "6.5.1", plain, Other},
		0x24: {"PIN CHANGE/UNBLOCK", book3 + "6.5.10", pinBearing, Other},
		0x2A: {"COMPUTE CRYPTOGRAPHIC CHECKSUM", kernel2, computeChecksum, Authorisation},
		0x50: {
			"INITIALIZE UPDATE", "GlobalPlatform Amendment D 1.1.1, 7.1.1", initializeUpdate,
			Other,
		},
		0x82: {
			"EXTERNAL AUTHENTICATE", "GlobalPlatform Amendment D 1.1.1, 7.1.2",
			externalAuthenticate, Other,
		},
		0xA8: {"GET PROCESSING OPTIONS", book3 + "6.5.8", getProcessingOptions, Initiation},
		0xAE: {"GENERATE AC", book3 + "6.5.5", generateAC, Authorisation},
		0xCA: {"GET DATA", book3 + "6.5.7", getData, Other},
		0xD0: {"RECOVER AC", kernel2, plain, Other},
		0xD8: {"PUT KEY", platform + "11.8", keyBearing, Other},
		0xE2: {"STORE DATA", platform + "11.11", keyBearing, Other},
		0xE4: {"DELETE", platform + "11.2", deleteObject, Other},
		0xE6: {"INSTALL", platform + "11.5", install, Other},
		0xE8: {"LOAD", platform + "11.6", plain, Other},
		0xEA: {"EXCHANGE RELAY RESISTANCE DATA", kernel2, relayResistance, Initiation},
		0xF0: {"SET STATUS", platform + "11.10", deleteObject, Other},
		0xF2: {"GET STATUS", platform + "11.4", getStatus, Other},
	}[ins]
}

// pseudoCommand returns what a reader is told by class FF.
func pseudoCommand(c apdu.Command) command {
	known := [256]command{
		0x20: {"VERIFY", part3 + "3.2.2.1.7", pinBearing, Other},
		0x82: {"LOAD KEYS", part3 + "3.2.2.1.4", keyBearing, Other},
		0x86: {"GENERAL AUTHENTICATE", part3 + "3.2.2.1.6", plain, Other},
		0x88: {"AUTHENTICATE", part3 + "3.2.2.1.5", plain, Other},
		0xB0: {"READ BINARY", part3 + "3.2.2.1.8", plain, Other},
		0xCA: {"GET DATA", part3 + "3.2.2.1.3", uid, Other},
		0xC2: {"MANAGE SESSION", part3 + "3.2.2.2", plain, Other},
		0xD6: {"UPDATE BINARY", part3 + "3.2.2.1.9", plain, Other},
	}[c.INS]
	if known.name == "" {
		return command{name: "pseudo-APDU", verb: unsupported}
	}
	return known
}

// Where our own commands are specified.
const (
	ownSource     = "PROTOCOL.md, management commands"
	offlineSource = "PROTOCOL.md, offline payment commands"
)

// offlineCommand lists the offline payment application's own commands of class 80.
func offlineCommand(ins wire.INS) command {
	switch ins {
	case wire.InsTick:
		return command{"TICK", offlineSource, ticking, Authorisation}
	case wire.InsPutData:
		return command{"PUT DATA", book3 + "6.5.9", putData, Authorisation}
	default:
		return command{}
	}
}

// managementCommand lists the management application's commands of class 80.
func managementCommand(ins wire.INS) command {
	return [256]command{
		wire.InsGenerateSEKey: {"GENERATE SE KEY", ownSource, ownCommand, Personalisation},
		wire.InsPersonalise:   {"PERSONALISE", ownSource, ownCommand, Personalisation},
		wire.InsCreateUser:    {"CREATE USER", ownSource, ownCommand, Personalisation},
		wire.InsOpenAccount:   {"OPEN ACCOUNT", ownSource, ownCommand, Personalisation},
		wire.InsBindAK:        {"BIND AK", ownSource, ownCommand, Attestation},
		wire.InsPutReference:  {"PUT REFERENCE", ownSource, ownCommand, Attestation},
		wire.InsLaunch:        {"LAUNCH", ownSource, ownCommand, Attestation},
		wire.InsAIDRequest:    {"AID REQUEST", ownSource, ownCommand, BankAccount},
		wire.InsAIDReply:      {"AID REPLY", ownSource, ownCommand, BankAccount},
		wire.InsAIDKeys:       {"AID KEYS", ownSource, ownCommand, BankAccount},
		wire.InsAIDGrant:      {"AID GRANT", ownSource, ownCommand, BankAccount},
		wire.InsAIDClose:      {"AID CLOSE", ownSource, ownCommand, BankAccount},
		wire.InsTIDRegister:   {"TID REGISTER", ownSource, ownCommand, TSMAccount},
		wire.InsTIDReply:      {"TID REPLY", ownSource, ownCommand, TSMAccount},
		wire.InsBINFO:         {"BINFO", ownSource, ownCommand, TSMAccount},
		wire.InsTSMINFO:       {"TSMINFO", ownSource, ownCommand, TSMAccount},
		wire.InsTIDStatus:     {"TID STATUS", ownSource, ownCommand, TSMAccount},
		wire.InsTIDClose:      {"TID CLOSE", ownSource, ownCommand, TSMAccount},
		wire.InsPutEpochKey:   {"PUT EPOCH KEY", ownSource, ownCommand, Cards},
		wire.InsCardRequest:   {"CARD REQUEST", ownSource, ownCommand, Cards},
		wire.InsCardPut:       {"CARD PUT", ownSource, ownCommand, Cards},
		wire.InsArm:           {"ARM", ownSource, ownCommand, Cards},
		wire.InsDisarm:        {"DISARM", ownSource, ownCommand, Cards},
		wire.InsTokenNew:      {"TOKEN NEW", ownSource, ownCommand, Cards},
		wire.InsTokenChain:    {"TOKEN CHAIN", ownSource, ownCommand, Cards},
		wire.InsTokenRequest:  {"TOKEN REQUEST", ownSource, ownCommand, Cards},
		wire.InsTokenPut:      {"TOKEN PUT", ownSource, ownCommand, Cards},
		wire.InsTokenClose:    {"TOKEN CLOSE", ownSource, ownCommand, Cards},
		wire.InsPutEpoch:      {"PUT EPOCH", ownSource, ownCommand, Cards},
		wire.InsTokenShow:     {"TOKEN SHOW", ownSource, ownCommand, Cards},
	}[ins]
}
