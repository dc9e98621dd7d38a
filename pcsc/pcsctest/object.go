package pcsctest

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"tapbench/pcsc/tlv"
)

// object returns an act that changes a data object.
func (a *arguments) object(name string) (edit, bool) {
	switch name {
	case "set":
		path, value := a.path(), a.optionalDigits()
		return onObject(path, func(e tlv.Element) []byte { return tlv.Append(nil, e.Tag, value) }), true
	case "drop":
		return onObject(a.path(), func(tlv.Element) []byte { return nil }), true
	case "repeat":
		return onObject(a.path(), func(e tlv.Element) []byte {
			return tlv.Append(tlv.Append(nil, e.Tag, e.Value), e.Tag, e.Value)
		}), true
	case "rename":
		path, tag := a.path(), a.tag(a.next())
		return onObject(path, func(e tlv.Element) []byte { return tlv.Append(nil, tag, e.Value) }), true
	case "length":
		path, n := a.path(), a.number(255)
		return onObject(path, func(e tlv.Element) []byte { return lying(e, n) }), true
	case "add":
		tag, value := a.tag(a.next()), a.optionalDigits()
		return onData(func(data []byte) ([]byte, bool) { return added(data, tag, value) }), true
	default:
		return nil, false
	}
}

// xor returns an act that changes bytes of the data, or of an object's value.
func (a *arguments) xor() edit {
	where, at, _ := strings.Cut(a.next(), "@")
	offset, err := number(at, 65536)
	if err != nil {
		a.fail(err)
	}
	mask := a.digits()
	if where == "" {
		return onData(func(data []byte) ([]byte, bool) { return data, mix(data, offset, mask) })
	}
	path := a.tags(where)
	return onData(func(data []byte) ([]byte, bool) {
		mixed := false
		changed, found := replace(data, path, func(e tlv.Element) []byte {
			mixed = mix(e.Value, offset, mask)
			return tlv.Append(nil, e.Tag, e.Value)
		})
		return changed, found && mixed
	})
}

func mix(b []byte, offset int, mask []byte) bool {
	if offset+len(mask) > len(b) {
		return false
	}
	for i, m := range mask {
		b[offset+i] ^= m
	}
	return true
}

func (a *arguments) path() []tlv.Tag { return a.tags(a.next()) }

func (a *arguments) tags(text string) []tlv.Tag {
	var path []tlv.Tag
	for tag := range strings.SplitSeq(text, "/") {
		path = append(path, a.tag(tag))
	}
	return path
}

func (a *arguments) tag(text string) tlv.Tag {
	b, err := digits(text)
	if err == nil && (len(b) < 1 || len(b) > 4) {
		err = fmt.Errorf("%q is no tag", text)
	}
	if err != nil {
		a.fail(err)
		return 0
	}
	var tag tlv.Tag
	for _, v := range b {
		tag = tag<<8 | tlv.Tag(v)
	}
	if !tag.Valid() {
		a.fail(fmt.Errorf("%q is no tag", text))
	}
	return tag
}

// onObject makes an edit of what is written in the place of an object.
func onObject(path []tlv.Tag, write func(tlv.Element) []byte) edit {
	return onData(func(data []byte) ([]byte, bool) { return replace(data, path, write) })
}

// replace writes something else in the place of the first object of the path, and the lengths
// around it anew.
func replace(data []byte, path []tlv.Tag, write func(tlv.Element) []byte) ([]byte, bool) {
	r := tlv.NewReader(data)
	for {
		begin := len(data) - r.Left()
		e, err := r.Next()
		if err != nil { // the end, or what can't be read
			return data, false
		}
		end := len(data) - r.Left()
		within := path
		var changed []byte
		found := false
		if e.Tag == path[0] {
			within = path[1:]
		}
		switch {
		case len(within) == 0:
			changed, found = write(e), true
		case e.Tag.Constructed():
			var value []byte
			value, found = replace(e.Value, within, write)
			changed = tlv.Append(nil, e.Tag, value)
		}
		if found {
			whole := append([]byte(nil), data[:begin]...)
			return append(append(whole, changed...), data[end:]...), true
		}
	}
}

// lying writes an object whose length field says n.
func lying(e tlv.Element, n int) []byte {
	b := e.Tag.AppendTo(nil)
	if n > 127 {
		b = append(b, 0x81)
	}
	return append(append(b, byte(n&0xFF)), e.Value...)
}

// added puts an object at the end of the first template, or behind the data if there is none.
func added(data []byte, tag tlv.Tag, value []byte) ([]byte, bool) {
	r := tlv.NewReader(data)
	e, err := r.Next()
	switch {
	case errors.Is(err, io.EOF), err == nil && !e.Tag.Constructed():
		return tlv.Append(data, tag, value), true
	case err != nil:
		return data, false
	}
	rest := data[len(data)-r.Left():]
	changed := tlv.Append(nil, e.Tag, e.Value, tlv.Append(nil, tag, value))
	return append(changed, rest...), true
}
