package personalise

import (
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/profile"
	"tapbench/pcsc/tlv"
)

// Bounds of EMV 4.3 Book 3: a record with its template (6.5.11.4, 7.1), the AFL (annex A).
const (
	maxRecord = 254
	maxAFL    = 252
	// lastPayment is the last file whose records are signed without their template (10.3).
	lastPayment = 10
)

// files encodes the records and the locator that names them.
func (m *maker) files() error {
	for i, r := range m.p.Records {
		raw, err := m.record(i, r)
		if err != nil {
			return err
		}
		m.app.Records = append(m.app.Records, raw)
	}
	m.app.AFL = locator(m.p.Records)
	if len(m.app.AFL) > maxAFL {
		return m.wrong("records", "the AFL takes %d bytes, %d at most", len(m.app.AFL), maxAFL)
	}
	if !m.app.FastDDA {
		return nil
	}
	if n := m.fastLen(); n > maxFCI {
		return m.wrong("card_key", "fdda's answer takes %d bytes, %d at most: take a shorter key", n,
			maxFCI)
	}
	return nil
}

// fastLen is how long the answer to GET PROCESSING OPTIONS is with cryptogram and signature.
func (m *maker) fastLen() int {
	const (
		related = 7  // 9F69: version, number of 4 bytes, qualifiers
		issuer  = 32 // 9F10 at most (EMV 4.3 Book 3, annex A)
	)
	var body []byte
	for _, o := range []struct {
		tag tlv.Tag
		n   int
	}{
		{emv.TagAIP, 2},
		{emv.TagAFL, len(m.app.AFL)},
		{emv.TagATC, 2},
		{emv.TagCryptogram, 8},
		{emv.TagCID, 1},
		{emv.TagIAD, issuer},
		{0x9F69, related},
		{emv.TagDynamicSignature, int(m.p.CardKey.Bits / 8)},
	} {
		body = tlv.Append(body, o.tag, make([]byte, o.n))
	}
	return len(tlv.Append(nil, emv.TagFormat2, body))
}

// record encodes one record, in template 70.
func (m *maker) record(i int, r profile.Record) (image.Record, error) {
	var body []byte
	for _, tag := range r.Tags {
		if value := m.values[tag]; len(value) > 0 || !remainder(tag) {
			body = tlv.Append(body, tlv.Tag(tag), value)
		}
	}
	raw := tlv.Append(nil, emv.TagRecord, body)
	if len(raw) > maxRecord {
		return image.Record{}, m.wrong(fmt.Sprintf("records[%d]", i),
			"%d bytes, %d at most: move some tags to another record", len(raw), maxRecord)
	}
	return image.Record{SFI: r.SFI, Number: r.Number, Data: raw}, nil
}

// remainder says whether a tag is left out when it has nothing to hold: the part of a key that
// didn't fit its certificate.
func remainder(tag profile.Tag) bool { return tag == 0x92 || tag == 0x9F48 || tag == 0x9F2F }

// static returns what is signed: the records that the AFL marks, in its order, then the AIP where
// 9F4A says so (Book 3, 10.3).
func (m *maker) static() ([]byte, error) {
	var out []byte
	for i, r := range m.p.Records {
		if !r.Signed {
			continue
		}
		raw, err := m.record(i, r)
		if err != nil {
			return nil, err
		}
		signed := raw.Data
		if r.SFI <= lastPayment {
			if signed, err = tlv.Find(raw.Data, emv.TagRecord); err != nil {
				return nil, err
			}
		}
		out = append(out, signed...)
	}
	if m.p.SignedAIP {
		out = append(out, m.app.AIP[:]...)
	}
	return out, nil
}

// locator returns the AFL of records in their order: an entry for each run of a file's records one
// after the other, of which the first ones are signed (Book 3, 10.2).
func locator(records []profile.Record) []byte {
	const entry = 4
	var afl []byte
	for i, r := range records {
		last := len(afl) - entry
		follows := i > 0 && r.SFI == records[i-1].SFI && int(r.Number) == int(records[i-1].Number)+1 &&
			(!r.Signed || records[i-1].Signed)
		if !follows {
			afl = append(afl, r.SFI<<3, r.Number, r.Number, 0)
			last = len(afl) - entry
		}
		afl[last+2] = r.Number
		if r.Signed {
			afl[last+3]++
		}
	}
	return afl
}
