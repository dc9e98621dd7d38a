package personalise

import (
	"encoding/binary"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/profile"
)

// standardService is the service code unless the profile says another: international, chip,
// authorised normally, no restrictions (ISO/IEC 7813:2006, 4.2).
const standardService = "201"

// plain sets the values that need no key.
func (m *maker) plain() error {
	p := m.p
	service := p.ServiceCode
	if service == "" {
		service = standardService
	}
	m.values = map[profile.Tag][]byte{
		0x57:   track2(m.app.PAN, p.Expires, service),
		0x5A:   filled(m.app.PAN, 0),
		0x5F20: []byte(p.Holder),
		0x5F24: p.Expires[:],
		0x5F25: p.Effective[:],
		0x5F28: bcd("0" + p.Country),
		0x5F30: bcd("0" + service),
		0x5F34: {emv.BCD(p.Sequence)},
		0x82:   m.app.AIP[:],
		0x8C:   m.app.CDOL1,
		0x8D:   m.app.CDOL2,
		0x9F07: usage(p.Usage),
		0x9F42: bcd("0" + p.Currency),
		0x9F49: m.app.DDOL,
		0x9F4A: {0x82},
	}
	if p.CVM != nil {
		m.values[0x8E] = cvmList(*p.CVM)
	}
	if p.IAC != nil {
		m.values[0x9F0D], m.values[0x9F0E], m.values[0x9F0F] = p.IAC.Default, p.IAC.Denial, p.IAC.Online
	}
	if r := p.Risk; r != nil && r.Lower != nil {
		m.values[0x9F14] = []byte{*r.Lower}
	}
	if r := p.Risk; r != nil && r.Upper != nil {
		m.values[0x9F23] = []byte{*r.Upper}
	}
	for _, o := range p.Objects {
		m.values[o.Tag] = o.Value
	}
	return nil
}

func usage(words []string) []byte {
	var bits uint16
	for _, word := range words {
		bits |= profile.Code("usage", word)
	}
	return binary.BigEndian.AppendUint16(nil, bits)
}

// succeeding is the bit of a rule's method that has the next rule tried (EMV 4.3 Book 3, annex C3).
const succeeding = 0x40

// cvmList returns amounts X and Y and the rules, tag 8E.
func cvmList(list profile.CVM) []byte {
	out := binary.BigEndian.AppendUint32(nil, uint32(list.X&0xFFFFFFFF)) // the profile bounds both
	out = binary.BigEndian.AppendUint32(out, uint32(list.Y&0xFFFFFFFF))
	for _, rule := range list.Rules {
		method := byte(profile.Code("method", rule.Method))
		if rule.Next {
			method |= succeeding
		}
		out = append(out, method, byte(profile.Code("condition", rule.When)))
	}
	return out
}
