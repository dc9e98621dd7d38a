package cardreport_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/cardreport"
)

// TestPageNamesEveryMember: docs/card-report.md says what each member is.
func TestPageNamesEveryMember(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "..", "docs", "card-report.md"))
	if err != nil {
		t.Fatal(err)
	}
	names := members(reflect.TypeFor[cardreport.Report]())
	if len(names) < 25 {
		t.Errorf("%d members: %v", len(names), names)
	}
	for _, name := range names {
		if text := string(page); !strings.Contains(text, "`"+name+"`") &&
			!strings.Contains(text, "`card."+name+"`") && name != "card" {
			t.Errorf("docs/card-report.md doesn't name %s", name)
		}
	}
}

// members returns the names of all members of a struct, those of its members too.
func members(of reflect.Type) []string {
	var names []string
	for i := range of.NumField() {
		field := of.Field(i)
		names = append(names, field.Tag.Get("json"))
		inner := field.Type
		if inner.Kind() == reflect.Slice {
			inner = inner.Elem()
		}
		if inner.Kind() == reflect.Struct {
			names = append(names, members(inner)...)
		}
	}
	return names
}
