package general

import (
	"tapbench/applet/emv"
	"tapbench/pcsc/apdu"
)

// Walk is the record walk alone, over answers that are there already.
type Walk struct{ t transaction }

// Records reads the records of a file, as readRecords does with those that a card answers.
func (w *Walk) Records(f emv.File, records [][]byte) error {
	w.t.objects.count, w.t.objects.records = 0, 0
	w.t.auth.static.count = 0
	w.t.objects.set(emv.TagAIP, w.t.out.AIP[:])
	w.t.objects.records = w.t.objects.count
	for i, record := range records {
		if err := w.t.takeRecord(f, f.First+byte(i), record); err != nil {
			return err
		}
	}
	return nil
}

// Count returns how many objects were kept.
func (w *Walk) Count() int { return w.t.objects.count }

// ReadScript takes a script apart.
func ReadScript(body []byte) ([4]byte, []apdu.Command, error) { return readScript(body) }
