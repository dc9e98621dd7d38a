package jsonfile_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/jsonfile"
)

// list is a file with a member of each kind.
type list struct {
	Format  string  `json:"format"`
	Comment string  `json:"comment,omitempty"`
	Open    bool    `json:"open,omitempty"`
	Limit   uint64  `json:"limit,omitempty"`
	Items   []*item `json:"items"`
}

type item struct {
	Name  *string  `json:"name,omitempty"`
	Index byte     `json:"index"`
	Words []string `json:"words"`
}

const whole = `{
  "format": "list v1",
  "open": true,
  "limit": 5,
  "items": [
    {"name": "one", "index": 1},
    {"index": 2, "words": ["a", "b"]}
  ]
}
`

func TestDecodeRefuses(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct{ old, with, want string }{
		"nothing":              {whole, "", "line 1: the file ends here"},
		"no object":            {whole, "[]", "line 1: expected an object"},
		"no value at all":      {whole, "null", "line 1: expected an object"},
		"no JSON":              {whole, "format: x", "line 1: not JSON: "},
		"a mark of byte order": {whole, "\ufeff{}", "line 1: the file begins with a byte order"},
		"another encoding":     {whole, "\xFF\xFE{\x00}\x00", "mark of UTF-16; save it as UTF-8"},
		"its bytes swapped":    {whole, "\xFE\xFF\x00{\x00}", "mark of UTF-16; save it as UTF-8"},
		"cut off in an object": {`, "b"]}`, "", "line 9: items: the file ends here"},
		"cut off at the end":   {"\n}\n", "", "line 8: the file ends here"},
		"something behind it":  {"\n}\n", "\n}{}", "line 9: something follows the object"},
		"another format":       {"list v1", "list v2", `line 2: format: "list v2", expected "list v1"`},
		"no format": {
			`"format": "list v1",`, "", `line 9: format: the member is missing, expected "list v1"`,
		},
		"an unknown member":      {`"open"`, `"opens"`, "line 3: opens: no such member"},
		"a member in capitals":   {`"open"`, `"Open"`, "line 3: Open: no such member"},
		"an unknown one below":   {`"words"`, `"word"`, "line 7: items[1].word: no such member"},
		"a member without name":  {`"open"`, `""`, "no such member"},
		"a member twice":         {`"limit"`, `"open"`, "line 4: open: the member stands there twice"},
		"a member twice, below":  {`"index": 1`, `"name": ""`, "items[0].name: the member stands"},
		"text that is a number":  {`"one"`, "1", "line 6: items[0].name: expected text in quotes"},
		"a number that is text":  {"5", `"5"`, "line 4: limit: expected a whole number"},
		"a flag that is text":    {"true", `"true"`, "line 3: open: expected true or false"},
		"a list that is none":    {`["a", "b"]`, `"a"`, "line 7: items[1].words: expected a list"},
		"an object that is none": {`{"index": 2, "words": ["a", "b"]}`, "[2]", "items[1]: expected an obj"},
		"a number that is large": {`"index": 1`, `"index": 256`, "line 6: items.index: expected a whole"},
		"a number with a point":  {"5", "5.5", "line 4: limit: expected a whole number that fits uint64"},
		"a number below zero":    {"5", "-5", "line 4: limit: expected a whole number that fits uint64"},
		"a great depth":          {"5", strings.Repeat("[", 100000), "limit: expected a whole number"},
	} {
		var l list
		text := strings.Replace(whole, row.old, row.with, 1)
		err := jsonfile.Decode([]byte(text), "list v1", &l)
		if e := new(jsonfile.Error); !errors.As(err, &e) || !strings.Contains(err.Error(), row.want) {
			t.Errorf("%s: %v, want %s", name, err, row.want)
		}
	}
}

func TestDecode(t *testing.T) {
	t.Parallel()
	one := "one"
	want := list{
		Format: "list v1", Open: true, Limit: 5,
		Items: []*item{{Name: &one, Index: 1}, {Index: 2, Words: []string{"a", "b"}}},
	}
	var got list
	if err := jsonfile.Decode([]byte(whole), "list v1", &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
	got = list{}
	if err := jsonfile.Decode([]byte(`{"items": null}`), "", &got); err != nil || got.Items != nil {
		t.Errorf("without a format, and with a member that is null: %v, %v", got, err)
	}
}

// FuzzDecode wants of whatever is accepted that it is JSON, that it comes out the same when it is
// written and read again, and of whatever is refused that the error names a line of the file.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(whole))
	f.Add([]byte(`{"format": "list v1", "items": [null, {"name": null}]}`))
	f.Add([]byte(`{"format": "list v1", "format": "list v1"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var first, second list
		if err := jsonfile.Decode(raw, "list v1", &first); err != nil {
			e := new(jsonfile.Error)
			if !errors.As(err, &e) || e.Line < 1 || e.Line > 1+strings.Count(string(raw), "\n") {
				t.Errorf("%q: %v", raw, err)
			}
			return
		}
		written, err := json.Marshal(first)
		if err != nil || !json.Valid(raw) {
			t.Fatalf("%q: %v", raw, err)
		}
		if err := jsonfile.Decode(written, "list v1", &second); err != nil {
			t.Fatalf("%q was written as %q: %v", raw, written, err)
		}
		if diff := cmp.Diff(first, second); diff != "" {
			t.Errorf("%q:\n%s", raw, diff)
		}
	})
}
