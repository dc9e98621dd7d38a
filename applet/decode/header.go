package decode

import (
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// The names of what has no tag and whose values [Describe] puts in words.
const (
	nameSelectionControl  = "P1 selection control"
	nameFileOccurrence    = "P2 occurrence and answer"
	nameRecordNumber      = "P1 record number"
	nameRecordReference   = "P2 reference control"
	nameCryptogramControl = "P1 reference control"
	nameTag               = "P1-P2 tag"
	nameOffset            = "P1-P2 offset"
	nameReferenceData     = "P2 reference data"
	namePINQualifier      = "P2 qualifier"
	nameLe                = "Le"
	nameStatus            = "SW1-SW2"
	nameDFName            = "DF name"
)

// insVerify is VERIFY, whose P2 says how an EMV card's PIN is sent (EMV 4.3 Book 3, table 23).
const insVerify = 0x20

// readHeader adds the header and Lc; n is the length of the whole command.
func (d *Decoder) readHeader(c apdu.Command, means command, n int) {
	r := &d.command
	r.header("CLA", 0, 1, Binary)
	r.header("INS", 1, 1, Binary)
	switch {
	case means.verb == getData || means.verb == putData:
		r.header(nameTag, 2, 2, Coded)
	case means.verb == readBinary && c.P1&0x80 == 0:
		r.header(nameOffset, 2, 2, Integer)
	default:
		p1, p2 := parameterNames(c, means)
		if on := &d.channels[apdu.Class(c.CLA).Channel()]; c.INS == insVerify && on.kind == payment {
			p2 = namePINQualifier
		}
		r.header(p1, 2, 1, formatOfParameter(p1))
		r.header(p2, 3, 1, formatOfParameter(p2))
	}
	if len(c.Data) > 0 {
		r.header("Lc", apdu.MinCommand, d.lengthField(c, n), Integer)
	}
	d.length = n
}

// parameterNames returns what P1 and P2 are.
func parameterNames(c apdu.Command, means command) (p1, p2 string) {
	switch means.verb {
	case selecting:
		return nameSelectionControl, nameFileOccurrence
	case readRecord:
		return nameRecordNumber, nameRecordReference
	case generateAC:
		return nameCryptogramControl, "P2"
	case pinBearing:
		return "P1", nameReferenceData
	case ticking:
		return nameTick, "P2"
	case ownCommand:
		return slotNames(wire.INS(c.INS))
	default:
		return "P1", "P2"
	}
}

// slotNames returns whose slots P1 and P2 of a management command number.
func slotNames(ins wire.INS) (p1, p2 string) {
	switch ins {
	case wire.InsOpenAccount, wire.InsBindAK, wire.InsPutReference, wire.InsAIDRequest,
		wire.InsAIDReply, wire.InsAIDKeys, wire.InsAIDGrant, wire.InsAIDClose:
		return "P1 bank slot", "P2"
	case wire.InsTIDRegister:
		return "P1 TID slot", "P2 bank slot"
	case wire.InsTIDReply, wire.InsBINFO, wire.InsTSMINFO, wire.InsTIDStatus, wire.InsPutEpochKey,
		wire.InsPutEpoch, wire.InsTIDClose:
		return "P1 TID slot", "P2"
	case wire.InsTokenNew:
		return "P1 token slot", "P2 TID slot"
	case wire.InsTokenChain, wire.InsTokenRequest, wire.InsTokenPut, wire.InsTokenClose,
		wire.InsTokenShow:
		return "P1 token slot", "P2"
	case wire.InsArm:
		return nameArmFlags, "P2"
	case wire.InsCardRequest:
		return "P1 card slot", nameKindAndSlot
	case wire.InsCardPut:
		return "P1 card slot", "P2"
	case wire.InsLaunch:
		return "P1 " + nameLaunchPolicy, "P2"
	default:
		return "P1", "P2"
	}
}

// formatOfParameter returns how P1 or P2 of that name is written.
func formatOfParameter(name string) Format {
	switch name {
	case "P1", "P2":
		return Binary
	case namePINQualifier, nameSelectionControl, nameFileOccurrence,
		nameRecordReference, nameCryptogramControl, nameReferenceData, nameKindAndSlot, nameArmFlags:
		return Coded
	default:
		return Integer
	}
}

// lengthField returns how many bytes Lc has in a command of n bytes.
func (d *Decoder) lengthField(c apdu.Command, n int) int {
	switch n - apdu.MinCommand - len(c.Data) {
	case 3, 5:
		return 3
	default:
		return 1
	}
}

// dataOffset returns where the data field begins.
func (d *Decoder) dataOffset(c apdu.Command) int {
	if len(c.Data) == 0 {
		return apdu.MinCommand
	}
	return apdu.MinCommand + d.lengthField(c, d.length)
}

// readLe adds Le, if there is one, behind the data field at offset at.
func (d *Decoder) readLe(c apdu.Command, at int) {
	if n := d.length - at - len(c.Data); n > 0 {
		d.command.header(nameLe, at+len(c.Data), n, Coded)
	}
}
