package show_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/show"
)

// TestEveryFieldIsDocumented looks for each field of the JSON form in the documentation.
func TestEveryFieldIsDocumented(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "trace-show.md"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range fields(reflect.TypeFor[show.Item](), map[reflect.Type]bool{}) {
		if !strings.Contains(string(page), "`"+name+"`") {
			t.Errorf("docs/trace-show.md doesn't name the field %s", name)
		}
	}
}

// fields returns the names that JSON gives to the fields of a type and of those in it.
func fields(in reflect.Type, seen map[reflect.Type]bool) []string {
	for in.Kind() == reflect.Pointer || in.Kind() == reflect.Slice {
		in = in.Elem()
	}
	if in.Kind() != reflect.Struct || seen[in] {
		return nil
	}
	seen[in] = true
	var names []string
	for i := range in.NumField() {
		f := in.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if !f.Anonymous {
			names = append(names, name)
		}
		names = append(names, fields(f.Type, seen)...)
	}
	return names
}
