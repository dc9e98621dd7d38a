package issuer_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/pinblock"
	"tapbench/pcsc/tlv"
)

func pinOf(t *testing.T, digits string) pinblock.PIN {
	t.Helper()
	p, err := pinblock.ParsePIN(digits)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// entered is the TVR of a transaction in which a PIN was entered for the issuer.
func entered() map[tlv.Tag][]byte { return map[tlv.Tag][]byte{emv.TagTVR: {0, 0, 4, 0, 0}} }

// desk is an issuer that checks PINs, and the key for them.
func desk(t *testing.T, format pinblock.Format) (issuer.Config, pinblock.Key) {
	t.Helper()
	key, err := pinblock.NewKey(format, cryptogram.Key{9})
	if err != nil {
		t.Fatal(err)
	}
	return issuer.Config{
		Keys: []issuer.Keys{newKeys(t, cryptogram.VersionCVN18)},
		PINs: issuer.PINs{
			Key: &key, Other: pinOf(t, "1234"),
			Cards: map[string]pinblock.PIN{"9999990000000029": pinOf(t, "5678")},
		},
	}, key
}

// ask has a PIN checked: "" sends none.
func ask(
	t *testing.T, bank *issuer.Issuer, c issuer.Config, key pinblock.Key, atc uint16, digits string,
) issuer.Answer {
	t.Helper()
	q := pay(t, c.Keys[0], atc, entered()).request()
	if digits != "" {
		var err error
		if q.PINBlock, err = key.Seal(rand.NewChaCha8([32]byte{1}), pinOf(t, digits), pan); err != nil {
			t.Fatal(err)
		}
	}
	answer, err := bank.Authorise(q)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(answer.Why, "1234") || strings.Contains(answer.Why, "9999") {
		t.Errorf("a secret is told: %s", answer.Why)
	}
	return answer
}

func TestPINsThatAreNotRight(t *testing.T) {
	for name, row := range map[string]struct {
		change func(*issuer.Config, *pinblock.Key)
		digits string
		code   string
		why    string
	}{
		"wrong":         {digits: "1235", code: "55", why: "the PIN is wrong: 1 of 3"},
		"longer":        {digits: "12345", code: "55", why: "the PIN is wrong"},
		"another's PIN": {digits: "5678", code: "55", why: "the PIN is wrong"},
		"none, though the TVR says that there is": {code: "05", why: "none came"},
		"no key": {
			change: func(c *issuer.Config, _ *pinblock.Key) { c.PINs.Key = nil },
			digits: "1234", code: "05", why: "no key for PINs",
		},
		"no PIN of this card": {
			change: func(c *issuer.Config, _ *pinblock.Key) { c.PINs.Other = pinblock.PIN{} },
			digits: "1234", code: "05", why: "knows none of this card",
		},
		"under another key": {
			change: func(_ *issuer.Config, k *pinblock.Key) {
				*k, _ = pinblock.NewKey(pinblock.Format4, cryptogram.Key{8})
			},
			digits: "1234", code: "05", why: "not a PIN block of this card under this key",
		},
	} {
		t.Run(name, func(t *testing.T) {
			c, key := desk(t, pinblock.Format4)
			if row.change != nil {
				row.change(&c, &key)
			}
			a := ask(t, issuer.New(c), c, key, 1, row.digits)
			if string(a.ARC[:]) != row.code || !strings.Contains(a.Why, row.why) || a.IssuerAuth == nil {
				t.Errorf("%q, %s, %d bytes, expected %q, %s", a.ARC, a.Why, len(a.IssuerAuth), row.code,
					row.why)
			}
		})
	}
}

// Three wrong ones in a row are the end; a right one before begins anew.
func TestPINTries(t *testing.T) {
	for _, format := range []pinblock.Format{pinblock.Format0, pinblock.Format4} {
		c, key := desk(t, format)
		bank := issuer.New(c)
		for n, row := range []struct{ digits, code string }{
			{"1111", "55"},
			{"2222", "55"},
			{"1234", "00"},
			{"1111", "55"},
			{"1111", "55"},
			{"1111", "55"},
			{"1234", "75"},
			{"1234", "75"},
		} {
			if a := ask(t, bank, c, key, uint16(n+1), row.digits); string(a.ARC[:]) != row.code {
				t.Errorf("format %d, PIN %d: %q, %s, expected %q", format, n+1, a.ARC, a.Why, row.code)
			}
		}
	}
}
