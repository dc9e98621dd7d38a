package main

import (
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/derived"
	"tapbench/applet/emvcard/profile"
)

// TestGeneratedFresh makes the derived files anew and compares them with those that are there.
func TestGeneratedFresh(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "..")
	files, err := generate(root)
	if err != nil {
		t.Fatal(err)
	}
	stale, err := derived.Stale(root, files)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range stale {
		t.Errorf("%s is stale: run go generate ./applet/emvcard/profile", name)
	}
}

// TestDescribed proves that each field says what it is for.
func TestDescribed(t *testing.T) {
	t.Parallel()
	c, err := readComments("..")
	if err != nil {
		t.Fatal(err)
	}
	var walk func(s profile.Shape)
	walk = func(s profile.Shape) {
		for _, f := range s.Fields {
			if c.of(s.Type, f.Field) == "" {
				t.Errorf("%s.%s has no comment", s.Type, f.Field)
			}
			if f.Item != nil {
				walk(*f.Item)
			}
			walk(f)
		}
	}
	walk(profile.ShapeOf())
}

// TestSchema proves that schema and reader agree: on the built-in profiles, and on what they both
// refuse.
func TestSchema(t *testing.T) {
	t.Parallel()
	whole := schemaOf(profile.ShapeOf(), comments{})
	for _, name := range profile.Names() {
		raw, err := profile.Source(name)
		if err != nil {
			t.Fatal(err)
		}
		if problem := judge(t, whole, raw); problem != "" {
			t.Errorf("%s: %s", name, problem)
		}
	}
	raw, err := profile.Source("interop")
	if err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string][2]string{
		"unknown field":   {`"kind": "emv",`, `"kind": "emv", "colour": 1,`},
		"missing field":   {`"atr": "3B80800101",`, ``},
		"unknown word":    {`"T=1"`, `"T=15"`},
		"short AID":       {`"A0000000031010"`, `"A0000000"`},
		"number too high": {`"sfi": 1,`, `"sfi": 31,`},
		"number in text":  {`"sfi": 1,`, `"sfi": "1",`},
		"list too long":   {`"pse", "ppse"`, `"pse", "ppse", "pse"`},
		"entry":           {`"9F66 04"`, `"9F66"`},
		"day":             {`"2040-12-31"`, `"2040-13-31"`},
		"flag":            {`"signed": true`, `"signed": 1`},
		"control":         {`"TAPBENCH ONE"`, `"TAPBENCH\tONE"`},
	} {
		changed := []byte(strings.Replace(string(raw), change[0], change[1], 1))
		if string(changed) == string(raw) {
			t.Fatalf("%s: %q isn't in the profile", name, change[0])
		}
		_, err := profile.Parse(changed)
		if problem := judge(t, whole, changed); problem == "" || err == nil {
			t.Errorf("%s: schema %q, reader %v: both are to refuse it", name, problem, err)
		}
	}
}

func judge(t *testing.T, s schema, raw []byte) string {
	t.Helper()
	var value any
	if err := json.Unmarshal(raw, &value); err != nil {
		t.Fatal(err)
	}
	return s.refuses(value)
}

// refuses says what of a value a schema doesn't take, or nothing. It is made for these schemas.
func (s schema) refuses(value any) string {
	switch v := value.(type) {
	case map[string]any:
		return s.refusesObject(v)
	case []any:
		return s.refusesList(v)
	case string:
		matches := s.Pattern == "" || regexp.MustCompile(s.Pattern).MatchString(v)
		if s.Type != "string" || !matches || s.Enum != nil && !slices.Contains(s.Enum, v) {
			return "text " + v
		}
	case float64:
		if s.Type != "integer" || v < float64(*s.Minimum) || v > float64(*s.Maximum) {
			return "number"
		}
	case bool:
		if s.Type != "boolean" {
			return "flag"
		}
	}
	return ""
}

func (s schema) refusesList(v []any) string {
	if s.Type != "array" || uint64(len(v)) < *s.MinItems || uint64(len(v)) > *s.MaxItems {
		return "list"
	}
	for _, item := range v {
		if problem := s.Items.refuses(item); problem != "" {
			return problem
		}
	}
	return ""
}

func (s schema) refusesObject(v map[string]any) string {
	if s.Type != "object" {
		return "object"
	}
	for _, name := range s.Required {
		if _, there := v[name]; !there {
			return "missing " + name
		}
	}
	for name, value := range v {
		i := slices.IndexFunc(s.Properties, func(p property) bool { return p.name == name })
		if i < 0 {
			return "unknown " + name
		}
		if problem := s.Properties[i].value.refuses(value); problem != "" {
			return name + ": " + problem
		}
	}
	return ""
}
