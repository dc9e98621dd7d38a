package conformance

import (
	"fmt"
	"reflect"
	"strings"
)

// difference says where two values of one type differ, one place to a line, or "" where they don't.
// Structs are compared field by field, lists element by element, bytes as a whole.
func difference(want, got any) string {
	var d differing
	d.compare("", reflect.ValueOf(want), reflect.ValueOf(got))
	return d.text.String()
}

// differing collects differences.
type differing struct{ text strings.Builder }

func (d *differing) compare(place string, want, got reflect.Value) {
	switch kind := want.Kind(); {
	case kind != got.Kind():
		d.note(place, want, got)
	case kind == reflect.Struct:
		for i := range want.NumField() {
			d.compare(place+"."+want.Type().Field(i).Name, want.Field(i), got.Field(i))
		}
	case isList(want) && want.Len() == got.Len():
		for i := range want.Len() {
			d.compare(fmt.Sprintf("%s[%d]", place, i), want.Index(i), got.Index(i))
		}
	default:
		d.note(place, want, got)
	}
}

// isList reports a list of anything but bytes.
func isList(v reflect.Value) bool {
	return (v.Kind() == reflect.Slice || v.Kind() == reflect.Array) &&
		v.Type().Elem().Kind() != reflect.Uint8
}

func (d *differing) note(place string, want, got reflect.Value) {
	if w, g := printed(want), printed(got); w != g {
		_, _ = fmt.Fprintf(&d.text, "%s: got %s, want %s\n", strings.TrimPrefix(place, "."), g, w)
	}
}

// printed writes bytes as hexadecimal digits, all else as Go does.
func printed(v reflect.Value) string {
	if kind := v.Kind(); (kind == reflect.Slice || kind == reflect.Array) && !isList(v) {
		return fmt.Sprintf("%x", v)
	}
	return fmt.Sprintf("%+v", v)
}
