package oda_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv/oda"
)

func TestKeyListsAreReadBack(t *testing.T) {
	c := certified(t, nil)
	second := c.ca
	second.Index, second.Key = 0x93, keys().issuer.Public()
	list := oda.CAKeys{c.ca, second}
	document, err := list.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{
		"lines":          "# keys\n\n" + list.Lines(),
		"without colons": strings.ReplaceAll(list.Lines(), ":", ""),
		"JSON":           string(document),
	} {
		got, err := oda.ReadCAKeys(strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(list, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	if key, ok := list.Find([]byte{0xF0, 0, 0, 0, 1, 0x10}, 0x93); !ok || key.Index != 0x93 {
		t.Errorf("found %v, %v", key, ok)
	}
	if _, ok := list.Find([]byte{0xF0, 0, 0, 0, 2, 0x10}, 0x93); ok {
		t.Error("found another system's key")
	}
}

func TestKeyListsAreRefused(t *testing.T) {
	line := oda.CAKeys{certified(t, nil).ca}.Lines()
	document, err := oda.CAKeys{certified(t, nil).ca}.JSON()
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct{ text, says string }{
		"nothing":          {"# no line\n", "no key"},
		"JSON of nothing":  {`{"ca_keys":[]}`, "no key"},
		"fields missing":   {"A000000003 92", "line 1: 2 fields"},
		"another hash":     {strings.Replace(line, "f0:00", "f1:00", 1), "hash of key"},
		"no day":           {strings.Replace(line, " 92 ", " 92:00 ", 1), "index"},
		"algorithm":        {strings.Replace(line, "rsa", "ec", 1), "rsa and sha1"},
		"twice":            {line + line, "line 2: key F000000001 92 stands there twice"},
		"digits":           {strings.Replace(line, "f0:", "g0:", 1), "RID"},
		"long line":        {strings.Repeat("A", 5000), "line 1"},
		"JSON cut off":     {string(document[:100]), "the file ends here"},
		"unknown field":    {`{"keys":[]}`, "line 1: keys: no such member"},
		"two documents":    {string(document) + "{}", "something follows"},
		"JSON, other hash": {strings.Replace(string(document), "F000000001", "F100000001", 1), "key 1"},
	} {
		_, err := oda.ReadCAKeys(strings.NewReader(tt.text))
		if !errors.Is(err, oda.ErrKeyList) || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v, want %q", name, err, tt.says)
		}
	}
}
