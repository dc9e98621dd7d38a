package generaltest

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
)

//go:embed testdata/*.cases
var files embed.FS

// Case is one case of the table.
type Case struct {
	Section, Name string
	Clause        string // such as "EMV 4.3 Book 3, 10.2"
	Card          []string
	Image         []string
	Forge         []string
	Terminal      []string
	Issuer        []string
	Pay           []string
	Want          []string
	Place         string // file and line
}

// Load returns all cases, in the order of the files.
func Load() ([]Case, error) {
	names, err := fs.Glob(files, "testdata/*.cases")
	if err != nil {
		return nil, err
	}
	var all []Case
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			return nil, err
		}
		cases, err := parse(name, string(raw))
		if err != nil {
			return nil, err
		}
		all = append(all, cases...)
	}
	return all, nil
}

// parse reads one file.
func parse(name, text string) ([]Case, error) {
	var cases []Case
	section, n := "", 0
	for line := range strings.Lines(text) {
		n++
		place := fmt.Sprintf("%s:%d", name, n)
		key, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		value = strings.TrimSpace(value)
		switch {
		case key == "":
			continue
		case key == "section":
			section = value
			continue
		case key == "case":
			cases = append(cases, Case{Section: section, Name: value, Place: place})
			continue
		case len(cases) == 0:
			return nil, fmt.Errorf("%s: %s before the first case", place, key)
		}
		if err := cases[len(cases)-1].add(key, value); err != nil {
			return nil, fmt.Errorf("%s: %w", place, err)
		}
	}
	for _, c := range cases {
		if c.Section == "" || c.Name == "" || c.Clause == "" || len(c.Want) == 0 {
			return nil, fmt.Errorf("%s: a case has a section, a name, a clause and a want", c.Place)
		}
	}
	return cases, nil
}

// add reads one line of a case.
func (c *Case) add(key, value string) error {
	if value == "" {
		return fmt.Errorf("%s says nothing", key)
	}
	switch key {
	case "clause":
		c.Clause = value
	case "card":
		c.Card = append(c.Card, value)
	case "image":
		c.Image = append(c.Image, words(value, ",")...)
	case "forge":
		c.Forge = append(c.Forge, words(value, ",")...)
	case "terminal":
		c.Terminal = append(c.Terminal, words(value, ",")...)
	case "issuer":
		c.Issuer = append(c.Issuer, words(value, ",")...)
	case "pay":
		c.Pay = append(c.Pay, words(value, ",")...)
	case "want":
		c.Want = append(c.Want, words(value, ";")...)
	default:
		return fmt.Errorf("a case has no %q", key)
	}
	return nil
}

func words(value, by string) []string {
	var list []string
	for word := range strings.SplitSeq(value, by) {
		list = append(list, strings.TrimSpace(word))
	}
	return list
}
