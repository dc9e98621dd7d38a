package iso14443

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// sniff plays a capture that is written by hand: a line for each frame, "r" from the reader, "c"
// from the card, "on" and "off" for the field. "a" or "b" before the bytes appends CRC_A or CRC_B;
// "n" says that the sniffer dropped the CRC. Each line is a microsecond later than the one before.
func sniff(t testing.TB, text string) (said []string, lost []string, atr string) {
	t.Helper()
	l := Listener{Lost: func(what string) { lost = append(lost, what) }}
	drain := func() {
		for {
			h, more := l.Next()
			if !more {
				return
			}
			line := fmt.Sprintf("%d-%d", h.Begin/time.Microsecond, h.End/time.Microsecond)
			switch h.Kind {
			case Exchange:
				line += fmt.Sprintf(" %X", h.Command)
				if h.Answered {
					line += fmt.Sprintf(" > %X", h.Answer)
				}
			case Reset:
				line += " reset"
			case Remove:
				line += " remove"
			case Insert:
				line += " insert"
			}
			said = append(said, line)
		}
	}
	for i, line := range strings.Split(strings.TrimSpace(text), "\n") {
		if err := l.Hear(packetOf(t, line), time.Duration(i)*time.Microsecond); err != nil {
			t.Fatal(err)
		}
		drain()
	}
	l.Interrupt()
	drain()
	return said, lost, fmt.Sprintf("%X", l.ATR())
}

func packetOf(t testing.TB, line string) Packet {
	t.Helper()
	words := strings.Fields(line)
	if words[0] == "on" || words[0] == "off" {
		return Packet{Event: map[string]Event{"on": FieldOn, "off": FieldOff}[words[0]]}
	}
	event := map[string]Event{"r": ToCard, "c": FromCard}[words[0]]
	sum := ""
	if len(words[1]) == 1 {
		sum, words = words[1], words[1:]
	}
	frame, err := hex.DecodeString(strings.Join(words[1:], ""))
	if err != nil {
		t.Fatal(err)
	}
	switch sum {
	case "a":
		crc := CRCA(frame)
		frame = append(frame, byte(crc), byte(crc>>8))
	case "b":
		crc := CRCB(frame)
		frame = append(frame, byte(crc), byte(crc>>8))
	case "n":
		event -= 4
	}
	return Packet{Event: event, Frame: frame}
}

// activation is that of a type A card with the historical bytes 41 42.
const activation = `on
r 26
c 04 00
r 93 20
c 08 11 22 33 08
r a 93 70 08 11 22 33 08
c a 20
r a E0 80
c a 07 78 80 80 02 41 42
`

func TestListenerHears(t *testing.T) {
	const atr = "3B82800141420" + "0"
	tests := []struct {
		name, text string
		said, lost []string
		atr        string
	}{
		{
			"an exchange without an answer", activation + "r a 02 00A40400",
			[]string{"9-9 00A40400"},
			nil, atr,
		},
		{
			"a wrong CRC", activation + "r 02 00A40400 1234\nr a 02 00A40400\nc a 02 9000",
			[]string{"10-11 00A40400 > 9000"},
			[]string{"frames with a wrong CRC"},
			atr,
		},
		{
			"frames of other protocols", "on\nr 26\nc 44 00\nr a 30 04\nc a 00 01 02 03",
			nil,
			[]string{
				"frames that are neither activation nor blocks",
				"frames that are neither activation nor blocks",
			},
			"",
		},
		{"a damaged ATS", "r a E0 80\nc a 09 78", nil, []string{"damaged ATS"}, ""},
		{
			"a command cut off in a chain", activation + "r a 12 00A4\nc a A2\noff",
			nil,
			[]string{"commands cut off in a chain of blocks"},
			atr,
		},
		{
			"an answer cut off in a chain", activation + "r a 02 00A40400\nc a 12 6F00\nr 26",
			[]string{"9-10 00A40400"},
			[]string{"answers cut off in a chain of blocks"},
			atr,
		},
		{
			"an answer without a command", activation + "r a B2\nc a 02 9000",
			nil,
			[]string{"answers without a command"},
			atr,
		},
		{
			"blocks of another CID", activation + "r a 0A 03 00A40400\nc a 0A 03 9000",
			nil,
			[]string{
				"blocks of a card with another CID", "blocks of a card with another CID",
			},
			atr,
		},
		{
			"two exchanges", activation + "r a 02 00A40400\nc a 02 9000\nr a 03 00B0000000\nc a 03 6A82",
			[]string{"9-10 00A40400 > 9000", "11-12 00B0000000 > 6A82"},
			nil, atr,
		},
		{
			"chains both ways", activation + `r a 12 00A4
c a A2
r a 03 0400
c a 13 6F02
r a A2
c a 02 8400
r a B2
c a 02 8400
r a 03 00B0000000
c a 03 9000`,
			[]string{"9-14 00A40400 > 6F028400", "17-18 00B0000000 > 9000"},
			[]string{"blocks sent again"},
			atr,
		},
		{
			"a command sent again", activation + "r a 02 00A40400\nr a B2\nr a 02 00A40400\nc a 02 9000",
			[]string{"9-12 00A40400 > 9000"},
			[]string{"blocks sent again"},
			atr,
		},
		{
			"the same command twice", activation +
				"r a 02 00840000\nc a 02 9000\nr a 03 00840000\nc a 03 9000",
			[]string{"9-10 00840000 > 9000", "11-12 00840000 > 9000"},
			nil, atr,
		},
		{
			"waiting time extensions", activation + "r a 02 00A40400\nc a F2 01\nr a F2 01\nc a 02 9000",
			[]string{"9-12 00A40400 > 9000"},
			[]string{"waiting time extensions"},
			atr,
		},
		{
			"CID and NAD", "r a E0 85\nc a 01\nr a 0E 05 21 00A40400\nc a 0A 05 9000",
			[]string{"2-3 00A40400 > 9000"},
			nil, "3B80800101",
		},
		{
			"a PPS", activation + "r a D0 11 00\nc a D0\nr a 02 00A40400\nc a 02 9000",
			[]string{"11-12 00A40400 > 9000"},
			nil, atr,
		},
		{
			"a presence check", activation + "r a B2\nc a A3\nr a 02\nc a 02\nr a 03 00A40400\nc a 03 9000",
			[]string{"13-14 00A40400 > 9000"},
			nil, atr,
		},
		{
			"CRCs that the sniffer dropped", "r n 93 70 08 11 22 33 08\nc n 20\nr n E0 80\nc n 01\n" +
				"r n 02 00A40400\nc n F2 01\nr n F2 01\nc n 02 9000",
			[]string{"4-7 00A40400 > 9000"},
			[]string{"waiting time extensions"},
			"3B80800101",
		},
		{
			"a capture that begins in the middle", "r a 0B 01 00A40400\nc a 0B 01 9000",
			[]string{"0-1 00A40400 > 9000"},
			nil, "",
		},
		{
			"DESELECT and another activation", activation + "r a 02 00A40400\nc a 02 9000\n" +
				"r a C2\nc a C2\nr 52\nc 04 00\nr a E0 80\nc a 07 78 80 80 02 41 42",
			[]string{"9-10 00A40400 > 9000", "11-11 reset"},
			nil, atr,
		},
		{
			"the field going off and on", activation + "off\n" + activation,
			[]string{"9-9 reset"},
			nil, atr,
		},
		{"the field going off", activation + "off", nil, nil, atr},
		{
			"a card that was taken away and put back", activation + "off\non\nr 26\nr 26\noff\n" + activation,
			[]string{"9-9 remove", "15-15 insert"},
			nil, atr,
		},
		{
			"another card", activation + "off\non\nr 26\nr 26\nc 04 00\nr a E0 80\nc a 01",
			[]string{"9-9 remove", "12-12 insert"},
			[]string{"cards with another ATR than the first"},
			atr,
		},
		{
			"a type B card", `r b 05 00 08
c b 50 11223344 AABBCCDD 008171
r b 1D 11223344 00 08 01 00
c b 00
r b 02 00A40400
c b 02 9000`,
			[]string{"4-5 00A40400 > 9000"},
			nil, "3B888001AABBCCDD00817100" + "F9",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			said, lost, atr := sniff(t, tt.text)
			if diff := cmp.Diff(tt.said, said); diff != "" {
				t.Errorf("said (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.lost, lost); diff != "" {
				t.Errorf("lost (-want +got):\n%s", diff)
			}
			if atr != tt.atr {
				t.Errorf("ATR %s, want %s", atr, tt.atr)
			}
		})
	}
}

func TestListenerRefusesEndlessChains(t *testing.T) {
	for _, toCard := range []bool{true, false} {
		l := Listener{}
		speak := func(b string) error { return l.Hear(packetOf(t, b), 0) }
		long := strings.Repeat("00", 4000)
		var err error
		if !toCard {
			err = speak("r a 02 00A40400")
		}
		for i := 0; i < 20 && err == nil; i++ {
			if number := fmt.Sprint(2 + i&1); toCard {
				err = speak("r a 1" + number + long)
			} else if err = speak("c a 1" + number + long); err == nil {
				err = speak("r a A" + number)
			}
		}
		if err == nil || !strings.Contains(err.Error(), "chain of more than 655") {
			t.Errorf("to the card %t: %v", toCard, err)
		}
	}
}

// The examples of ISO/IEC 14443-3:2018, annex B.
func TestCRCsAreThoseOfTheStandard(t *testing.T) {
	for _, tt := range []struct {
		frame string
		a, b  uint16
	}{
		{"0000", 0x1EA0, 0},
		{"1234", 0xCF26, 0},
		{"000000", 0, 0xC6CC},
		{"0FAAFF", 0, 0xD1FC},
		{"0A123456", 0, 0xF62C},
	} {
		frame, err := hex.DecodeString(tt.frame)
		if err != nil {
			t.Fatal(err)
		}
		if got := CRCA(frame); tt.a != 0 && got != tt.a {
			t.Errorf("CRC_A of %s is %04X, want %04X", tt.frame, got, tt.a)
		}
		if got := CRCB(frame); tt.b != 0 && got != tt.b {
			t.Errorf("CRC_B of %s is %04X, want %04X", tt.frame, got, tt.b)
		}
	}
}
