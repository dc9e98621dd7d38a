package conformance

import (
	"bytes"
	"context"
	"encoding/hex"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// scripted is a card that answers as a script says, and fails the test for another command.
type scripted struct {
	pcsc.Card
	t      testing.TB
	script []string // command, answer, command, …; "reset" has no answer
}

func (s *scripted) next() string {
	s.t.Helper()
	if len(s.script) == 0 {
		s.t.Fatal("the script is over")
	}
	line := s.script[0]
	s.script = s.script[1:]
	return line
}

func (s *scripted) Transmit(_ context.Context, raw []byte) ([]byte, error) {
	s.t.Helper()
	if want := s.next(); !bytes.Equal(raw, unhex(s.t, want)) {
		s.t.Fatalf("got %X, want %s", raw, want)
	}
	return unhex(s.t, s.next()), nil
}

func (s *scripted) Reset(context.Context) error {
	s.t.Helper()
	if want := s.next(); want != "reset" {
		s.t.Fatalf("got a reset, want %s", want)
	}
	return nil
}

func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	raw, err := hex.DecodeString(strings.ReplaceAll(digits, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// TestPlatform has commands answered by an element that has no platform, or lies below one.
func TestPlatform(t *testing.T) {
	const (
		whole = "00A404000AF0 54415042454E4348 01 00"
		data  = "00CADF0200"
	)
	card := Platform{
		Unselected: apdu.SWNoCurrentEF, Unknown: 0x6999, Selects: true, Channel: 0x6881,
	}
	for _, row := range []struct {
		name     string
		platform Platform
		script   []string
		ask      []string // of which the last one's answer is looked at
		want     string
	}{
		{"no platform", Platform{}, []string{data, "6986"}, []string{data}, "6986"},
		{"before a selection", card, []string{data, "6986"}, []string{data}, "6D00"},
		{"another class", card, []string{"A0CADF02", "6986"}, []string{"A0CADF02"}, "6E00"},
		{"a chain", card, []string{"90160000", "6986"}, []string{"90160000"}, "6E00"},
		{"another status word", card, []string{data, "6A88"}, []string{data}, "6A88"},
		{"an answer", card, []string{data, "079000"}, []string{data}, "079000"},
		{
			"whatever refuses",
			Platform{Unselected: Refusal},
			[]string{data, "6A88"},
			[]string{data},
			"6D00",
		},
		{"what doesn't", Platform{Unselected: Refusal}, []string{data, "6283"}, []string{data}, "6283"},
		{"accepts", Platform{Unselected: 0x9000}, []string{data, "9000"}, []string{data}, "9000"},
		{"bytes that are no command", card, []string{"00CA", "6986"}, []string{"00CA"}, "6986"},
		{"no status word", card, []string{data, "90"}, []string{data}, "90"},
		{
			"after a selection", card,
			[]string{whole, "9000", data, "6986"},
			[]string{whole, data},
			"6986",
		},
		{
			"after a refused selection", card,
			[]string{whole, "6A82", data, "6986"},
			[]string{whole, data},
			"6D00",
		},
		{"an unknown AID", card, []string{"00A4040001A0", "6999"}, []string{"00A4040001A0"}, "6A82"},
		{
			"an unknown AID later", card,
			[]string{whole, "9000", "00A4040001A0", "6999"},
			[]string{whole, "00A4040001A0"},
			"6999",
		},
		{
			"by file identifier", card,
			[]string{"00A40000023F00", "6986"},
			[]string{"00A40000023F00"},
			"6A86",
		},
		{
			"part of an AID", card,
			[]string{whole, "9000", "00A4040005F054415042", "6A82", whole, "9000"},
			[]string{whole, "00A4040005F054415042"},
			"6A82",
		},
		{
			"part of an AID is accepted", card,
			[]string{whole, "9000", "00A4040005F054415042", "9000", whole, "9000"},
			[]string{whole, "00A4040005F054415042"},
			"6A82",
		},
		{
			"another P2", card,
			[]string{"00A4040C05F054415042", "9000", "reset"},
			[]string{"00A4040C05F054415042"},
			"6A86",
		},
		{
			"another P2 that isn't the platform's",
			Platform{Unselected: Refusal},
			[]string{"00A4040C05F054415042", "9000"},
			[]string{"00A4040C05F054415042"},
			"9000",
		},
		{
			"in extended length", card,
			[]string{"00A4040000000AF054415042454E4348010000", "6A82", whole, "9000"},
			[]string{"00A4040000000AF054415042454E4348010000"},
			"9000",
		},
		{
			"another channel", card,
			[]string{whole, "9000", "81100000", "6881"},
			[]string{whole, "81100000"},
			"6E00",
		},
		{
			"another channel, accepted", card,
			[]string{whole, "9000", "81100000", "9000"},
			[]string{whole, "81100000"},
			"9000",
		},
		{"a channel is opened", card, []string{"0070000001", "019000"}, []string{"0070000001"}, "6D00"},
	} {
		t.Run(row.name, func(t *testing.T) {
			below := &scripted{t: t, script: row.script}
			above := row.platform.Element(below)
			var got []byte
			for _, raw := range row.ask {
				var err error
				if got, err = above.Transmit(t.Context(), unhex(t, raw)); err != nil {
					t.Fatal(err)
				}
			}
			if !bytes.Equal(got, unhex(t, row.want)) {
				t.Errorf("got %X, want %s", got, row.want)
			}
			if len(below.script) > 0 {
				t.Errorf("left of the script: %v", below.script)
			}
		})
	}
}
