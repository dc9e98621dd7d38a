package carddata

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

// Objects is what a card has said, in the order of its arrival. Values alias its answers. The zero
// value is a card that has said nothing.
type Objects struct {
	list  [maxObjects]tlv.Element
	count int
	// records is where those of the records begin: of what came before, a record may say it again.
	records int
	reading bool // the first record has come
	signed  signed
}

// All returns the objects, which are the list's own.
func (o *Objects) All() []tlv.Element { return o.list[:o.count] }

// Find returns an object that isn't empty: one of length 0 counts as none.
func (o *Objects) Find(tag tlv.Tag) ([]byte, bool) {
	for i := o.count - 1; i >= 0; i-- {
		if o.list[i].Tag == tag && len(o.list[i].Value) > 0 {
			return o.list[i].Value, true
		}
	}
	return nil, false
}

// TakeFCI takes the primitive objects of the answer to SELECT, which was checked: half of the
// places at most, so that some are left for records.
func (o *Objects) TakeFCI(fci []byte) {
	_ = tlv.Walk(fci, func(e tlv.Element, _ int) error {
		if !e.Tag.Constructed() && !notCards(e.Tag) && o.count < maxObjects/2 {
			o.Set(e.Tag, e.Value)
		}
		return nil
	})
}

// TakeOptions takes the objects of an answer of format 2 to GET PROCESSING OPTIONS, which mustn't
// repeat one. An error comes with the tag that it is about.
func (o *Objects) TakeOptions(body []byte) (tlv.Tag, error) {
	return o.add(body, o.count, notCards)
}

// TakeAnswer takes the objects of another answer, each in the place of the one before, as far as
// they can be read.
func (o *Objects) TakeAnswer(body []byte) {
	r := tlv.NewReader(body)
	for {
		e, err := r.Next()
		if err != nil {
			return
		}
		if !notCards(e.Tag) {
			o.Set(e.Tag, e.Value)
		}
	}
}

// Set puts an object in the place of the last one before.
func (o *Objects) Set(tag tlv.Tag, value []byte) {
	for i := o.count - 1; i >= 0; i-- {
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

// add takes the objects of one level into the list, except those that are ignored; none of the
// others may be there twice from a place on.
func (o *Objects) add(b []byte, from int, ignored func(tlv.Tag) bool) (tlv.Tag, error) {
	r := tlv.NewReader(b)
	for {
		e, err := r.Next()
		if errors.Is(err, io.EOF) {
			return 0, nil
		}
		if err == nil && !ignored(e.Tag) {
			err = o.put(e, from)
		}
		if err != nil {
			return e.Tag, err
		}
	}
}

// put takes one object into the list.
func (o *Objects) put(e tlv.Element, from int) error {
	if e.Tag.Constructed() {
		if err := tlv.Check(e.Value); err != nil {
			return err
		}
	}
	for _, other := range o.list[from:o.count] {
		if other.Tag == e.Tag && !e.Tag.Constructed() {
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
