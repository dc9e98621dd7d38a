package authority_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/authority"
)

// kept returns a CA that was drawn once, as it is kept.
func kept(t testing.TB) []byte {
	t.Helper()
	raw, err := os.ReadFile("../personalise/personalisetest/ca.json")
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestParse_refuses(t *testing.T) {
	t.Parallel()
	raw := string(kept(t))
	for name, change := range map[string][2]string{
		"another format":      {"tapbench-emv-ca v1", "tapbench-emv-ca v2"},
		"day that is none":    {"2049-12-31", "2049-02-30"},
		"index":               {`"B2"`, `"B1"`},
		"unknown member":      {`"expiry"`, `"colour": 1, "expiry"`},
		"modulus":             {`"modulus": "`, `"modulus": "00`},
		"exponent":            {`"exponent": "03"`, `"exponent": "05"`},
		"private":             {`"private": "`, `"private": "0F`},
		"odd private":         {`"private": "`, `"private": "0`},
		"two keys":            {`"index": "B3"`, `"index": "B3"}], "x": [{"index": "B3"`},
		"something behind it": {"\n}\n", "\n}\n{}"},
		"an empty object":     {raw, "{}"},
		"nothing":             {raw, ""},
		"too much":            {raw, raw + strings.Repeat(" ", authority.MaxLen)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			changed := strings.Replace(raw, change[0], change[1], 1)
			if changed == raw {
				t.Fatalf("%q isn't in the file", change[0])
			}
			if _, err := authority.Parse([]byte(changed)); !errors.Is(err, authority.ErrAuthority) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// TestSigner proves that a key is signed by the shortest that is long enough, and that terminals
// are given just those keys.
func TestSigner(t *testing.T) {
	t.Parallel()
	a, err := authority.Parse(kept(t))
	if err != nil {
		t.Fatal(err)
	}
	rid := [oda.RIDLen]byte{0xF0, 'T', 'A', 'P', 'B'}
	keys := a.CAKeys(rid, [oda.RIDLen]byte{0xA0, 0, 0, 0, 3})
	if len(keys) != 6 {
		t.Fatalf("%d keys", len(keys))
	}
	for length, want := range map[int]byte{128: 0xB1, 144: 0xB1, 145: 0xB2, 176: 0xB2, 247: 0xB3} {
		signer, err := a.Signer(length)
		if err != nil || signer.Index != want {
			t.Errorf("%d bytes: key %02X, %v; expected %02X", length, signer.Index, err, want)
			continue
		}
		key, found := keys.Find(rid[:], signer.Index)
		if !found || !key.Key.Equal(signer.Key.Public()) || key.Expiry != a.Expiry() {
			t.Errorf("key %02X isn't what terminals are given", signer.Index)
		}
	}
	if _, err := a.Signer(249); !errors.Is(err, oda.ErrKey) {
		t.Errorf("249 bytes: %v", err)
	}
}

func TestDraw(t *testing.T) {
	t.Parallel()
	a, err := authority.Draw(nil, time.Date(2049, 12, 31, 23, 59, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	raw, err := a.Encode()
	if err != nil {
		t.Fatal(err)
	}
	again, err := authority.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	second, err := again.Encode()
	if err != nil || !bytes.Equal(raw, second) {
		t.Errorf("read and written as another CA, %v", err)
	}
	if text := fmt.Sprintf("%v %+v %#v %s %d %x", a, a, a, a, a, a); strings.Trim(
		strings.ReplaceAll(text, "Authority(hidden)", ""), " ") != "" {
		t.Errorf("it prints as %s", text)
	}
}

// FuzzParse proves that a CA that is read is written as the same again.
func FuzzParse(f *testing.F) {
	f.Add(kept(f))
	f.Add([]byte("{}"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		a, err := authority.Parse(raw)
		if err != nil {
			if !errors.Is(err, authority.ErrAuthority) {
				t.Fatal(err)
			}
			return
		}
		once, err := a.Encode()
		if err != nil {
			t.Fatal(err)
		}
		again, err := authority.Parse(once)
		if err != nil {
			t.Fatal(err)
		}
		if twice, err := again.Encode(); err != nil || !bytes.Equal(once, twice) {
			t.Errorf("written %s, then %s, %v", once, twice, err)
		}
	})
}
