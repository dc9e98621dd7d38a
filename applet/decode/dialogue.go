package decode

import (
	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// dialogue is what is known of one logical channel.
type dialogue struct {
	kind kind
	name string
	// The lists that the card has sent, in buffers of their own; empty: not seen.
	pdol, cdol1, cdol2, ddol, udol []byte
	// listed are the names that the card's directory has, each behind its length. A reset alone
	// empties it.
	listed []byte
	// logFile is the file of the transaction log, 0 if none is known, and logFormat what its records
	// hold.
	logFile   byte
	logFormat []byte
	// acs is how many GENERATE ACs were answered since GET PROCESSING OPTIONS.
	acs int
}

// reset forgets all but the buffers.
func (d *dialogue) reset() {
	d.kind, d.name, d.listed = unselected, "", d.listed[:0]
	d.forget()
}

// forget empties the lists, as a selection does.
func (d *dialogue) forget() {
	d.acs, d.logFile, d.logFormat = 0, 0, d.logFormat[:0]
	d.pdol, d.cdol1, d.cdol2 = d.pdol[:0], d.cdol1[:0], d.cdol2[:0]
	d.ddol, d.udol = d.ddol[:0], d.udol[:0]
}

// remember keeps a list that a later command is filled by.
func (d *dialogue) remember(tag tlv.Tag, value []byte) {
	switch tag {
	case emv.TagPDOL:
		d.pdol = append(d.pdol[:0], value...)
	case emv.TagCDOL1:
		d.cdol1 = append(d.cdol1[:0], value...)
	case emv.TagCDOL2:
		d.cdol2 = append(d.cdol2[:0], value...)
	case 0x9F49:
		d.ddol = append(d.ddol[:0], value...)
	case 0x9F69:
		d.udol = append(d.udol[:0], value...)
	case emv.TagADFName:
		if d.kind == directory {
			d.list(value)
		}
	case emv.TagLogEntry:
		if len(value) == 2 {
			d.logFile = value[0]
		}
	case emv.TagLogFormat:
		d.logFormat = append(d.logFormat[:0], value...)
	}
}

// selected takes up the application that a successful SELECT names. Without a name it is the card's
// own, the issuer security domain (GlobalPlatform Card Specification 2.3.1, 11.9.2.3).
func (d *dialogue) selected(c apdu.Command) {
	if c.P1&selectionMask != selectByName {
		return // a file within the application
	}
	d.forget()
	d.name, d.kind = applicationOf(c.Data)
	if len(c.Data) == 0 {
		d.name, d.kind = "issuer security domain", securityDomain
	}
	if d.kind == foreign && d.lists(c.Data) {
		d.becomes()
	}
}

// SELECT's P1 for a DF name, and the bits that say so.
const (
	selectByName  = 0x04
	selectionMask = 0xFC
)

// answered looks at the whole answer to SELECT where the command alone didn't say which application
// it is: the name may have been the beginning of one, and an application that the directory lists,
// or that answers as only a payment application does, speaks EMV, whoever made it.
func (d *dialogue) answered(answer []byte) {
	if d.kind != foreign || len(answer) == 0 {
		return
	}
	listed := false
	if name, err := tlv.Find(answer, emv.TagFCI, emv.TagDFName); err == nil {
		d.name, d.kind = applicationOf(name)
		listed = d.lists(name)
	}
	if d.kind == foreign && (listed || payable(answer)) {
		d.becomes()
	}
}
