package general

import (
	"context"
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

// static is the data that a card's offline authentication covers: parts of its answers, so that
// nothing is copied before it is needed.
type static struct {
	parts [maxRecords][]byte
	count int
	// spoilt says that a record that it covers isn't a template 70 (10.3).
	spoilt bool
}

// readRecords reads all records of the file locator, in its order (EMV 4.3 Book 3, 10.2), and then
// what every transaction needs of them.
func (t *transaction) readRecords(ctx context.Context) error {
	files, err := t.locate()
	if err != nil {
		return err
	}
	t.objects.records = t.objects.count
	for _, f := range files {
		for n := int(f.First); n <= int(f.Last); n++ {
			c := readRecord(f.SFI, byte(n))
			record, err := t.must(ctx, clause.Records, "READ RECORD", c)
			if err != nil {
				return err
			}
			if err := t.takeRecord(f, byte(n), record); err != nil {
				return err
			}
		}
	}
	return t.takeData()
}

// locate reads the file locator.
func (t *transaction) locate() ([]emv.File, error) {
	if t.fast != nil && len(t.out.AFL) == 0 {
		return nil, nil
	}
	files, err := emv.ParseAFL(t.out.AFL)
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

// takeRecord keeps what a record holds. It allocates nothing.
func (t *transaction) takeRecord(f emv.File, n byte, record []byte) error {
	covered := int(n)-int(f.First) < int(f.Signed)
	if f.SFI > lastPublicFile {
		if covered {
			t.auth.static.cover(record)
			t.auth.static.spoilt = t.auth.static.spoilt || !isRecord(record)
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
	if tag, err := t.objects.add(body); err != nil {
		return outcome.Terminated(clause.Records, fmt.Sprintf("record %d of file %d: %s", n, f.SFI,
			emv.Describe(tag)), err)
	}
	if covered {
		t.auth.static.cover(body)
	}
	return nil
}

func (s *static) cover(part []byte) {
	s.parts[s.count] = part // there are as many places as records
	s.count++
}

// isRecord says whether bytes are one template 70.
func isRecord(b []byte) bool {
	r := tlv.NewReader(b)
	e, err := r.Next()
	return err == nil && e.Tag == emv.TagRecord && r.Left() == 0
}
