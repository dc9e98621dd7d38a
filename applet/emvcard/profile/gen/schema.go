package main

import (
	"bytes"
	"encoding/json"
	"fmt"

	"tapbench/applet/emvcard/profile"
)

// schema is a JSON Schema (draft 2020-12), as much as profiles need.
type schema struct {
	Dialect     string     `json:"$schema,omitempty"`
	Title       string     `json:"title,omitempty"`
	Description string     `json:"description,omitempty"`
	Type        string     `json:"type,omitempty"`
	Enum        []string   `json:"enum,omitempty"`
	Pattern     string     `json:"pattern,omitempty"`
	Minimum     *uint64    `json:"minimum,omitempty"`
	Maximum     *uint64    `json:"maximum,omitempty"`
	MinItems    *uint64    `json:"minItems,omitempty"`
	MaxItems    *uint64    `json:"maxItems,omitempty"`
	Items       *schema    `json:"items,omitempty"`
	Additional  *bool      `json:"additionalProperties,omitempty"`
	Required    []string   `json:"required,omitempty"`
	Properties  properties `json:"properties,omitempty"`
}

// property is a field with its name.
type property struct {
	name  string
	value schema
}

// properties keep the fields' order, which a map wouldn't.
type properties []property

// MarshalJSON writes an object.
func (p properties) MarshalJSON() ([]byte, error) {
	out := []byte("{")
	for i, one := range p {
		value, err := json.Marshal(one.value)
		if err != nil {
			return nil, err
		}
		if i > 0 {
			out = append(out, ',')
		}
		out = fmt.Appendf(out, "%q:%s", one.name, value)
	}
	return append(out, '}'), nil
}

// schemaText returns the schema of a whole profile.
func schemaText(s profile.Shape, c comments) (string, error) {
	whole := schemaOf(s, c)
	whole.Dialect = "https://json-schema.org/draft/2020-12/schema"
	whole.Title = profile.Format + ": what a card is to be"
	raw, err := json.Marshal(whole)
	if err != nil {
		return "", fmt.Errorf("writing the schema: %w", err)
	}
	var out bytes.Buffer
	if err := json.Indent(&out, raw, "", "  "); err != nil {
		return "", fmt.Errorf("writing the schema: %w", err)
	}
	return out.String() + "\n", nil
}

// schemaOf returns a shape's schema.
func schemaOf(s profile.Shape, c comments) schema {
	low, high := s.Min, s.Max
	switch s.Kind {
	case "object":
		no := false
		out := schema{Type: "object", Additional: &no}
		for _, f := range s.Fields {
			one := schemaOf(f, c)
			one.Description = c.of(s.Type, f.Field)
			out.Properties = append(out.Properties, property{f.Name, one})
			if f.Required {
				out.Required = append(out.Required, f.Name)
			}
		}
		return out
	case "list":
		item := schemaOf(*s.Item, c)
		return schema{Type: "array", MinItems: &low, MaxItems: &high, Items: &item}
	case "flag":
		return schema{Type: "boolean"}
	case "number":
		return schema{Type: "integer", Minimum: &low, Maximum: &high}
	case "word":
		out := schema{Type: "string"}
		for _, w := range s.Words {
			out.Enum = append(out.Enum, w.Name)
		}
		return out
	default:
		return schema{Type: "string", Pattern: pattern(s)}
	}
}

// pattern returns what a text is like.
func pattern(s profile.Shape) string {
	times := fmt.Sprintf("{%d,%d}$", s.Min, s.Max)
	switch s.Kind {
	case "name":
		return "^[a-z0-9-]" + times
	case "language":
		return "^[a-z]" + times
	case "digits":
		return "^[0-9]" + times
	case "bytes":
		return "^([0-9A-Fa-f]{2})" + times
	case "tag":
		return "^([0-9A-Fa-f]{2}){1,4}$"
	case "entry":
		return "^([0-9A-Fa-f]{2}){1,4} [0-9A-Fa-f]{2}$"
	case "date":
		return "^20[0-4][0-9]-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
	default:
		return "^[ -~]" + times
	}
}
