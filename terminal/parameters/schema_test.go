package parameters

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// schema is as much of a JSON Schema as says which members there are.
type schema struct {
	Properties map[string]schema `json:"properties"`
	Items      *schema           `json:"items"`
	Enum       []any             `json:"enum"`
	Const      string            `json:"const"`
	Additional *bool             `json:"additionalProperties"`
}

// members returns the paths of a schema's members.
func (s schema) members(t *testing.T, at string) []string {
	t.Helper()
	if s.Items != nil {
		return s.Items.members(t, at)
	}
	if s.Properties != nil && (s.Additional == nil || *s.Additional) {
		t.Errorf("%s: the schema allows members that the program refuses", at)
	}
	var paths []string
	for name, below := range s.Properties {
		paths = append(paths, at+"/"+name)
		paths = append(paths, below.members(t, at+"/"+name)...)
	}
	slices.Sort(paths)
	return paths
}

// membersOf returns the paths of a type's members.
func membersOf(of reflect.Type, at string) []string {
	for of.Kind() == reflect.Pointer || of.Kind() == reflect.Slice {
		of = of.Elem()
	}
	var paths []string
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		paths = append(paths, at+"/"+name)
		kind := f.Type
		for kind.Kind() == reflect.Pointer || kind.Kind() == reflect.Slice {
			kind = kind.Elem()
		}
		if kind.Kind() == reflect.Struct {
			paths = append(paths, membersOf(kind, at+"/"+name)...)
		}
	}
	slices.Sort(paths)
	return paths
}

// TestSchema holds docs/emv-terminal.schema.json to what is read.
func TestSchema(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "docs", "emv-terminal.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(membersOf(reflect.TypeFor[file](), ""), s.members(t, "")); diff != "" {
		t.Errorf("members of the program (-) and the schema (+):\n%s", diff)
	}
	if s.Properties["format"].Const != Format ||
		!slices.Equal(s.Properties["way"].Enum, anyOf(ways())) {
		t.Errorf("format %q, ways %q", s.Properties["format"].Const, s.Properties["way"].Enum)
	}
}

// anyOf are words as a schema has them.
func anyOf(words []string) (out []any) {
	for _, w := range words {
		out = append(out, w)
	}
	return out
}
