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
	// acs is how many GENERATE ACs were answered since GET PROCESSING OPTIONS.
	acs int
}

// reset forgets all but the buffers.
func (d *dialogue) reset() {
	d.kind, d.name = unselected, ""
	d.forget()
}

// forget empties the lists, as a selection does.
func (d *dialogue) forget() {
	d.acs = 0
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
	}
}

// selected takes up the application that a successful SELECT names. An application that sends a
// PDOL speaks EMV, whoever made it.
func (d *dialogue) selected(c apdu.Command, answer []byte) {
	const byName, byNameMask = 0x04, 0xFC
	if c.P1&byNameMask != byName {
		return // a file within the application
	}
	d.forget()
	d.name, d.kind = applicationOf(c.Data)
	if name, err := tlv.Find(answer, emv.TagFCI, emv.TagDFName); err == nil && len(c.Data) < len(name) {
		d.name, d.kind = applicationOf(name)
	}
	if len(c.Data) == 0 && d.kind == foreign {
		d.kind = securityDomain
	}
	if d.kind == foreign {
		_, err := tlv.Find(answer, emv.TagFCI, emv.TagFCIProprietary, emv.TagPDOL)
		if err == nil {
			d.kind = payment
		}
	}
}
