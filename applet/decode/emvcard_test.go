package decode_test

import (
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/decode"
)

// The directories and an application of a card that nobody knows by its name.
const (
	stranger = "F0A1A2A3A4A501"
	pseName  = "315041592E5359532E4444463031"
	ppseName = "325041592E5359532E4444463031"
	ppseFCI  = "6F 20 84 0E " + ppseName + " A5 0E BF0C 0B 61 09 4F 07" // then 7 bytes of a name
	silent   = "6F 09 84 07 " + stranger
)

// TestWhatIsAPaymentApplication: an application that isn't known by its name is taken for one only
// if its card or its own answers say so.
func TestWhatIsAPaymentApplication(t *testing.T) {
	choose := func(answer string) pair { return says("00A4040007"+stranger+"00", answer) }
	for _, row := range []struct {
		name     string
		dialogue []pair
		want     bool
	}{
		{"nothing says so", []pair{choose(silent + "9000")}, false},
		{"a label", []pair{choose("6F 0F 84 07 " + stranger + "A5 04 50 02 4142 9000")}, false},
		{"refused", []pair{choose("6A82")}, false},
		{
			"refused options", []pair{choose(silent + "9000"), says("80A8000002830000", "6985")}, false,
		},
		{
			"data that aren't options",
			[]pair{choose(silent + "9000"), says("80A8000002840000", "80 02 0000 9000")},
			false,
		},
		{
			"options that aren't a template",
			[]pair{choose(silent + "9000"), says("80A8000002830000", "82 02 0000 9000")},
			false,
		},
		{
			"another name in the directory", []pair{
				says("00A404000E"+ppseName+"00", ppseFCI+"F0A1A2A3A4A502 9000"), choose(silent + "9000"),
			}, false,
		},
		{
			"in the directory of a card that was reset", []pair{
				says("00A404000E"+ppseName+"00", ppseFCI+stranger+"9000"), {}, choose(silent + "9000"),
			}, false,
		},
		{
			"in the PPSE", []pair{
				says("00A404000E"+ppseName+"00", ppseFCI+stranger+"9000"), choose(silent + "9000"),
			}, true,
		},
		{
			"in the PSE", []pair{
				says("00A404000E"+pseName+"00", "6F 15 84 0E "+pseName+" A5 03 88 01 01 9000"),
				says("00B2010C00", "70 0B 61 09 4F 07 "+stranger+" 9000"), choose(silent + "9000"),
			}, true,
		},
		{
			"in the PPSE, selected by its beginning", []pair{
				says("00A404000E"+ppseName+"00", ppseFCI+stranger+"9000"),
				says("00A4040006"+stranger[:12]+"00", silent+"9000"),
			}, true,
		},
		{
			"a PDOL", []pair{choose("6F 11 84 07 " + stranger + "A5 06 9F38 03 9F3704 9000")}, true,
		},
		{"a priority", []pair{choose("6F 0E 84 07 " + stranger + "A5 03 87 01 01 9000")}, true},
		{
			"a log", []pair{
				choose("6F 13 84 07 " + stranger + "A5 08 BF0C 05 9F4D 02 0B0A 9000"),
			}, true,
		},
		{
			"options", []pair{choose(silent + "9000"), says("80A8000002830000", "80 02 0000 9000")}, true,
		},
		{
			"options that are to be fetched",
			[]pair{choose(silent + "9000"), says("80A8000002830000", "6104")},
			true,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := decode.New()
			var x *decode.Exchange
			for _, p := range row.dialogue {
				if p.command == nil {
					d.Reset()
					continue
				}
				x = d.Exchange(p.command, p.answer)
			}
			if x.Foreign != row.want || x.Known != row.want {
				t.Errorf("foreign %v, known %v, want %v", x.Foreign, x.Known, row.want)
			}
			if want := map[bool]string{true: "EMV application"}[row.want]; x.Application != want {
				t.Errorf("application %q, want %q", x.Application, want)
			}
		})
	}
}

// TestTransactionLog: what a log's records hold is known by its format, and is history.
func TestTransactionLog(t *testing.T) {
	begin := []pair{
		says("00A4040007"+stranger+"00", "6F 13 84 07 "+stranger+"A5 08 BF0C 05 9F4D 02 0B0A 9000"),
		says("80CA9F4F00", "9F4F 06 9F0206 9A03 57 05 9000"), // cut off: no list
	}
	format := says("80CA9F4F00", "9F4F 05 9F0206 9A03 9000")
	entry := says("00B2015C00", "000000001250 261121 9000")
	for _, row := range []struct {
		name     string
		dialogue []pair
		want     string
	}{
		{"no format", begin[:1], "log record {history}"},
		{
			"another length",
			[]pair{begin[0], says("80CA9F4F00", "9F4F 03 9F0206 9000")},
			"log record {history}",
		},
		{
			"by its format",
			[]pair{begin[0], format},
			"amount authorised {history}, transaction date {history}",
		},
		{
			"another application's", []pair{
				begin[0], format, says("00A4040007A000000003101000", "9000"),
			}, "record {data}",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			d := decode.New()
			for _, p := range row.dialogue {
				d.Exchange(p.command, p.answer)
			}
			var got []string
			x := d.Exchange(entry.command, entry.answer)
			for _, f := range x.Answer[:len(x.Answer)-1] {
				got = append(got, fmt.Sprintf("%s {%s}", f.Name, f.Secrecy.Label()))
			}
			if text := strings.Join(got, ", "); text != row.want {
				t.Errorf("got %s, want %s", text, row.want)
			}
		})
	}
}
