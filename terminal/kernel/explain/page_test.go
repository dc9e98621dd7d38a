package explain_test

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/explain"
)

// TestPageNamesEverything: docs/emv-terminal.md has each member, phase, state and fact.
func TestPageNamesEverything(t *testing.T) {
	raw, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "emv-terminal.md"))
	if err != nil {
		t.Fatal(err)
	}
	page := string(raw)
	need := func(name string) {
		t.Helper()
		if !strings.Contains(page, "`"+name+"`") {
			t.Errorf("the page doesn't name `%s`", name)
		}
	}
	for _, of := range []reflect.Type{
		reflect.TypeFor[explain.Explanation](), reflect.TypeFor[explain.Phase](),
		reflect.TypeFor[explain.Fact](), reflect.TypeFor[explain.Bit](),
	} {
		for i := range of.NumField() {
			name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
			need(name)
		}
	}
	for _, s := range []explain.State{
		explain.Done, explain.Objected, explain.Skipped, explain.NotReached, explain.EndedHere,
	} {
		need(string(s))
	}
	for i, e := range []explain.Explanation{
		explain.Of(online(), nil), explain.Of(refused(), nil), explain.OfTap(explain.Tap{}, nil),
		explain.OfTap(explain.Tap{Offline: true}, nil),
		explain.OfTap(tapped(kernel.StepPPSE), nil),
	} {
		for _, p := range e.Phases {
			need(p.Name)
			for _, f := range p.Facts {
				if i < 2 && !strings.HasPrefix(f.Name, "rule ") && !strings.HasPrefix(f.Name, "script ") {
					need(f.Name)
				}
			}
		}
	}
}

// TestHalfATransactionIsExplained: whatever an outcome lacks, it is explained without a panic.
func TestHalfATransactionIsExplained(t *testing.T) {
	whole := reflect.ValueOf(online())
	for i := range whole.NumField() {
		o := online()
		reflect.ValueOf(&o).Elem().Field(i).SetZero()
		if text := render(t, explain.Of(o, nil)); !strings.Contains(text, "Outcome") &&
			!strings.Contains(text, "Not reached") {
			t.Errorf("without %s:\n%s", whole.Type().Field(i).Name, text)
		}
	}
	for n := range 8 {
		o := online()
		o.Selected.AID = o.Selected.AID[:n]
		_ = render(t, explain.Of(o, fmt.Errorf("a name of %d bytes", n)))
	}
}
