package cryptogram_test

import (
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv/cryptogram"
)

// EMV publishes no values for AES. Those of AES and CMAC themselves can be laid into each formula.
func TestPublishedValuesOfAES(t *testing.T) {
	zero := cryptogram.Key{}
	atc := cryptogram.SessionKeyAES(zero, cryptogram.ByATC(0xC000)).Reveal()
	ac := cryptogram.SessionKeyAES(zero, cryptogram.ByCryptogram(block(t, "8000000000000000"))).Reveal()
	left := key(t, "80000000000000000000000000000000")
	c, err := cryptogram.MasterKeyC(left, "000000000000", 0)
	if err != nil {
		t.Fatal(err)
	}
	master := c.Reveal()
	k := key(t, "2B7E151628AED2A6ABF7158809CF4F3C")
	m := unhex(t, "6BC1BEE22E409F96E93D7E117393172AAE2D8A571E03AC9C9EB76FAC45AF8E5130C81C46A35CE411")
	full := cryptogram.CCD(k, cryptogram.Data{
		Terminal: m[:29], AIP: [2]byte(m[29:]), ATC: [2]byte(m[31:]), IAD: m[33:],
	})
	arpc := cryptogram.ARPC2AES(k, [8]byte(m), [4]byte(m[8:]), m[12:16])
	for name, v := range map[string]struct {
		got  []byte
		want string
	}{
		"session key, AESAVS VarTxt":             {atc[:], "AAE5939C8EFDF2F04E60B9FE7117B2C2"},
		"session key of scripts, AESAVS VarTxt":  {ac[:], "3AD78E726C1EC02B7EBFE92B23D9EC34"},
		"option C, AESAVS VarKey":                {master[:], "0EDD33D3C621E546455BD8BA1418BEC8"},
		"cryptogram, RFC 4493 example 3":         {full[:], "DFA66747DE9AE630"},
		"ARPC with own data, RFC 4493 example 2": {arpc[:], "070A16B4"},
	} {
		if got := strings.ToUpper(hex.EncodeToString(v.got)); got != v.want {
			t.Errorf("%s: %s, want %s", name, got, v.want)
		}
	}
}

func TestSchemesRefuse(t *testing.T) {
	var none cryptogram.Keys
	if _, err := cryptogram.ParseScheme("CVN10"); !errors.Is(err, cryptogram.ErrScheme) {
		t.Errorf("a name in capitals: %v", err)
	}
	for s := range cryptogram.Scheme(6) {
		known := s.Known()
		if got, err := cryptogram.ParseScheme(s.String()); known != (err == nil && got == s) {
			t.Errorf("%v: read as %v, %v", s, got, err)
		}
		_, err := s.Derive(none, "12345678901", 0)
		if errors.Is(err, cryptogram.ErrPAN) != known {
			t.Errorf("%v: 11 digits: %v", s, err)
		}
		short := cryptogram.Data{IAD: make([]byte, 6)}
		_, err = s.Compute(none.AC, short)
		if (err == nil) != (known && s != cryptogram.VersionCVN10) {
			t.Errorf("%v: an IAD of 6 bytes: %v", s, err)
		}
		for n := range 8 {
			_, err := s.IssuerAuth(none.AC, [2]byte{}, [8]byte{}, make([]byte, n), nil)
			if (err == nil) != (known && n == s.UpdateLen()) {
				t.Errorf("%v: an update of %d bytes: %v", s, n, err)
			}
		}
	}
}

func TestIssuerAuthenticationRefuses(t *testing.T) {
	var keys cryptogram.Keys
	for _, s := range cryptogram.Schemes() {
		auth, err := s.IssuerAuth(keys.AC, [2]byte{0, 1}, [8]byte{1}, make([]byte, s.UpdateLen()), nil)
		if err != nil {
			t.Fatal(err)
		}
		for n := range len(auth) {
			if _, err := s.CheckIssuerAuth(keys.AC, [2]byte{0, 1}, [8]byte{1}, auth[:n]); err == nil {
				t.Errorf("%v: %d bytes of %d pass", s, n, len(auth))
			}
			wrong := slices.Clone(auth)
			wrong[n] ^= 1
			_, err := s.CheckIssuerAuth(keys.AC, [2]byte{0, 1}, [8]byte{1}, wrong)
			if !errors.Is(err, cryptogram.ErrMAC) {
				t.Errorf("%v: byte %d wrong: %v", s, n, err)
			}
		}
		if _, err := s.CheckIssuerAuth(keys.AC, [2]byte{0, 1}, [8]byte{2}, auth); err == nil {
			t.Errorf("%v: another ARQC passes", s)
		}
		if _, err := s.CheckIssuerAuth(keys.AC, [2]byte{0, 1}, [8]byte{1}, append(auth, 0)); err == nil {
			t.Errorf("%v: one byte more passes", s)
		}
	}
}

func TestFormatA(t *testing.T) {
	des := cryptogram.CCDIAD{TripleDES: true, KeyIndex: 1}
	if got, err := cryptogram.ParseCCDIAD(des.Encode()); err != nil || got != des {
		t.Errorf("with triple DES: %v, %v", got, err)
	}
	d := cryptogram.CCDIAD{KeyIndex: 1, CVR: [5]byte{2}, Counters: [8]byte{3}, Own: [15]byte{4}}
	raw := d.Encode()
	for _, i := range []int{0, 1, 16} {
		wrong := slices.Clone(raw)
		wrong[i]++
		if _, err := cryptogram.ParseCCDIAD(wrong); !errors.Is(err, cryptogram.ErrScheme) {
			t.Errorf("byte %d wrong: %v", i, err)
		}
	}
	if _, err := cryptogram.ParseCCDIAD(raw[:31]); !errors.Is(err, cryptogram.ErrScheme) {
		t.Errorf("31 bytes: %v", err)
	}
	got, err := cryptogram.ParseCCDIAD(raw)
	if err != nil || cmp.Diff(d, got) != "" {
		t.Errorf("%v, %s", err, cmp.Diff(d, got))
	}
}

func FuzzFormatA(f *testing.F) {
	f.Add(cryptogram.CCDIAD{KeyIndex: 1}.Encode())
	f.Add(cryptogram.CCDIAD{TripleDES: true}.Encode())
	f.Fuzz(func(t *testing.T, b []byte) {
		d, err := cryptogram.ParseCCDIAD(b)
		if err == nil && !slices.Equal(d.Encode(), b) {
			t.Errorf("% X is read and written otherwise", b)
		}
	})
}

func FuzzPINBlock(f *testing.F) {
	f.Add([]byte{0x24, 0x12, 0x34, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF})
	f.Fuzz(func(t *testing.T, b []byte) {
		block := [8]byte(append(b, make([]byte, 8)...))
		pin, err := cryptogram.ParsePINBlock(block)
		if err != nil {
			return
		}
		if again, err := cryptogram.PINBlock(pin); err != nil || again != block {
			t.Errorf("% X is read and written otherwise, %v", block, err)
		}
	})
}
