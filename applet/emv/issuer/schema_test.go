package issuer

import (
	"encoding/json"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv/cryptogram"
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
func (s schema) members(t *testing.T, at string) (paths []string) {
	t.Helper()
	if s.Items != nil {
		return s.Items.members(t, at)
	}
	if s.Properties != nil && (s.Additional == nil || *s.Additional) {
		t.Errorf("%s: the schema allows members that the program refuses", at)
	}
	for name, below := range s.Properties {
		paths = append(append(paths, at+"/"+name), below.members(t, at+"/"+name)...)
	}
	return paths
}

// membersOf returns the paths of a type's members.
func membersOf(of reflect.Type, at string) (paths []string) {
	if of.Kind() == reflect.Slice || of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct {
		return nil
	}
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		paths = append(append(paths, at+"/"+name), membersOf(of.Field(i).Type, at+"/"+name)...)
	}
	return paths
}

// TestSchema holds docs/emv-issuer.schema.json to what is read.
func TestSchema(t *testing.T) {
	raw, err := os.ReadFile("../../../docs/emv-issuer.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var s schema
	if err := json.Unmarshal(raw, &s); err != nil {
		t.Fatal(err)
	}
	ours, theirs := membersOf(reflect.TypeFor[file](), ""), s.members(t, "")
	slices.Sort(ours)
	slices.Sort(theirs)
	if diff := cmp.Diff(ours, theirs); diff != "" {
		t.Errorf("members of the program (-) and the schema (+):\n%s", diff)
	}
	var schemes []any
	for _, k := range cryptogram.Schemes() {
		schemes = append(schemes, k.String())
	}
	if s.Properties["format"].Const != Format ||
		!slices.Equal(s.Properties["keys"].Items.Properties["scheme"].Enum, schemes) {
		t.Errorf("format %q, or other schemes than %q", s.Properties["format"].Const, schemes)
	}
}
