package acquirer

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/moov-io/iso8583"
	"github.com/moov-io/iso8583/encoding"
	moov "github.com/moov-io/iso8583/errors"
	"github.com/moov-io/iso8583/field"
	"github.com/moov-io/iso8583/prefix"
)

// ErrFormat means that bytes aren't a message as the package's layout has it: a field is malformed,
// missing, superfluous, or contradicts another. The text names the field and never its value.
var ErrFormat = errors.New("malformed ISO 8583 message")

// isoMessage is a message before its fields have a meaning. It may hold a PAN: it isn't printed.
type isoMessage struct {
	mti    string
	fields map[int]string // raw; field 55 is bytes
}

// String hides the fields.
func (m isoMessage) String() string { return fmt.Sprintf("message %s (hidden)", m.mti) }

// GoString hides the fields.
func (m isoMessage) GoString() string { return m.String() }

// spec returns the field table for the library.
func spec() *iso8583.MessageSpec {
	fields := map[int]field.Field{
		0: field.NewString(&field.Spec{
			Length: mtiLen, Enc: encoding.ASCII, Pref: prefix.ASCII.Fixed,
		}),
		1: field.NewBitmap(&field.Spec{
			Length: 8, Enc: encoding.Binary, Pref: prefix.Binary.Fixed,
		}),
	}
	for _, row := range fieldTable() {
		fields[row.id] = row.libraryField()
	}
	return &iso8583.MessageSpec{Name: "tapbench", Fields: fields}
}

// libraryField returns the row as the library wants it.
func (r fieldRow) libraryField() field.Field {
	s := &field.Spec{Length: r.length, Enc: encoding.ASCII, Pref: prefix.ASCII.Fixed}
	switch r.prefix {
	case 2:
		s.Pref = prefix.ASCII.LL
	case 3:
		s.Pref = prefix.ASCII.LLL
	}
	if r.kind == kindBinary {
		s.Enc = encoding.Binary
		return field.NewBinary(s)
	}
	return field.NewString(s)
}

// pack returns the message's bytes, without the two of length.
func (m isoMessage) pack() ([]byte, error) {
	out := iso8583.NewMessage(spec())
	out.MTI(m.mti)
	for id, value := range m.fields {
		if err := out.BinaryField(id, []byte(value)); err != nil {
			return nil, fmt.Errorf("%w: field %d", ErrFormat, id)
		}
	}
	raw, err := out.Pack()
	if err != nil {
		return nil, fmt.Errorf("%w: packing: a field has another length than it must", ErrFormat)
	}
	return raw, nil
}

// unpack reads a message. The library reads lengths such as "+07" and leaves bytes behind the last
// field alone, so what it has read is packed again and must give the same bytes.
func unpack(raw []byte) (isoMessage, error) {
	in := iso8583.NewMessage(spec())
	if err := in.Unpack(raw); err != nil {
		// The cause may quote the message's bytes, so it ends here.
		return isoMessage{}, fmt.Errorf("%w: field %s", ErrFormat, failedField(err))
	}
	m := isoMessage{fields: make(map[int]string)}
	for id, f := range in.GetFields() {
		value, err := f.Bytes()
		switch {
		case err != nil:
			return isoMessage{}, fmt.Errorf("%w: field %d", ErrFormat, id)
		case id == 0:
			m.mti = string(value)
		case id > 1:
			m.fields[id] = string(value)
		}
	}
	again, err := m.pack()
	if err != nil {
		return isoMessage{}, err
	}
	if !bytes.Equal(again, raw) {
		return isoMessage{}, fmt.Errorf("%w: not in its canonical form", ErrFormat)
	}
	return m, nil
}

func failedField(err error) string {
	unpacking := new(moov.UnpackError)
	if errors.As(err, &unpacking) {
		return unpacking.FieldID
	}
	return "unknown"
}
