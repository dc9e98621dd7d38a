package emv

import (
	"fmt"

	"tapbench/applet/wire"
	"tapbench/pcsc/tlv"
)

// Label is the application label of tapbench's cards, tag 50.
const Label = "TAPBENCH"

// Priority is the application priority indicator of tapbench's cards, tag 87: the highest.
const Priority = 1

// FCI is what SELECT answers for a payment application (EMV 4.3 Book 1, 11.3.4).
type FCI struct {
	Name     []byte // DF name: the application ID, 5 to 16 bytes
	Label    string // at most 16 bytes
	Priority byte
	PDOL     []byte // nil: none
}

// PaymentFCI returns the FCI of tapbench's payment application, the same for all cards.
func PaymentFCI() FCI {
	return FCI{Name: []byte(wire.AIDPayment), Label: Label, Priority: Priority, PDOL: PDOL()}
}

// Encode returns 6F { 84, A5 { 50, 87, 9F38 } }.
func (f FCI) Encode() []byte {
	own := tlv.Append(nil, TagLabel, []byte(f.Label))
	own = tlv.Append(own, TagPriority, []byte{f.Priority})
	if f.PDOL != nil {
		own = tlv.Append(own, TagPDOL, f.PDOL)
	}
	return EncodeFCI(f.Name, own)
}

// EncodeFCI returns 6F { 84, A5 } of a name and the objects of its proprietary template.
func EncodeFCI(name, proprietary []byte) []byte {
	body := tlv.Append(nil, TagDFName, name)
	return tlv.Append(nil, TagFCI, tlv.Append(body, TagFCIProprietary, proprietary))
}

// ParseFCI reads the answer to SELECT. Label, priority and PDOL may be missing. Slices alias b. The
// errors wrap [ErrData] or tlv.ErrMalformed.
func ParseFCI(b []byte) (FCI, error) {
	name, own, err := splitFCI(b)
	if err != nil {
		return FCI{}, err
	}
	f := FCI{Name: name}
	if f.Label, err = parseLabel(own); err != nil {
		return FCI{}, err
	}
	if f.Priority, err = parsePriority(own); err != nil {
		return FCI{}, err
	}
	if own.Has(TagPDOL) {
		f.PDOL, err = own.Find(TagPDOL)
	}
	return f, err
}

// splitFCI returns the DF name and the objects of the proprietary template.
func splitFCI(b []byte) ([]byte, ObjectList, error) {
	body, err := within(b, TagFCI)
	if err != nil {
		return nil, ObjectList{}, err
	}
	objects, err := Objects(body)
	if err != nil {
		return nil, ObjectList{}, err
	}
	name, err := objects.Find(TagDFName)
	if err != nil {
		return nil, ObjectList{}, err
	}
	if !isAID(name) {
		return nil, ObjectList{}, wrongLength(TagDFName, name)
	}
	raw, err := objects.Find(TagFCIProprietary)
	if err != nil {
		return nil, ObjectList{}, err
	}
	own, err := Objects(raw)
	return name, own, err
}

// Candidate is one application that a card offers in its PPSE.
type Candidate struct {
	AID      []byte // ADF name, 5 to 16 bytes
	Label    string // at most 16 bytes
	Priority byte   // 1 is the highest, 15 the lowest, 0: none was given
}

// String names the application by AID and label.
func (c Candidate) String() string { return fmt.Sprintf("%X %q", c.AID, c.Label) }

// PPSE returns the answer to the selection of the Proximity Payment System Environment (EMV
// Contactless Book B 2.6, 3.3.1): 6F { 84, A5 { BF0C { 61 { 4F, 50, 87 } … } } }.
func PPSE(candidates ...Candidate) []byte {
	var entries []byte
	for _, c := range candidates {
		entry := tlv.Append(nil, TagADFName, c.AID)
		entry = tlv.Append(entry, TagLabel, []byte(c.Label))
		entry = tlv.Append(entry, TagPriority, []byte{c.Priority})
		entries = tlv.Append(entries, TagApplicationTemplate, entry)
	}
	return EncodeFCI([]byte(wire.AIDPPSE), tlv.Append(nil, TagFCIDiscretionary, entries))
}

// PaymentPPSE returns the PPSE of tapbench's cards, the same for all: it names the payment
// application.
func PaymentPPSE() []byte {
	return PPSE(Candidate{AID: []byte(wire.AIDPayment), Label: Label, Priority: Priority})
}

// MaxCandidates is how many applications a PPSE may name.
const MaxCandidates = 16

// ParsePPSE reads the applications that a card offers, in its order. AIDs alias b. An entry without
// ADF name, or more than [MaxCandidates], is [ErrData].
func ParsePPSE(b []byte) ([]Candidate, error) {
	name, own, err := splitFCI(b)
	if err != nil {
		return nil, err
	}
	if string(name) != string(wire.AIDPPSE) {
		return nil, fmt.Errorf("%w: %s isn't the PPSE's", ErrData, Describe(TagDFName))
	}
	directory, err := own.Find(TagFCIDiscretionary)
	if err != nil {
		return nil, err
	}
	var candidates []Candidate
	err = Directory(directory, func(entry []byte) error {
		if len(candidates) == MaxCandidates {
			return fmt.Errorf("%w: more than %d applications", ErrData, MaxCandidates)
		}
		c, err := parseCandidate(entry)
		candidates = append(candidates, c)
		return err
	})
	if err != nil {
		return nil, err
	}
	return candidates, nil
}

// Directory calls found with each entry of a directory, the value of an application template (61).
// Other objects beside them are passed over. An error is found's, or says that the directory isn't
// well-formed; then found wasn't called.
func Directory(directory []byte, found func(entry []byte) error) error {
	if err := tlv.Check(directory); err != nil {
		return err
	}
	r := tlv.NewReader(directory)
	for {
		e, err := r.Next()
		if err != nil { // io.EOF: the directory was checked
			return nil //nolint:nilerr // the end
		}
		if e.Tag != TagApplicationTemplate {
			continue
		}
		if err := found(e.Value); err != nil {
			return err
		}
	}
}

func parseCandidate(b []byte) (Candidate, error) {
	objects, err := Objects(b)
	if err != nil {
		return Candidate{}, err
	}
	c := Candidate{}
	if c.AID, err = objects.Find(TagADFName); err != nil {
		return Candidate{}, err
	}
	if !isAID(c.AID) {
		return Candidate{}, wrongLength(TagADFName, c.AID)
	}
	if c.Label, err = parseLabel(objects); err != nil {
		return Candidate{}, err
	}
	c.Priority, err = parsePriority(objects)
	return c, err
}

// parseLabel returns the label, if there is one.
func parseLabel(objects ObjectList) (string, error) {
	if !objects.Has(TagLabel) {
		return "", nil
	}
	label, err := objects.Find(TagLabel)
	if err != nil {
		return "", err
	}
	if len(label) > 16 {
		return "", wrongLength(TagLabel, label)
	}
	return string(label), nil
}

// parsePriority returns bits 4 to 1 of the priority indicator (EMV 4.3 Book 1, 12.2.3), or 0.
func parsePriority(objects ObjectList) (byte, error) {
	if !objects.Has(TagPriority) {
		return 0, nil
	}
	priority, err := objects.Get(TagPriority, 1)
	if err != nil {
		return 0, err
	}
	return priority[0] & 0x0F, nil
}

func isAID(b []byte) bool { return len(b) >= 5 && len(b) <= 16 }
