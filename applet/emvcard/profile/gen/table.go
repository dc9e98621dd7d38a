package main

import (
	"fmt"
	"strings"

	"tapbench/applet/derived"
	"tapbench/applet/emvcard/profile"
)

// fillTables puts the tables between the marks of the page.
func fillTables(page string, s profile.Shape, c comments) (string, error) {
	for _, t := range append(fieldTables("profile", s, c), wordTables()...) {
		var err error
		if page, err = derived.Fill(page, t.name, "\n"+t.text+"\n"); err != nil {
			return "", fmt.Errorf("%s: %w", pageFile, err)
		}
	}
	return page, nil
}

// table is one of the page's.
type table struct{ name, text string }

// fieldTables returns an object's table and those of the objects in it, each kind once.
func fieldTables(name string, s profile.Shape, c comments) []table {
	text := "| field | takes | |\n|---|---|---|\n"
	var below []table
	for _, f := range s.Fields {
		own := f
		if f.Kind == "list" {
			own = *f.Item
		}
		if own.Kind == "object" {
			below = append(below, fieldTables(objectName(own), own, c)...)
		}
		label := "`" + f.Name + "`"
		if f.Required {
			label = "**" + label + "**"
		}
		text += fmt.Sprintf("| %s | %s | %s |\n", label, takes(f), upperFirst(c.of(s.Type, f.Field)))
	}
	tables := []table{{name, text}}
	for _, t := range below {
		known := false
		for _, other := range tables {
			known = known || other.name == t.name
		}
		if !known {
			tables = append(tables, t)
		}
	}
	return tables
}

// objectName is what a table of an object is called.
func objectName(s profile.Shape) string {
	if s.Type == "CVMRule" {
		return "rule"
	}
	return strings.ToLower(s.Type)
}

// takes says what a field holds.
func takes(f profile.Shape) string {
	span := fmt.Sprintf("%d to %d", f.Min, f.Max)
	if f.Min == f.Max {
		span = fmt.Sprint(f.Min)
	}
	switch f.Kind {
	case "object":
		return "object: " + objectName(f)
	case "list":
		if f.Item.Kind == "object" {
			return span + " objects: " + objectName(*f.Item)
		}
		return span + " of: " + takes(*f.Item)
	case "flag":
		return "true or false"
	case "number":
		return span
	case "word":
		names := make([]string, len(f.Words))
		for i, w := range f.Words {
			names[i] = "`" + w.Name + "`"
		}
		return strings.Join(names, " ")
	case "bytes":
		return span + " bytes in hexadecimal digits"
	case "digits":
		return span + " digits"
	case "text", "name":
		return span + " characters"
	case "language":
		return "two letters"
	case "tag":
		return "tag, such as `9F37`"
	case "entry":
		return "tag and length, such as `9F37 04`"
	default:
		return "day, such as `2035-12-31`"
	}
}

func upperFirst(text string) string {
	if text == "" {
		return ""
	}
	return strings.ToUpper(text[:1]) + strings.ReplaceAll(text[1:], "|", "\\|")
}

// wordTables returns the tables of the words that need an explanation.
func wordTables() []table {
	var tables []table
	for _, name := range []string{
		"scheme", "authentication", "aip", "usage", "method", "condition",
	} {
		text := "| word | means |\n|---|---|\n"
		for _, w := range profile.Words(name) {
			text += fmt.Sprintf("| `%s` | %s |\n", w.Name, upperFirst(w.Text))
		}
		tables = append(tables, table{"words of " + name, text})
	}
	return tables
}
