package scripts_test

import (
	"fmt"
	"strings"
	"testing"
)

// yamlLine is a line of YAML: how far it is indented, and what it says.
type yamlLine struct {
	indent int
	text   string
}

// yamlReader reads the YAML that docs/ci.md keeps to: maps, lists, plain values on one line, and
// literal blocks. Anything else is an error, so that nobody's reader has to guess.
type yamlReader struct{ lines []yamlLine }

// readYAML returns map[string]any, []any and string.
func readYAML(text string) (any, error) {
	r := &yamlReader{}
	for n, line := range strings.Split(strings.TrimRight(text, "\n"), "\n") {
		bare := strings.TrimLeft(line, " ")
		if bare == "" || strings.ContainsAny(line, "\t") || line != strings.TrimRight(line, " ") {
			return nil, fmt.Errorf("line %d: empty, with a tab, or with blanks at its end", n+1)
		}
		r.lines = append(r.lines, yamlLine{len(line) - len(bare), bare})
	}
	v, err := r.value(0)
	if err == nil && len(r.lines) > 0 {
		err = fmt.Errorf("left over: %q", r.lines[0].text)
	}
	return v, err
}

// value reads the map or list whose lines are indented by indent.
func (r *yamlReader) value(indent int) (any, error) {
	if len(r.lines) == 0 || r.lines[0].indent != indent {
		return nil, fmt.Errorf("nothing is indented by %d here", indent)
	}
	if strings.HasPrefix(r.lines[0].text, "- ") {
		return r.list(indent)
	}
	return r.table(indent)
}

func (r *yamlReader) list(indent int) (any, error) {
	var all []any
	for len(r.lines) > 0 && r.lines[0].indent == indent {
		item, isItem := strings.CutPrefix(r.lines[0].text, "- ")
		if !isItem {
			return nil, fmt.Errorf("%q among a list's items", r.lines[0].text)
		}
		if _, _, isMap := cutKey(item); !isMap {
			all = append(all, item)
			r.lines = r.lines[1:]
			continue
		}
		r.lines[0] = yamlLine{indent + 2, item}
		v, err := r.table(indent + 2)
		if err != nil {
			return nil, err
		}
		all = append(all, v)
	}
	return all, nil
}

// cutKey splits "key: value" or "key:".
func cutKey(text string) (key, value string, ok bool) {
	if key, ok = strings.CutSuffix(text, ":"); !ok {
		key, value, ok = strings.Cut(text, ": ")
	}
	return key, value, ok && !strings.ContainsAny(key, "\"'$/")
}

func (r *yamlReader) table(indent int) (any, error) {
	all := make(map[string]any)
	for len(r.lines) > 0 && r.lines[0].indent == indent {
		key, value, isKey := cutKey(r.lines[0].text)
		if _, twice := all[key]; !isKey || twice {
			return nil, fmt.Errorf("%q is no key, or a second one", r.lines[0].text)
		}
		r.lines = r.lines[1:]
		var err error
		switch value {
		case "":
			all[key], err = r.value(indent + 2)
		case "|":
			all[key], err = r.literal(indent + 2)
		default:
			all[key] = value
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	return all, nil
}

// literal reads a literal block, whose first line is indented by indent.
func (r *yamlReader) literal(indent int) (string, error) {
	var b strings.Builder
	for len(r.lines) > 0 && r.lines[0].indent >= indent {
		b.WriteString(strings.Repeat(" ", r.lines[0].indent-indent) + r.lines[0].text + "\n")
		r.lines = r.lines[1:]
	}
	if b.Len() == 0 {
		return "", fmt.Errorf("an empty block")
	}
	return b.String(), nil
}

func TestReadYAMLRefuses(t *testing.T) {
	for name, text := range map[string]string{
		"a tab":                   "a:\n\tb: c\n",
		"a blank at the end":      "a: b \n",
		"an empty line":           "a: b\n\nc: d\n",
		"a key twice":             "a: b\na: c\n",
		"a value that is missing": "a:\n",
		"a block that is empty":   "a: |\nb: c\n",
		"an indent of three":      "a:\n   b: c\n",
		"an item among keys":      "a: b\n- c\n",
		"a key among items":       "- a\nb: c\n",
		"a line that is no pair":  "word\n",
	} {
		if v, err := readYAML(text); err == nil {
			t.Errorf("%s: read %v", name, v)
		}
	}
}
