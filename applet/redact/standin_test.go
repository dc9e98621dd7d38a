package redact_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
)

// replaced returns the stand-in with a label for the value of a data element of a scheme's card.
func replaced(t *testing.T, tag int, value []byte, label string) []byte {
	t.Helper()
	r, first, then := fixed(), selectScheme(), record(object(tag, value))
	r.Redact(first.command, first.answer)
	_, answer := r.Redact(then.command, then.answer)
	found := standIns(answer, label)
	if len(found) != 1 || len(found[0]) != len(value) {
		t.Fatalf("%s", text(answer))
	}
	return found[0]
}

// shape returns what bytes look like: each half byte that is a digit as n, or each character as n
// or A if the bytes are text.
func shape(b []byte, ascii bool) string {
	var s []byte
	for _, c := range b {
		switch {
		case !ascii:
			for _, c := range fmt.Sprintf("%02X", c) {
				if c >= '0' && c <= '9' {
					c = 'n'
				}
				s = append(s, byte(c))
			}
		case c >= '0' && c <= '9':
			s = append(s, 'n')
		case c >= 'A' && c <= 'Z':
			s = append(s, 'A')
		default:
			s = append(s, c)
		}
	}
	return string(s)
}

// TestPANs: a stand-in for a PAN is a number of the test IIN with as many digits and a valid check
// digit, padded as the PAN is; what isn't one is digits.
func TestPANs(t *testing.T) {
	for _, row := range []struct {
		name, value string
		// from and to are where the number lies, in half bytes; to is 0 if there is none.
		from, to int
		shape    string
	}{
		{"seven digits", "5413330F", 0, 0, "nnnnnnnF"},
		{"twenty digits", "54133300890200115413", 0, 0, "nnnnnnnnnnnnnnnnnnnn"},
		{"a half byte that is no digit", "54133A0089020011", 0, 0, "nnnnnnnnnnnnnnnn"},
		{"padding in the middle", "541333F089020011", 0, 0, "nnnnnnnnnnnnnnnn"},
		{"nothing but padding", "FFFF", 0, 0, "FFFF"},
		{"eight digits", "54133300", 0, 8, "nnnnnnnn"},
		{"sixteen digits", "5413330089020011", 0, 16, "nnnnnnnnnnnnnnnn"},
		{"sixteen digits in ten bytes", "5413330089020011FFFF", 0, 16, "nnnnnnnnnnnnnnnnFFFF"},
		{"format n with zeros before", "00005413330089020011", 4, 20, "nnnnnnnnnnnnnnnnnnnn"},
		{"nineteen digits", "6304861532970648513F", 0, 19, "nnnnnnnnnnnnnnnnnnnF"},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := replaced(t, 0x5A, spell(row.value), "pan")
			if s := shape(got, false); s != row.shape {
				t.Errorf("%X has the shape %s", got, s)
			}
			if row.to == 0 {
				return
			}
			digits := fmt.Sprintf("%X", got)[row.from:row.to]
			if digits[:6] != emv.TestIIN || !emv.Luhn(digits) {
				t.Errorf("%s", digits)
			}
			if before := fmt.Sprintf("%X", got)[:row.from]; before != row.value[:row.from] {
				t.Errorf("before it %s", before)
			}
		})
	}
}

// TestTracks: track data keeps its separators and its padding, and has the PAN's stand-in.
func TestTracks(t *testing.T) {
	digits := fmt.Sprintf("%X", replaced(t, 0x5A, spell(pan16), "pan"))
	const noPAN = -1
	for _, row := range []struct {
		name  string
		tag   int
		value string // hexadecimal digits, or text
		text  bool
		pan   int
		shape string
	}{
		{"no separator", 0x57, pan16, false, noPAN, "nnnnnnnnnnnnnnnn"},
		{"a short PAN", 0x57, "541333D25122019F", false, noPAN, "nnnnnnnnnnnnnnnF"},
		{"no PAN", 0x9F20, "763940582719FF", false, noPAN, "nnnnnnnnnnnnFF"},
		{"text without a PAN", 0x9F1F, "7639 ABC-1^2", true, noPAN, "nnnnAAAAAnAn"},
		{"text that ends in the PAN", 0x56, "B" + pan16, true, noPAN, "Annnnnnnnnnnnnnnn"},
		{"a format code alone", 0x56, "B", true, noPAN, "A"},
		{"track 2", 0x57, pan16 + "D25122017639405F", false, 0, "nnnnnnnnnnnnnnnnDnnnnnnnnnnnnnnF"},
		{
			"track 2 with two separators", 0x57, pan16 + "D25122D017639405FF", false, 0,
			"nnnnnnnnnnnnnnnnDnnnnnDnnnnnnnnnFF",
		},
		{
			"track 2 under another tag", 0x9F6B, pan16 + "D25122017639405F", false, 0,
			"nnnnnnnnnnnnnnnnDnnnnnnnnnnnnnnF",
		},
		{
			"track 1", 0x56, "B" + pan16 + "^DOE/JANE ^25122017639", true, 1,
			"Annnnnnnnnnnnnnnn^AAAAAAAAA^nnnnnnnnnnn",
		},
		{
			"track 1 with sentinels", 0x56, "%B" + pan16 + "^DOE^2512201?", true, 2,
			"%Annnnnnnnnnnnnnnn^AAA^nnnnnnnA",
		},
		{
			"track 1 without an expiry", 0x56, "B" + pan16 + "^DOE^^2017", true, 1,
			"Annnnnnnnnnnnnnnn^AAA^Annnn",
		},
		{
			"track 2 as text", 0x56, ";" + pan16 + "=25122017639?", true, 1,
			";nnnnnnnnnnnnnnnn=nnnnnnnnnnnA",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			value := []byte(row.value)
			if !row.text {
				value = spell(row.value)
			}
			got := replaced(t, row.tag, value, "track")
			if s := shape(got, row.text); s != row.shape {
				t.Errorf("%X has the shape %s, not %s", got, s, row.shape)
			}
			whole := fmt.Sprintf("%X", got)
			if row.text {
				whole = string(got)
			}
			if row.pan != noPAN && whole[row.pan:row.pan+len(pan16)] != digits {
				t.Errorf("%s has the PAN of another, not %s", whole, digits)
			}
		})
	}
}

// TestPINs: a stand-in for a PIN is no PIN, in whatever coding.
func TestPINs(t *testing.T) {
	for _, block := range pinBlocks() {
		r, p := fixed(), carrying("00 20 00 80", block)
		command, _ := r.Redact(p.command, p.answer)
		for _, got := range standIns(command, "pin") {
			if len(got) != len(block) {
				t.Errorf("%X for %X", got, block)
			}
			for i := range 2 * len(got) {
				if c := fmt.Sprintf("%X", got)[i]; c < 'A' || c > 'E' {
					t.Errorf("%X has a half byte that isn't A to E", got)
				}
			}
		}
	}
}

// TestNames: padding changes nothing of a name's stand-in but its length.
func TestNames(t *testing.T) {
	short := replaced(t, 0x5F20, []byte(holder), "name")
	long := replaced(t, 0x5F20, []byte(holder+"   "), "name")
	if !bytes.HasPrefix(long, short) {
		t.Errorf("%s and %s", short, long)
	}
}

// TestKnown: what was seen where it belongs is recognised where it doesn't.
func TestKnown(t *testing.T) {
	learnt := record(object(0x5A, spell(pan16)), object(0x5F20, []byte(holder+"  ")))
	for _, row := range []struct{ name, value, want string }{
		{"another PAN", "5413330089020029", "(status 5413330089020029)"},
		{"a part of the PAN", "541333008902", "(status 541333008902)"},
		{"the PAN", pan16, "{pan 8}"},
		{"the PAN in the middle", "06" + pan16 + "07", "(status 06) {pan 8} (status 07)"},
		{"the PAN twice", pan16 + pan16, "{pan 8} {pan 8}"},
		{"the PAN, shifted by a digit", "F" + pan16 + "F", "{pan 9}"},
		{"the PAN but for its first digit", "F0" + pan16[1:] + "0", "(status F0) {pan 8}"},
		{"the PAN in ASCII", fmt.Sprintf("%X", pan16), "{pan 16}"},
		{"the name", fmt.Sprintf("%X", holder), "{name 16}"},
		{"the name and more", fmt.Sprintf("%X", holder+" 7"), "{name 16} (status 2037)"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := fixed()
			for _, p := range []pair{selectScheme(), learnt} {
				r.Redact(p.command, p.answer)
			}
			then := record(object(0x9F10, spell(row.value)))
			_, answer := r.Redact(then.command, then.answer)
			head := fmt.Sprintf("70%02X9F10%02X", len(then.answer)-4, len(row.value)/2)
			if diff := cmp.Diff(head+" "+row.want+" 9000", text(answer)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestKnownStandIns: a PAN that is recognised has the same stand-in, wherever its digits lie.
func TestKnownStandIns(t *testing.T) {
	for _, pan := range []string{pan16, pan19 + "F"} {
		digits := strings.TrimRight(pan, "F")
		r, first := fixed(), selectScheme()
		r.Redact(first.command, first.answer)
		then := record(object(0x5A, spell(pan)), object(0x9F10, spell(digits+"0F"[:2-len(digits)%2])),
			object(0x9F10, spell("F"+digits+"0"[:1-len(digits)%2])), object(0x50, []byte(digits)))
		_, answer := r.Redact(then.command, then.answer)
		found := standIns(answer, "pan")
		want := strings.TrimRight(fmt.Sprintf("%X", found[0]), "F")
		if len(found) != 4 {
			t.Fatalf("%s", text(answer))
		}
		for _, b := range found[1:] {
			if s := fmt.Sprintf("%X", b); !strings.Contains(s, want) && string(b) != want {
				t.Errorf("%s instead of %s", s, want)
			}
		}
	}
}

// TestManySecrets: the latest secrets are recognised, however many came before, and the memory for
// them doesn't grow.
func TestManySecrets(t *testing.T) {
	r, first := fixed(), selectScheme()
	r.Redact(first.command, first.answer)
	for i := range 1000 {
		name := []byte(fmt.Sprintf("HOLDER NUMBER %d", i))
		learnt, then := record(object(0x5F20, name)), record(object(0x50, name))
		r.Redact(learnt.command, learnt.answer)
		_, answer := r.Redact(then.command, then.answer)
		if len(standIns(answer, "name")) != 1 {
			t.Fatalf("%s", text(answer))
		}
	}
}
