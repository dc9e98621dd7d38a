package issuer_test

import (
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
)

const whole = `{
  "format": "tapbench-emv-issuer v1",
  "comment": "for tests",
  "keys": [{
    "scheme": "ccd",
    "index": 7,
    "ac": "000102030405060708090a0b0c0d0e0f",
    "smi": "101112131415161718191a1b1c1d1e1f",
    "smc": "202122232425262728292a2b2c2d2e2f",
    "mac_length": 5
  }],
  "limit": 5000,
  "declined": ["9999990000000011"],
  "scripts": [
    {"before": true, "id": "01020304", "orders": ["block", "unblock", "unblock-pin"]},
    {"orders": ["pin 1234", "put 9F14 05"]}
  ],
  "status": "00080000",
  "pin_key": {"format": 4, "key": "303132333435363738393a3b3c3d3e3f"},
  "pin": "775533",
  "pins": [{"pan": "9999990000000029", "pin": "88664422"}]
}`

func TestParseFileRefuses(t *testing.T) {
	for name, tt := range map[string]struct{ from, to, want string }{
		"nothing":             {whole, "", "the file ends here"},
		"more":                {whole, whole + "{", "something follows"},
		"unknown field":       {`"limit"`, `"limits"`, "limits"},
		"another format":      {"emv-issuer", "issuer", "expected"},
		"another version":     {"issuer v1", "issuer v2", "expected"},
		"another scheme":      {`"ccd"`, `"cvn17"`, "expected cvn10, cvn18, ccd or ccd-3des"},
		"key index of 256":    {`"index": 7`, `"index": 256`, "index"},
		"short key":           {"000102030405060708090a0b0c0d0e0f", "00", "keys 1: ac: expected 32"},
		"no key":              {`"smi": "101112131415161718191a1b1c1d1e1f",`, "", "keys 1: smi: expected 32"},
		"letters in a key":    {"2021", "zz21", "keys 1: smc: expected 32"},
		"negative limit":      {"5000", "-1", "limit"},
		"no account number":   {"9999990000000011", "99", "declined 1"},
		"short id":            {`"id": "01020304"`, `"id": "01"`, "script 1: id"},
		"unknown order":       {`"block"`, `"blok"`, "script 1: not a script: expected block"},
		"empty order":         {`"block"`, `" "`, "script 1"},
		"PIN of 3":            {"pin 1234", "pin 123", "script 2"},
		"put without a value": {"put 9F14 05", "put 9F14", "script 2"},
		"put a long tag":      {"put 9F14 05", "put 9F1401 05", "script 2: not a script: put"},
		"put half a byte":     {"put 9F14 05", "put 9F14 5", "script 2: not a script: put"},
		"put much":            {"put 9F14 05", "put 9F14 " + strings.Repeat("00", 100), "scripts"},
		"short status":        {"00080000", "0008", "status: expected 8"},
		"MAC of 3 bytes":      {`"mac_length": 5`, `"mac_length": 3`, "mac_length: 3, expected 4 to 8"},
		"MAC of 9 bytes":      {`"mac_length": 5`, `"mac_length": 9`, "mac_length: 9, expected 4 to 8"},
		"no MAC":              {`"mac_length": 5`, `"mac_length": 0`, "mac_length: 0, expected 4 to 8"},
		"format of PINs":      {`"format": 4`, `"format": 3`, "pin_key: not a key for PIN blocks: format 3"},
		"short key of PINs":   {"303132333435363738393a3b3c3d3e3f", "30", "pin_key: not a key"},
		"PIN of 3 digits":     {"775533", "775", "pin: not a PIN"},
		"PIN of letters":      {"88664422", "8866442x", "pins 1: not a PIN"},
		"PIN of no card":      {"9999990000000029", "x", "pins 1: not an account number"},
		"two PINs of a card": {
			`[{"pan"`, `[{"pan": "9999990000000029", "pin": "1111"}, {"pan"`, "pins 2: the account number",
		},
		"too long": {whole, strings.Repeat(" ", 1<<20+1), "at most"},
	} {
		text := strings.Replace(whole, tt.from, tt.to, 1)
		if text == whole {
			t.Fatalf("%s: nothing changed", name)
		}
		_, err := issuer.ParseFile([]byte(text))
		if !errors.Is(err, issuer.ErrFile) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, expected %q", name, err, tt.want)
			continue
		}
		if shows(err.Error()) {
			t.Errorf("%s: the error shows a secret: %v", name, err)
		}
	}
}

// shows says whether a text has a key or a PIN in it.
func shows(text string) bool {
	for _, secret := range []string{"0203", "1234", "3031", "7755", "8866"} {
		if strings.Contains(text, secret) {
			return true
		}
	}
	return false
}

func TestParseFile(t *testing.T) {
	c, err := issuer.ParseFile([]byte(whole))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Keys) != 1 {
		t.Fatalf("%d sets of keys", len(c.Keys))
	}
	ac := c.Keys[0].Master.AC.Reveal()
	if c.Keys[0].Scheme != cryptogram.VersionCCD || c.Keys[0].Index != 7 || ac[15] != 15 ||
		c.Keys[0].MACLen != 5 ||
		c.Limit != 5000 || len(c.Declined) != 1 || c.Status != (cryptogram.CSU{1: 8}) {
		t.Errorf("%+v", c)
	}
	if format, _ := c.PINs.Key.Reveal(); format != 4 || c.PINs.Other.Reveal() != "775533" ||
		c.PINs.Cards["9999990000000029"].Reveal() != "88664422" {
		t.Error("other PINs, or another key for them")
	}
	if text := fmt.Sprintf("%v %+v %#v", c.PINs, c, c); shows(text) {
		t.Errorf("a secret is printed: %s", text)
	}
	got := fmt.Sprint(c.Scripts)
	want := "[{true [1 2 3 4] [block unblock unblock-pin]} {false [0 0 0 0] [pin put 9F14]}]"
	if got != want {
		t.Errorf("%s, expected %s", got, want)
	}
}

func TestKeysComeBack(t *testing.T) {
	keys, err := issuer.GenerateEach(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	keys[2].MACLen = 4
	c, err := issuer.ParseFile(issuer.Encode(keys, issuer.PINs{}))
	if err != nil || !slices.Equal(c.Keys, keys) {
		t.Errorf("other keys, %v", err)
	}
	_, err = issuer.ParseFile(issuer.Encode(append(keys, keys[1]), issuer.PINs{}))
	if !errors.Is(err, issuer.ErrFile) || !strings.Contains(err.Error(), "keys 5: cvn18 with index 1") {
		t.Errorf("keys that are there twice: %v", err)
	}
	if _, err := issuer.ParseFile(issuer.Encode(nil, issuer.PINs{})); !errors.Is(err, issuer.ErrFile) {
		t.Errorf("no keys: %v", err)
	}
}

func FuzzParseFile(f *testing.F) {
	f.Add([]byte(whole))
	f.Fuzz(func(t *testing.T, b []byte) {
		c, err := issuer.ParseFile(b)
		if err != nil {
			return
		}
		again, err := issuer.ParseFile(issuer.Encode(c.Keys, c.PINs))
		if err != nil || !slices.Equal(again.Keys, c.Keys) ||
			again.PINs.Other != c.PINs.Other || (again.PINs.Key == nil) != (c.PINs.Key == nil) {
			t.Errorf("what was read can't be written: %v", err)
		}
	})
}

// An order that is read can be sent or is too long, and none prints what it carries.
func FuzzParseOrder(f *testing.F) {
	for _, text := range []string{"block", "pin 1234", "put 9F14 05", "put 1 " + "00"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		order, err := issuer.ParseOrder(text)
		if err != nil {
			if !errors.Is(err, issuer.ErrScript) {
				t.Errorf("%q: %v", text, err)
			}
			return
		}
		bank := issuer.New(issuer.Config{})
		err = bank.Send(pan, sequence, issuer.Script{Orders: []issuer.Order{order}})
		if err != nil && !errors.Is(err, issuer.ErrScript) {
			t.Errorf("%q: %v", text, err)
		}
		words, shown := strings.Fields(text), fmt.Sprint(order)
		if len(words) == 2 && strings.Contains(shown, words[1]) {
			t.Errorf("%q prints as %v", text, order)
		}
	})
}
