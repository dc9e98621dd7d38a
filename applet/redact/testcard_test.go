package redact_test

import (
	"slices"
	"testing"
)

// TestOnlyATestCardsSignaturesAreKept: certificates and signatures are kept from the first account
// number of the test IIN on, and only while there was no other one.
func TestOnlyATestCardsSignaturesAreKept(t *testing.T) {
	const test, other = "9999990000000006", "5413330089020011"
	certificate := record(object(0x9F46, spell("0102030405060708")))
	number := func(pan string) pair { return record(object(0x5A, spell(pan))) }
	track := func(pan string) pair { return record(object(0x57, spell(pan+"D25122019F"))) }
	for _, row := range []struct {
		name   string
		before []pair
		want   string
	}{
		{"no number", []pair{selectScheme()}, "700B9F4608 {signed 8} 9000"},
		{"somebody's number", []pair{selectScheme(), number(other)}, "700B9F4608 {signed 8} 9000"},
		{"somebody's track", []pair{selectScheme(), track(other)}, "700B9F4608 {signed 8} 9000"},
		{
			"a wrong check digit",
			[]pair{selectScheme(), number("9999990000000007")},
			"700B9F4608 {signed 8} 9000",
		},
		{
			"both", []pair{selectScheme(), number(test), track(other)}, "700B9F4608 {signed 8} 9000",
		},
		{
			"both, somebody's first",
			[]pair{selectScheme(), track(other), number(test)},
			"700B9F4608 {signed 8} 9000",
		},
		{
			"an earlier selection's",
			[]pair{selectScheme(), number(test), selectScheme()},
			"700B9F4608 {signed 8} 9000",
		},
		{
			"an application that nobody knows",
			[]pair{selectForeign(), number(test)},
			"700B9F4608 {signed 8} 9000",
		},
		{"the bench's number", []pair{selectScheme(), number(test)}, "700B9F460801020304050607089000"},
		{"the bench's track", []pair{selectScheme(), track(test)}, "700B9F460801020304050607089000"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := fixed()
			for _, p := range row.before {
				r.Redact(p.command, p.answer)
			}
			_, answer := r.Redact(certificate.command, certificate.answer)
			if got := text(answer); got != row.want {
				t.Errorf("%s, want %s", got, row.want)
			}
		})
	}
}

// TestATestCardsOtherSecrets: its PINs, names and what nobody knows are replaced all the same.
func TestATestCardsOtherSecrets(t *testing.T) {
	r := fixed()
	for _, p := range []pair{selectScheme(), record(object(0x5A, spell("9999990000000006")))} {
		r.Redact(p.command, p.answer)
	}
	for _, row := range []struct {
		name, want, wantAnswer string
		pair                   pair
	}{
		{"a PIN", "0020008008 {pin 8}", "9000", says("00200080 08 241234FFFFFFFFFF", "9000")},
		{
			"a PIN that is changed", "8424000004 {pin 4}", "9000", says("84240000 04 01020304", "9000"),
		},
		{
			"a name and a private object", "00B2010C00",
			"700E5F2004 {name 4} DF3004 {data 4} 9000",
			record(object(0x5F20, []byte("DOE/")), object(0xDF30, spell("01020304"))),
		},
		{
			"a script's command", "841E000004 (ciphertext AABBCCDD)", "9000",
			says("841E0000 04 AABBCCDD", "9000"),
		},
	} {
		command, answer := r.Redact(row.pair.command, row.pair.answer)
		got, want := []string{text(command), text(answer)}, []string{row.want, row.wantAnswer}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", row.name, got, want)
		}
	}
}
