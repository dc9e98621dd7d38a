package personalise

import (
	"slices"
	"strings"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/profile"
	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

const (
	// maxFCI is the longest answer to SELECT, in bytes.
	maxFCI = 256
	// directorySFI is the PSE's file.
	directorySFI = 1
	// confirm is the bit of the priority indicator that asks the holder (EMV 4.3 Book 1, 12.2.3).
	confirm = 0x80
)

// fci encodes the answer to SELECT (EMV 4.3 Book 1, 11.3.4).
func (m *maker) fci() error {
	p := m.p
	own := tlv.Append(nil, emv.TagLabel, []byte(p.Label))
	own = append(own, priority(p)...)
	if m.app.PDOL != nil {
		own = tlv.Append(own, emv.TagPDOL, m.app.PDOL)
	}
	if len(p.Languages) > 0 {
		own = tlv.Append(own, emv.TagLanguages, []byte(strings.Join(p.Languages, "")))
	}
	if p.PreferredName != "" {
		own = tlv.Append(own, emv.TagCodeTable, []byte{emv.BCD(p.CodeTable)})
		own = tlv.Append(own, emv.TagPreferredName, []byte(p.PreferredName))
	}
	own = append(own, objects(p.FCI)...)
	discretionary := objects(p.IssuerData)
	if p.Log != nil {
		discretionary = tlv.Append(discretionary, emv.TagLogEntry, []byte{p.Log.SFI, p.Log.Entries})
	}
	if len(discretionary) > 0 {
		own = tlv.Append(own, emv.TagFCIDiscretionary, discretionary)
	}
	m.app.FCI = emv.EncodeFCI(p.AID, own)
	if len(m.app.FCI) > maxFCI {
		return m.wrong("fci", "the answer to SELECT takes %d bytes, %d at most", len(m.app.FCI), maxFCI)
	}
	return nil
}

// priority encodes tag 87, or nothing.
func priority(p profile.Application) []byte {
	indicator := p.Priority
	if p.Confirm {
		indicator |= confirm
	}
	if indicator == 0 {
		return nil
	}
	return tlv.Append(nil, emv.TagPriority, []byte{indicator})
}

func objects(list []profile.Object) []byte {
	var out []byte
	for _, o := range list {
		out = tlv.Append(out, tlv.Tag(o.Tag), o.Value)
	}
	return out
}

// directories encodes PSE and PPSE.
func directories(card *image.Card, p profile.Profile) error {
	if slices.Contains(p.Directories, profile.PSE) {
		card.PSE = newPSE(p)
	}
	if !slices.Contains(p.Directories, profile.PPSE) {
		return nil
	}
	var entries []byte
	for _, a := range p.Applications {
		entries = append(entries, entry(a, false)...)
	}
	fci := emv.EncodeFCI([]byte(wire.AIDPPSE), tlv.Append(nil, emv.TagFCIDiscretionary, entries))
	if len(fci) > maxFCI {
		return &profile.FieldError{
			Field: "directories", Problem: "the PPSE has no room for so many applications",
		}
	}
	card.PPSE = &image.Directory{FCI: fci}
	return nil
}

// entry encodes a directory entry (EMV 4.3 Book 1, 12.2.3; EMV Contactless Book B 2.6, 3.3.1).
func entry(a profile.Application, named bool) []byte {
	out := tlv.Append(nil, emv.TagADFName, a.AID)
	out = tlv.Append(out, emv.TagLabel, []byte(a.Label))
	if named && a.PreferredName != "" {
		out = tlv.Append(out, emv.TagPreferredName, []byte(a.PreferredName))
	}
	out = append(out, priority(a)...)
	return tlv.Append(nil, emv.TagApplicationTemplate, out)
}

// newPSE encodes a PSE with as many entries in each record as fit.
func newPSE(p profile.Profile) *image.Directory {
	own := tlv.Append(nil, emv.TagSFI, []byte{directorySFI})
	if languages := p.Applications[0].Languages; len(languages) > 0 {
		own = tlv.Append(own, emv.TagLanguages, []byte(strings.Join(languages, "")))
	}
	if table := p.Applications[0].CodeTable; table != 0 {
		own = tlv.Append(own, emv.TagCodeTable, []byte{emv.BCD(table)})
	}
	d := &image.Directory{FCI: emv.EncodeFCI([]byte(emv.NamePSE), own)}
	var body []byte
	for _, a := range p.Applications {
		more := entry(a, true)
		if len(tlv.Append(nil, emv.TagRecord, body, more)) > maxRecord {
			add(d, body)
			body = nil
		}
		body = append(body, more...)
	}
	add(d, body)
	return d
}

func add(d *image.Directory, body []byte) {
	d.Records = append(d.Records, image.Record{
		SFI: directorySFI, Number: byte(len(d.Records) + 1), Data: tlv.Append(nil, emv.TagRecord, body),
	})
}
