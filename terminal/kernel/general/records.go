package general

import (
	"context"

	"tapbench/applet/emv"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general/carddata"
)

// readRecords reads all records of the file locator, in its order (EMV 4.3 Book 3, 10.2), and then
// what every transaction needs of them.
func (t *transaction) readRecords(ctx context.Context) error {
	files, err := t.locate()
	if err != nil {
		return err
	}
	for _, f := range files {
		for n := int(f.First); n <= int(f.Last); n++ {
			c := entry.ReadRecord(f.SFI, byte(n))
			record, err := t.must(ctx, clause.Records, "READ RECORD", c)
			if err != nil {
				return err
			}
			if err := t.objects.TakeRecord(f, byte(n), record); err != nil {
				return err
			}
		}
	}
	t.data, err = carddata.Read(&t.objects, t.flow())
	t.out.PAN, t.out.Sequence = t.data.Number, t.data.Sequence
	return err
}

// locate reads the file locator; a fast card may have none.
func (t *transaction) locate() ([]emv.File, error) {
	if t.fast != nil && len(t.out.AFL) == 0 {
		return nil, nil
	}
	return carddata.Files(t.out.AFL)
}

// flow says what this transaction needs of the card.
func (t *transaction) flow() carddata.Flow {
	switch {
	case t.fast != nil:
		return carddata.Fast
	case t.contactless():
		return carddata.Single
	default:
		return carddata.Full
	}
}
