package profile

import (
	"encoding"
	"reflect"
	"strconv"
	"strings"
)

// Shape is what a field may hold. The reader, the schema and the documentation all stand on it.
type Shape struct {
	// Name is the field's own, "" for the whole and for items.
	Name string
	// Kind is "object", "list", "flag", or the kind of text or number: "word", "name", "language",
	// "text", "digits", "bytes", "number", "tag", "entry", "date".
	Kind string
	// Min and Max bound characters of text, digits, bytes, a number itself, or items of a list.
	Min, Max uint64
	// Words are those of a word's vocabulary.
	Words []Word
	// Required says that the field may not be left out.
	Required bool
	// Fields are an object's, in their order.
	Fields []Shape
	// Item is a list's.
	Item *Shape
	// Type and Field are the names in Go, where the descriptions stand.
	Type, Field string
	index       int
}

// ShapeOf returns the shape of a whole profile.
func ShapeOf() Shape { return shapeOf(reflect.TypeFor[Profile](), "") }

// shapeOf returns a type's shape; is are the words of the field's tag.
func shapeOf(t reflect.Type, is string) Shape {
	kind, detail, _ := strings.Cut(is, " ")
	switch {
	case t.Kind() == reflect.Pointer:
		return shapeOf(t.Elem(), is)
	case t == reflect.TypeFor[Tag]():
		return Shape{Kind: "tag"}
	case t == reflect.TypeFor[Entry]():
		return Shape{Kind: "entry"}
	case t == reflect.TypeFor[Date]():
		return Shape{Kind: "date"}
	case t.Kind() == reflect.Bool:
		return Shape{Kind: "flag"}
	case t.Kind() == reflect.Struct:
		return objectShape(t)
	case t.Kind() == reflect.Slice && t != reflect.TypeFor[Hex]():
		item := shapeOf(t.Elem(), is)
		return Shape{Kind: "list", Item: &item}
	case kind == "word":
		return Shape{Kind: kind, Words: Words(detail)}
	}
	s := Shape{Kind: kind}
	s.Min, s.Max = bounds(detail)
	return s
}

func objectShape(t reflect.Type) Shape {
	s := Shape{Kind: "object", Type: t.Name()}
	for i := range t.NumField() {
		f := t.Field(i)
		one := shapeOf(f.Type, f.Tag.Get("is"))
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		one.Name, one.Required = name, options == ""
		if one.Kind == "list" {
			one.Min, one.Max = bounds(f.Tag.Get("count"))
		}
		one.Field, one.index = f.Name, i
		s.Fields = append(s.Fields, one)
	}
	return s
}

// bounds reads "1-16".
func bounds(text string) (low, high uint64) {
	a, b, _ := strings.Cut(text, "-")
	low, _ = strconv.ParseUint(a, 10, 64) // a tag of ours, which a test reads
	high, _ = strconv.ParseUint(b, 10, 64)
	return low, high
}

// isText says whether a value is read from text by its own method.
func isText(v reflect.Value) (encoding.TextUnmarshaler, bool) {
	t, ok := v.Addr().Interface().(encoding.TextUnmarshaler)
	return t, ok
}

// span returns the bounds in words: "4 to 12", or "3".
func (s Shape) span() string {
	low := strconv.FormatUint(s.Min, 10)
	if s.Min == s.Max {
		return low
	}
	return low + " to " + strconv.FormatUint(s.Max, 10)
}
