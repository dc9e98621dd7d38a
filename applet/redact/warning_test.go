package redact_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestWarnings: what was replaced is said once for each command and application.
func TestWarnings(t *testing.T) {
	verify := says("00 20 00 01 04 31323334", "6982")
	for _, row := range []struct {
		name     string
		dialogue []pair
		want     []string
	}{
		{"a payment", []pair{selectScheme(), record(object(0x5A, spell(pan16)))}, nil},
		{"an unknown application that is only selected", []pair{selectForeign()}, nil},
		{
			"a PIN before anything is selected",
			[]pair{verify},
			[]string{"VERIFY to the card's first application carries a PIN: " +
				"the recording holds a stand-in"},
		},
		{
			"a PIN twice",
			[]pair{selectScheme(), verify, verify},
			[]string{"VERIFY to Visa (A0000000031010) carries a PIN: the recording holds a stand-in"},
		},
		{
			"an unknown application",
			[]pair{selectForeign(), says("00 B0 00 00 01", "07 9000")},
			[]string{"application F00102030405 isn't known: " +
				"the recording holds stand-ins for its data"},
		},
		{
			"a selection that failed",
			[]pair{
				says("00 A4 04 00 06 F00102030405 00", "6A82"), verify,
			},
			[]string{"VERIFY to the card's first application carries a PIN: " +
				"the recording holds a stand-in"},
		},
		{
			"another logical channel",
			[]pair{
				selectForeign(), says("01 20 00 01 04 31323334", "6982"),
			},
			[]string{"VERIFY to the card's first application carries a PIN: " +
				"the recording holds a stand-in"},
		},
		{
			"secure messaging",
			[]pair{
				selectForeign(), says("0C B0 00 00 04 01020304", "01020304 9000"),
			},
			[]string{"READ BINARY to application F00102030405 is under secure messaging: " +
				"the recording holds stand-ins"},
		},
		{
			"a key for the reader",
			[]pair{selectForeign(), says("FF 82 20 00 06 A0A1A2A3A4A5", "9000")},
			[]string{"LOAD KEYS to the reader carries a key: the recording holds a stand-in"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := fixed()
			for _, p := range row.dialogue {
				r.Redact(p.command, p.answer)
			}
			if diff := cmp.Diff(row.want, r.Warnings()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestManyWarnings: a dialogue with ever new applications doesn't fill the memory.
func TestManyWarnings(t *testing.T) {
	r := fixed()
	for i := range 1000 {
		first := says(fmt.Sprintf("00 A4 04 00 05 F0%08X", i), "9000")
		then := says("00 B0 00 00 01", "07 9000")
		r.Redact(first.command, first.answer)
		r.Redact(then.command, then.answer)
	}
	if n := len(r.Warnings()); n != 64 {
		t.Errorf("%d warnings", n)
	}
}
