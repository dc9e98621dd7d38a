package general

import (
	"errors"
	"io"

	"tapbench/pcsc/tlv"
)

// maxObjects is how many data objects of one card are kept.
const maxObjects = 128

// What can be wrong with a card's data objects.
var (
	errRepeated = errors.New("data object is there twice")
	errTooMany  = errors.New("more data objects than this terminal keeps (128)")
)

// objects is what a card has said, in the order of its arrival. Values alias its answers. It
// allocates nothing.
type objects struct {
	list  [maxObjects]tlv.Element
	count int
	// records is where those of the records begin: of what came before, a record may say it again.
	records int
}

// find returns an object that isn't empty: one of length 0 counts as none.
func (o *objects) find(tag tlv.Tag) ([]byte, bool) {
	for i := o.count - 1; i >= 0; i-- {
		if o.list[i].Tag == tag && len(o.list[i].Value) > 0 {
			return o.list[i].Value, true
		}
	}
	return nil, false
}

// add takes the objects of one level into the list.
func (o *objects) add(b []byte) (tlv.Tag, error) {
	r := tlv.NewReader(b)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err == nil {
			err = o.put(e)
		}
		if err != nil {
			return e.Tag, err
		}
	}
}

// put takes one object into the list. What a record repeats is refused (EMV 4.3 Book 3, 10.2).
func (o *objects) put(e tlv.Element) error {
	if e.Tag.Constructed() {
		if err := tlv.Check(e.Value); err != nil {
			return err
		}
	}
	for i := o.records; i < o.count && o.records > 0; i++ {
		if o.list[i].Tag == e.Tag && !e.Tag.Constructed() {
			return errRepeated
		}
	}
	if o.count == maxObjects {
		return errTooMany
	}
	o.list[o.count] = e
	o.count++
	return nil
}

// set puts an object in the place of the one before.
func (o *objects) set(tag tlv.Tag, value []byte) {
	for i := range o.count {
		if o.list[i].Tag == tag {
			o.list[i].Value = value
			return
		}
	}
	if o.count < maxObjects {
		o.list[o.count] = tlv.Element{Tag: tag, Value: value}
		o.count++
	}
}
