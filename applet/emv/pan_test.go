package emv_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"tapbench/applet/emv"
)

// canary is a PAN of the test IIN; its check digit was computed by hand:
// 9+9+9+9+9+9 doubled at every second place counts 6 x 9 = 54 (9 doubled is 18, less 9 is 9), the
// digits 1 2 3 4 5 6 7 8 9 0 1 2 with the even places doubled count 1+4+3+8+5+3+7+7+9+0+1+4 = 52.
// 54 + 52 = 106, so the check digit is 4.
const canary = "9999991234567890124"

func TestLuhn(t *testing.T) {
	for _, bad := range []string{
		"", "0", "1", "10", "79927398710", "79927398719", "7992739871x", "7992739871３", " 18",
	} {
		if emv.Luhn(bad) {
			t.Errorf("Luhn(%q): got true", bad)
		}
	}
	for _, good := range []string{"00", "18", "79927398713", "4242424242424242", canary} {
		if !emv.Luhn(good) {
			t.Errorf("Luhn(%q): got false", good)
		}
	}
	if got := emv.CheckDigit("7992739871"); got != '3' {
		t.Errorf("CheckDigit(7992739871): got %c, want 3", got)
	}
	if got := emv.CheckDigit("12x"); got != '?' {
		t.Errorf("CheckDigit(12x): got %c, want ?", got)
	}
}

func TestParsePAN(t *testing.T) {
	for name, bad := range map[string]string{
		"empty":            "",
		"nine bytes":       "999999123456789012",
		"eleven bytes":     "9999991234567890124FFF",
		"no padding":       "99999912345678901240",
		"wrong check":      "9999991234567890125F",
		"letter within":    "99999912345A7890124F",
		"padded twice":     "999999123456789012FF",
		"padding in front": "F9999991234567890124",
	} {
		if _, err := emv.ParsePAN(unhex(t, bad)); !errors.Is(err, emv.ErrPAN) {
			t.Errorf("%s: got error %v, want %v", name, err, emv.ErrPAN)
		}
	}
	for _, bad := range []string{"", "999999123456789012", "9999991234567890125", canary + "0"} {
		if _, err := emv.ParsePANDigits(bad); !errors.Is(err, emv.ErrPAN) {
			t.Errorf("ParsePANDigits(%s): got error %v, want %v", bad, err, emv.ErrPAN)
		}
	}
	p, err := emv.ParsePAN(unhex(t, canary+"F"))
	if err != nil || p.Reveal() != canary || p.LastFour() != "0124" {
		t.Errorf("ParsePAN: got %s, %v", p.Reveal(), err)
	}
	if q, err := emv.ParsePANDigits(canary); err != nil || q != p {
		t.Errorf("ParsePANDigits: got %s, %v", q.Reveal(), err)
	}
}

func TestNewPAN(t *testing.T) {
	p, err := emv.NewPAN()
	if err != nil {
		t.Fatal(err)
	}
	if !p.Valid() || !strings.HasPrefix(p.Reveal(), emv.TestIIN) || len(p.Reveal()) != emv.PANDigits {
		t.Errorf("NewPAN: got %s", p.Reveal())
	}
	q, err := emv.NewPAN()
	if err != nil || p == q {
		t.Errorf("NewPAN twice: got %s and %s, %v", p.Reveal(), q.Reveal(), err)
	}
}

func TestPANIsMasked(t *testing.T) {
	tests := []struct {
		name string
		pan  emv.PAN
		want string
	}{
		{"no PAN at all", emv.PAN{}, "*******************"},
		{"wrong check digit", emv.PAN(unhex(t, "9999991234567890125F")), "*******************"},
		{"PAN", emv.PAN(unhex(t, canary+"F")), "***************0124"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			p := test.pan
			for _, verb := range []string{"%s", "%v", "%+v", "%#v", "%x", "%X", "% x", "%q", "%d", "%c"} {
				if got := fmt.Sprintf(verb, p); got != test.want {
					t.Errorf("%s: got %s, want %s", verb, got, test.want)
				}
				if got := fmt.Sprintf(verb, &p); got != test.want {
					t.Errorf("%s of the pointer: got %s, want %s", verb, got, test.want)
				}
			}
			raw, err := json.Marshal(map[emv.PAN]any{p: p})
			want := `{"` + test.want + `":"` + test.want + `"}`
			if err != nil || string(raw) != want {
				t.Errorf("json: got %s, %v, want %s", raw, err, want)
			}
		})
	}
}

func TestTrack2(t *testing.T) {
	track2 := emv.Track2(emv.PAN(unhex(t, canary+"F")), [3]byte{0x26, 0x12, 0x31})
	if got, want := fmt.Sprintf("%X", track2), canary+"D2612"+emv.Track2ServiceCode+"F"; got != want {
		t.Errorf("Track2: got %s, want %s", got, want)
	}
}

func TestNumbers(t *testing.T) {
	if _, err := emv.N12(emv.MaxN12 + 1); !errors.Is(err, emv.ErrNumber) {
		t.Errorf("N12(10^12): got error %v", err)
	}
	for _, bad := range [][6]byte{{0, 0, 0, 0, 0, 0x0A}, {0xA0}} {
		if _, err := emv.ParseN12(bad); !errors.Is(err, emv.ErrNumber) {
			t.Errorf("ParseN12(% X): got error %v", bad, err)
		}
	}
	for _, bad := range [][2]byte{{0x09, 0x7A}, {0x10, 0x00}} {
		if _, err := emv.ParseN3(bad); !errors.Is(err, emv.ErrNumber) {
			t.Errorf("ParseN3(% X): got error %v", bad, err)
		}
	}
	for _, minor := range []uint64{0, 1, 1250, emv.MaxN12} {
		b, err := emv.N12(minor)
		if err != nil {
			t.Errorf("N12(%d): %v", minor, err)
		}
		if got, err := emv.ParseN12(b); err != nil || got != minor {
			t.Errorf("ParseN12(N12(%d)): got %d, %v", minor, got, err)
		}
	}
	if n, err := emv.ParseN3([2]byte{0x09, 0x78}); err != nil || n != 978 {
		t.Errorf("ParseN3(09 78): got %d, %v", n, err)
	}
}

func TestDate(t *testing.T) {
	for _, bad := range [][3]byte{{}, {0x26, 0x13, 0x01}, {0x26, 0x02, 0x30}, {0x2A, 0x01, 0x01}} {
		if _, err := emv.ParseDate(bad); !errors.Is(err, emv.ErrNumber) {
			t.Errorf("ParseDate(% X): got error %v", bad, err)
		}
	}
	day := time.Date(2026, time.November, 21, 0, 0, 0, 0, time.UTC)
	got := emv.Date(day.Add(23 * time.Hour))
	if got != [3]byte{0x26, 0x11, 0x21} {
		t.Errorf("Date: got % X", got)
	}
	if back, err := emv.ParseDate(got); err != nil || !back.Equal(day) {
		t.Errorf("ParseDate(% X): got %s, %v", got, back, err)
	}
}

func TestMaskPANShowsTheEndOfANumberAlone(t *testing.T) {
	for digits, want := range map[string]string{
		"":                     "",
		"1234":                 "****",
		"9999990000000018":     "****************",
		"99999900000x0017":     "****************",
		"99999900000":          "***********",
		"99999900000000000000": "********************",
		"9999990000000014":     "************0014",
		"999999000000":         "************",
	} {
		if got := emv.MaskPAN(digits); got != want {
			t.Errorf("%s: %s, want %s", digits, got, want)
		}
	}
}
