package carddata

import (
	"bytes"
	"fmt"

	"tapbench/applet/emv"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
)

// maxRecords is how many records a file locator may name here in all: no book has a bound.
const maxRecords = 64

// lastPublicFile is the last SFI whose records are EMV's; those above are the payment system's or
// the issuer's own (EMV 4.3 Book 3, 7.1, 10.2).
const lastPublicFile = 10

// signed is the data that a card's offline authentication covers: parts of its answers, so that
// nothing is copied before it is needed.
type signed struct {
	parts [maxRecords][]byte
	count int
	// spoilt says that a record that it covers isn't a template 70 (10.3).
	spoilt bool
}

// Files reads an application file locator. More than 64 records, or what isn't a locator,
// terminates.
func Files(afl []byte) ([]emv.File, error) {
	files, err := emv.ParseAFL(afl)
	if err != nil {
		return nil, outcome.Terminated(clause.Erroneous, "application file locator is wrong", err)
	}
	records := 0
	for _, f := range files {
		records += int(f.Last) - int(f.First) + 1
	}
	if records > maxRecords {
		return nil, outcome.Terminatedf(clause.Records, "%d records, this terminal reads %d",
			records, maxRecords)
	}
	return files, nil
}

// TakeRecord keeps what a record of a file holds; none may say again what another one has said. It
// allocates nothing.
func (o *Objects) TakeRecord(f emv.File, n byte, record []byte) error {
	if !o.reading {
		o.reading, o.records = true, o.count
	}
	covered := int(n)-int(f.First) < int(f.Signed)
	if covered && o.signed.count == maxRecords {
		return outcome.Terminatedf(clause.Records, "more than %d signed records", maxRecords)
	}
	if f.SFI > lastPublicFile {
		if covered {
			o.signed.cover(record)
			o.signed.spoilt = o.signed.spoilt || !isRecord(record)
		}
		return nil // proprietary: what it holds isn't for this terminal
	}
	tag, body, err := emv.Template(record)
	if err == nil && tag != emv.TagRecord {
		err = fmt.Errorf("template %s, want 70", tag)
	}
	if err != nil {
		return outcome.Terminated(clause.Erroneous, fmt.Sprintf("record %d of file %d isn't one", n,
			f.SFI), err)
	}
	if tag, err := o.add(body, o.records, notOfRecords); err != nil {
		return outcome.Terminated(clause.Records, fmt.Sprintf("record %d of file %d: %s", n, f.SFI,
			emv.Describe(tag)), err)
	}
	if covered {
		o.signed.cover(body)
	}
	return nil
}

func (s *signed) cover(part []byte) {
	s.parts[s.count] = part
	s.count++
}

// Signed puts together what the records have of what the card's signatures cover; false: a record
// that is covered isn't a template 70, so that no signature can hold (EMV 4.3 Book 3, 10.3).
func (o *Objects) Signed() ([]byte, bool) {
	return bytes.Join(o.signed.parts[:o.signed.count], nil), !o.signed.spoilt
}

// isRecord says whether bytes are one template 70.
func isRecord(b []byte) bool {
	r := tlv.NewReader(b)
	e, err := r.Next()
	return err == nil && e.Tag == emv.TagRecord && r.Left() == 0
}
