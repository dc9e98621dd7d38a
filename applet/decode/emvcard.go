package decode

import (
	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// nameEMV is what an application of somebody's payment system is called whose name isn't known.
const nameEMV = "EMV application"

// mostListed is how many names of a card's directory are remembered, and maxDFName how long one may
// be, in bytes (EMV 4.3 Book 1, 12.2.3).
const (
	mostListed = 32
	maxDFName  = 16
)

// becomes takes up that an application which nobody knew is a payment application.
func (d *dialogue) becomes() {
	d.kind = payment
	if d.name == "" {
		d.name = nameEMV
	}
}

// list remembers a name that the card's directory has.
func (d *dialogue) list(name []byte) {
	if len(name) < ridLen || len(name) > maxDFName || d.lists(name) {
		return
	}
	if len(d.listed) < mostListed*(1+maxDFName) {
		d.listed = append(append(d.listed, byte(len(name))), name...)
	}
}

// lists reports whether the card's directory has an application of that name. A terminal may
// select it by the beginning of its name, too.
func (d *dialogue) lists(name []byte) bool {
	for rest := d.listed; len(rest) > 0; rest = rest[1+int(rest[0]):] {
		if string(rest[1:1+int(rest[0])]) == string(name) {
			return true
		}
	}
	return false
}

// payable reports whether an answer to SELECT has what only a payment application's has (EMV 4.3
// Book 1, table 45): a PDOL, a priority, or a transaction log.
func payable(answer []byte) bool {
	for _, path := range [...][4]tlv.Tag{
		{emv.TagFCI, emv.TagFCIProprietary, emv.TagPDOL},
		{emv.TagFCI, emv.TagFCIProprietary, emv.TagPriority},
		{emv.TagFCI, emv.TagFCIProprietary, emv.TagFCIDiscretionary, emv.TagLogEntry},
	} {
		n := len(path)
		for path[n-1] == 0 {
			n--
		}
		if _, err := tlv.Find(answer, path[:n]...); err == nil {
			return true
		}
	}
	return false
}

// initiated reports whether an application that nobody knew answers GET PROCESSING OPTIONS as a
// payment application does: with a template, or with one that GET RESPONSE is to fetch.
func initiated(c apdu.Command, response apdu.Response) bool {
	if len(c.Data) < 2 || c.Data[0] != byte(emv.TagCommandTemplate) {
		return false
	}
	if response.SW.SW1() == 0x61 && len(response.Data) == 0 {
		return true
	}
	if response.SW != apdu.SWNormal || len(response.Data) == 0 {
		return false
	}
	return singleOf(response.Data, emv.TagFormat2) || singleOf(response.Data, emv.TagFormat1)
}

// record reads the answer to READ RECORD. A payment application's is a template 70 (EMV 4.3 Book 3,
// 6.5.11.4), but for its log, whose records have no tags.
func (r *reading) record(c apdu.Command) {
	switch {
	case r.dialogue.kind == payment && r.dialogue.logFile != 0 && c.P2>>3 == r.dialogue.logFile:
		r.logged()
	case r.dialogue.kind == payment && !r.partial:
		if !singleOf(r.whole, emv.TagRecord) || !r.tree(0, len(r.whole), 0, dataGrammar) {
			r.bytes("record", trait{})
		}
	default:
		r.objects()
	}
}

// logged reads a record of the transaction log, if its format is known.
func (r *reading) logged() {
	mark, format := len(r.fields), r.dialogue.logFormat
	if r.partial || len(format) == 0 || !r.list(format, 0, len(r.whole), 0) {
		r.bytes("log record", trait{Binary, Constant, History})
		return
	}
	for i := range r.fields[mark:] {
		if f := &r.fields[mark+i]; f.Secrecy == Clear || f.Secrecy == Unknown {
			f.Secrecy = History
		}
	}
}
