package pcsctest_test

import (
	"encoding/hex"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/pcsctest"
)

// answering is a card that answers every command alike.
type answering struct{ answer []byte }

func (answering) ATR() []byte             { return []byte{0x3B, 0x00} }
func (answering) PowerOn()                {}
func (answering) PowerOff()               {}
func (answering) Reset()                  {}
func (a answering) Process([]byte) []byte { return a.answer }
func unhex(t *testing.T, text string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(text, " ", ""))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// deviant returns a card around one that always answers a file's template.
func deviant(t *testing.T, lines string) *pcsctest.Deviant {
	t.Helper()
	deviations, err := pcsctest.ParseDeviations(lines)
	if err != nil {
		t.Fatal(err)
	}
	return pcsctest.NewDeviant(answering{unhex(t, "700A 5A021234 A5045F2D0141 9000")}, deviations...)
}

// TestDeviations looks at what becomes of the answer 70 {5A 1234, A5 {5F2D 41}}.
func TestDeviations(t *testing.T) {
	const record = "00B2010C00"
	for _, row := range []struct {
		name, line string
		commands   []string // record alone if nil
		want       []string
		unapplied  bool
	}{
		{
			"another header", "80A8: sw 6985", nil,
			[]string{"700A5A021234A5045F2D01419000"},
			true,
		},
		{
			"other data", "00B2/83: sw 6985",
			[]string{"00B2010C01820000"},
			[]string{"700A5A021234A5045F2D01419000"},
			true,
		},
		{
			"an object that isn't there", "00B2: drop 5B", nil,
			[]string{"700A5A021234A5045F2D01419000"},
			true,
		},
		{
			"a path that isn't there", "00B2: drop A5/5A", nil,
			[]string{"700A5A021234A5045F2D01419000"},
			true,
		},
		{
			"xor beyond the object", "00B2: xor 5A@2 01", nil,
			[]string{"700A5A021234A5045F2D01419000"},
			true,
		},
		{
			"the second time, asked once", "00B2 #2: sw 6985", nil,
			[]string{"700A5A021234A5045F2D01419000"},
			true,
		},

		{"sw", "00b2: sw 6985", nil, []string{"6985"}, false},
		{"a dot", "00.2010.: sw 6985", nil, []string{"6985"}, false},
		{
			"data of the command", "00A4/8300: sw 6985",
			[]string{"00A4040002830000"},
			[]string{"6985"},
			false,
		},
		{
			"the second time", "00B2 #2: sw 6985",
			[]string{record, record, record},
			[]string{"700A5A021234A5045F2D01419000", "6985", "700A5A021234A5045F2D01419000"},
			false,
		},
		{
			"from the second time", "00B2 #2+: sw 6985",
			[]string{record, record, record},
			[]string{"700A5A021234A5045F2D01419000", "6985", "6985"},
			false,
		},
		{"answer", "00B2: answer 80009000", nil, []string{"80009000"}, false},
		{"silent", "00B2: silent", nil, []string{""}, false},
		{
			"endless", "00B2: endless 2",
			[]string{record, "00C0000002", "00C0000002", "80CA9F3600"},
			[]string{"6102", "00006102", "00006102", "700A5A021234A5045F2D01419000"},
			false,
		},
		{
			"stale", "00B2 #2: stale\n00B2 #1: drop A5",
			[]string{record, record},
			[]string{"70045A0212349000", "70045A0212349000"},
			false,
		},
		{"status", "00B2: status 6283", nil, []string{"700A5A021234A5045F2D01416283"}, false},
		{"data", "00B2: data 80", nil, []string{"809000"}, false},
		{"no data", "00B2: data", nil, []string{"9000"}, false},
		{"digits repeated", "00B2: data AB*3", nil, []string{"ABABAB9000"}, false},
		{"append", "00B2: append 00", nil, []string{"700A5A021234A5045F2D0141009000"}, false},
		{"cut", "00B2: cut 11", nil, []string{"709000"}, false},
		{"xor data", "00B2: xor @1 01", nil, []string{"700B5A021234A5045F2D01419000"}, false},
		{"xor object", "00B2: xor 5A@1 0F", nil, []string{"700A5A02123BA5045F2D01419000"}, false},
		{"set", "00B2: set 5F2D 4142", nil, []string{"700B5A021234A5055F2D0241429000"}, false},
		{"set empty", "00B2: set 5A", nil, []string{"70085A00A5045F2D01419000"}, false},
		{
			"set to 200 bytes", "00B2: set 5A 11*200", nil,
			[]string{"7081D15A81C8" + strings.Repeat("11", 200) + "A5045F2D01419000"},
			false,
		},
		{"drop by path", "00B2: drop 70/A5/5F2D", nil, []string{"70065A021234A5009000"}, false},
		{"repeat", "00B2: repeat 5A", nil, []string{"700E5A0212345A021234A5045F2D01419000"}, false},
		{"rename", "00B2: rename 5A 9F26", nil, []string{"700B9F26021234A5045F2D01419000"}, false},
		{"length", "00B2: length 5A 127", nil, []string{"700A5A7F1234A5045F2D01419000"}, false},
		{"long length", "00B2: length 5A 255", nil, []string{"700B5A81FF1234A5045F2D01419000"}, false},
		{
			"length of the template", "00B2: length 70 200", nil,
			[]string{"7081C85A021234A5045F2D01419000"},
			false,
		},
		{"add", "00B2: add 5A 99", nil, []string{"700D5A021234A5045F2D01415A01999000"}, false},
		{"two acts", "00B2: drop A5; status 6283", nil, []string{"70045A0212346283"}, false},
		{"two deviations", "00B2: drop A5\n00B2: set 5A 99", nil, []string{"70035A01999000"}, false},
		{"an answer, edited", "00B2: answer 70029000; status 6283", nil, []string{"70026283"}, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			card := deviant(t, row.line)
			commands := row.commands
			if commands == nil {
				commands = []string{record}
			}
			var got []string
			for _, c := range commands {
				got = append(got, strings.ToUpper(hex.EncodeToString(card.Process(unhex(t, c)))))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("answers (-want +got):\n%s", diff)
			}
			if got := len(card.Unapplied()) > 0; got != row.unapplied {
				t.Errorf("unapplied: %q", card.Unapplied())
			}
			if got := len(card.Commands()); got != len(commands) {
				t.Errorf("got %d commands, want %d", got, len(commands))
			}
		})
	}
}

// TestParseDeviationRefuses names what is wrong with a line.
func TestParseDeviationRefuses(t *testing.T) {
	for _, row := range []struct{ name, line, want string }{
		{"no colon", "00B2 sw 6985", "no colon"},
		{"no header", ": sw 6985", "header"},
		{"half a byte", "00B: sw 6985", "header"},
		{"five bytes", "00B2010C00: sw 6985", "header"},
		{"not hexadecimal", "SELECT: sw 6985", "header"},
		{"bad data", "00B2/8: sw 6985", "hexadecimal"},
		{"time 0", "00B2 #0: sw 6985", "number from 1"},
		{"time x", "00B2 #x+: sw 6985", "number from 1"},
		{"no act", "00B2:", "no act"},
		{"empty act", "00B2: sw 6985;", "no act"},
		{"unknown act", "00B2: explode", "no act"},
		{"two answers", "00B2: sw 6985; silent", "second answer"},
		{"short status word", "00B2: sw 69", "no status word"},
		{"no argument", "00B2: set", "missing"},
		{"too much", "00B2: cut 1 2", "too much"},
		{"number", "00B2: cut -1", "number from 0"},
		{"length over a byte", "00B2: length 5A 256", "number from 0"},
		{"bad digits", "00B2: data 0G", "hexadecimal"},
		{"bad repetition", "00B2: data 00*x", "number"},
		{"no tag", "00B2: drop 9F", "no tag"},
		{"tag of five bytes", "00B2: drop DF81828301", "no tag"},
		{"rename to no tag", "00B2: rename 5A 5A5A", "no tag"},
		{"xor without place", "00B2: xor 5A 01", "number"},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, err := pcsctest.ParseDeviations("\n00B2: sw 6985\n" + row.line)
			if !errors.Is(err, pcsctest.ErrDeviation) || !strings.Contains(err.Error(), row.want) {
				t.Errorf("got %v, want ErrDeviation with %q", err, row.want)
			}
		})
	}
}

// FuzzDeviation: an accepted line says itself, and an edit keeps an answer an answer.
func FuzzDeviation(f *testing.F) {
	for _, line := range []string{
		"00B2: set 5A 1234; drop A5", "00B2 #2+: xor @0 80", "00..: length 70 255; cut 1",
		"00B2: repeat 70/A5; add 5A; rename 5F2D 9F26", "00: endless 256",
	} {
		f.Add(line, []byte{0x70, 0x02, 0x5A, 0x00, 0x90, 0x00})
	}
	f.Fuzz(func(t *testing.T, line string, answer []byte) {
		d, err := pcsctest.ParseDeviation(line)
		if err != nil {
			if !errors.Is(err, pcsctest.ErrDeviation) {
				t.Fatalf("%v isn't ErrDeviation", err)
			}
			return
		}
		if d.String() != line {
			t.Fatalf("%q says %q", line, d)
		}
		card := pcsctest.NewDeviant(answering{answer}, d)
		got := card.Process([]byte{0x00, 0xB2, 0x01, 0x0C, 0x00})
		if len(card.Unapplied()) == 1 && string(got) != string(answer) {
			t.Fatalf("unapplied, yet %X became %X", answer, got)
		}
	})
}
