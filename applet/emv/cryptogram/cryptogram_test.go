package cryptogram_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/emv/cryptogram"
)

func unhex(t testing.TB, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func key(t testing.TB, text string) cryptogram.Key {
	t.Helper()
	return cryptogram.Key(unhex(t, text))
}

func block(t testing.TB, text string) [8]byte {
	t.Helper()
	return [8]byte(unhex(t, text))
}

const issuerKey = "0123456789ABCDEFFEDCBA9876543210"

// Values that pyemv 1.5 prints in its documentation.
func TestPublishedValues(t *testing.T) {
	mk := key(t, issuerKey)
	long, err := cryptogram.MasterKeyB(mk, "12345678901234567", 1)
	if err != nil {
		t.Fatal(err)
	}
	sk := cryptogram.SessionKey(mk, cryptogram.ByATC(0x001C))
	half := key(t, "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBB")
	arpc := cryptogram.ARPC2(half, block(t, "1234567890ABCDEF"), [4]byte{}, nil)
	ac := cryptogram.CVN18(half, cryptogram.Data{
		Terminal: unhex(t, "00000000200000000000000001240000008000012411030900"+"3804823E"),
		AIP:      [2]byte{0x58, 0x00}, ATC: [2]byte{0x00, 0x01},
	})
	mac := cryptogram.SignScript(mk, [5]byte(unhex(t, "8424000008")), [2]byte{0xFF, 0xFF},
		block(t, "1234567890123456"), nil)
	longMK, session := long.Reveal(), sk.Reveal()
	pin, err := cryptogram.PINBlock("123456789012")
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]struct {
		got  []byte
		want string
	}{
		"option B":      {longMK[:], "AD406D7F6D7570916D75E5DCAB8CF737"},
		"session key":   {session[:], "E9FB384AF807B940FEDCEA613461B0C4"},
		"ARPC method 2": {arpc[:], "9308BEBC"},
		"ARQC":          {ac[:], "3B76CF10FECD8789"},
		"script's MAC":  {mac[:], "E07B8DF1B4184282"},
		"PIN block":     {pin[:], "2C123456789012FF"},
	} {
		if got := strings.ToUpper(hex.EncodeToString(v.got)); got != v.want {
			t.Errorf("%s: %s, want %s", name, got, v.want)
		}
	}
}

func TestMasterKeysRefuse(t *testing.T) {
	for name, tt := range map[string]struct {
		pan      string
		sequence byte
	}{
		"letters":      {"4761739001010O10", 1},
		"short":        {"47617390010", 1},
		"long":         {"47617390010100101234", 1},
		"empty":        {"", 1},
		"sequence 100": {"4761739001010010", 100},
	} {
		_, errA := cryptogram.MasterKeyA(cryptogram.Key{}, tt.pan, tt.sequence)
		_, errB := cryptogram.MasterKeyB(cryptogram.Key{}, tt.pan, tt.sequence)
		if !errors.Is(errA, cryptogram.ErrPAN) || !errors.Is(errB, cryptogram.ErrPAN) {
			t.Errorf("%s: option A: %v, option B: %v", name, errA, errB)
		}
	}
}

func TestOptionsAgreeUpTo16Digits(t *testing.T) {
	mk := key(t, issuerKey)
	for _, pan := range []string{"476173900101", "4761739001010010"} {
		a, err := cryptogram.MasterKeyA(mk, pan, 3)
		if err != nil {
			t.Fatal(err)
		}
		b, err := cryptogram.MasterKeyB(mk, pan, 3)
		if err != nil || a != b {
			t.Errorf("%s: the options differ, %v", pan, err)
		}
		if other, _ := cryptogram.MasterKeyA(mk, pan, 4); other == a {
			t.Errorf("%s: the sequence number counts for nothing", pan)
		}
	}
}

// ciphers are the three ways to encipher a script's data.
var ciphers = []struct {
	name     string
	block    int
	encipher func(cryptogram.Key, []byte) []byte
	decipher func(cryptogram.Key, []byte) ([]byte, error)
}{
	{"triple DES, chained", 8, cryptogram.Encipher, cryptogram.Decipher},
	{"triple DES, counted", 8, cryptogram.EncipherCounted, cryptogram.DecipherCounted},
	{"AES, chained", 16, cryptogram.EncipherAES, cryptogram.DecipherAES},
}

func TestEncipheredDataComeBack(t *testing.T) {
	sk := key(t, issuerKey)
	for _, c := range ciphers {
		for n := range 35 {
			data := bytes.Repeat([]byte{0x80}, n)
			sealed := c.encipher(sk, data)
			got, err := c.decipher(sk, sealed)
			if err != nil || !bytes.Equal(got, data) || len(sealed)%c.block != 0 {
				t.Errorf("%s: %d bytes: % X, %v", c.name, n, got, err)
			}
		}
		for _, bad := range [][]byte{nil, make([]byte, 7), make([]byte, 16), make([]byte, 32)} {
			if _, err := c.decipher(sk, bad); !errors.Is(err, cryptogram.ErrEnciphered) {
				t.Errorf("%s: %d zeros: %v", c.name, len(bad), err)
			}
		}
	}
}

func TestPINBlocksRefuse(t *testing.T) {
	for _, pin := range []string{"", "123", "1234567890123", "12a4", "12 4"} {
		if b, err := cryptogram.PINBlock(pin); !errors.Is(err, cryptogram.ErrPIN) {
			t.Errorf("%d characters: %X, %v", len(pin), b, err)
		}
	}
	for _, bad := range []string{
		"041234FFFFFFFFFF", "231234FFFFFFFFFF", "2D1234567890123F", "24123AFFFFFFFFFF",
		"241234FFFFFFFFF0", "2412340FFFFFFFFF", "0000000000000000",
	} {
		if pin, err := cryptogram.ParsePINBlock(block(t, bad)); !errors.Is(err, cryptogram.ErrPIN) {
			t.Errorf("%s: %d digits, %v", bad, len(pin), err)
		}
	}
}

func TestKeysPrintMasked(t *testing.T) {
	k := key(t, issuerKey)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%X", "%d", "%q"} {
		if out := fmt.Sprintf(verb, k); !strings.Contains(out, "hidden") {
			t.Errorf("%s prints %s", verb, out)
		}
	}
	if text, err := k.MarshalText(); err != nil || !strings.Contains(string(text), "hidden") {
		t.Errorf("%s, %v", text, err)
	}
}

func FuzzDecipher(f *testing.F) {
	f.Add(make([]byte, 8))
	f.Fuzz(func(t *testing.T, b []byte) {
		sk := key(t, issuerKey)
		for _, c := range ciphers {
			plain, err := c.decipher(sk, b)
			if err == nil && !bytes.Equal(c.encipher(sk, plain), b) {
				t.Errorf("%s: % X deciphers to % X, which enciphers otherwise", c.name, b, plain)
			}
		}
	})
}
