package compare_test

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/compare"
)

// generateAC is a second GENERATE AC with an answer of these data objects.
func generateAC(objects string) string {
	n := 0
	for _, word := range strings.Fields(objects) {
		switch absent, err := strconv.Atoi(strings.TrimSuffix(word, "]")); {
		case err == nil && strings.HasSuffix(word, "]"):
			n += absent
		case len(strings.Trim(word, "{}")) == 2 && word[0] != '[':
			n++
		}
	}
	return "> 00 A4 04 00 0A F0 54 41 50 42 45 4E 43 48 02 00\n< 90 00\n" +
		fmt.Sprintf("> 80 AE 40 00 00\n< 77 %02X %s 90 00\n", n, objects)
}

func TestElements(t *testing.T) {
	const (
		cid = "9F 27 01 40"
		atc = "9F 36 02 00 01"
		ac  = "9F 26 08 01 02 03 04 05 06 07 08"
		pan = "5A 0A 99 99 99 37 97 91 61 93 58 8F"
	)
	for _, row := range []struct {
		name, a, b string
		want       []string
	}{
		{"what differs", cid, "9F 27 01 00", []string{"answer 9F27 differs 40 00"}},
		{"a counter", atc, "9F 36 02 00 02", []string{"answer 9F36 varies 0001 0002 atc"}},
		{
			"a cryptogram", ac, "9F 26 08 01 02 03 04 05 06 07 09",
			[]string{"answer 9F26 varies 0102030405060708 0102030405060709 cryptogram"},
		},
		{"a counter of another length", atc, "9F 36 01 01", []string{"answer 9F36 differs 0001 01"}},
		{
			"one that is missing", cid + " " + atc, atc,
			[]string{"answer 9F27 only in A 40 -"},
		},
		{"one that is new", atc, atc + " " + cid, []string{"answer 9F27 only in B - 40"}},
		{
			"another order", cid + " " + atc, atc + " " + cid,
			[]string{"answer 9F36 only in B - 0001", "answer 9F36 only in A 0001 -"},
		},
		{
			"one that wasn't kept", "9F 27 01 [x 1]", cid,
			[]string{"answer 9F27 not kept - 40 x"},
		},
		{
			"a secret", "9F 27 01 40 " + pan, "9F 27 01 40 5A 0A 99 99 99 37 97 91 61 93 58 7F",
			[]string{"answer 5A varies hidden"},
		},
		{
			"a secret's stand-in", "5A 0A {pan 99 99 99 37 97 91 61 93 58 8F}",
			"5A 0A {pan 99 99 99 37 97 91 61 93 58 7F}",
			[]string{"answer 5A varies 9999993797916193588F 9999993797916193587F identity"},
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []string
			_, err := compare.Dialogues(reader(t, generateAC(row.a)), reader(t, generateAC(row.b)),
				func(e compare.Event) error {
					for n := range e.Elements {
						got = append(got, elementText(&e.Elements[n]))
					}
					return nil
				})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("elements (-want +got):\n%s", diff)
			}
		})
	}
}

func elementText(e *compare.Element) string {
	text := fmt.Sprintf("%v %v %v", e.Place, e.Tag, e.Verdict)
	if e.Hidden() {
		return text + " hidden"
	}
	for _, v := range [][]byte{e.A, e.B} {
		if v == nil {
			text += " -"
		} else {
			text += fmt.Sprintf(" %X", v)
		}
	}
	if e.Why != "" {
		text += " " + e.Why
	}
	return text
}

func TestAgainst(t *testing.T) {
	text := generateAC("9F 27 01 40") + "reset\n"
	answer := []byte{0x77, 0x04, 0x9F, 0x27, 0x01, 0x00, 0x90, 0x00}
	command := []byte{0x80, 0xAE, 0x00, 0x00, 0x00}
	for _, row := range []struct {
		name            string
		line            int
		command, answer []byte
		want            []string
		err             error
	}{
		{"no such line", 5, nil, answer, nil, compare.ErrNoExchange},
		{"behind the end", 9, nil, answer, nil, compare.ErrNoExchange},
		{"no exchange", 6, nil, nil, nil, compare.ErrNoExchange},
		{"the trace's own", 4, nil, nil, nil, nil},
		{"another answer", 4, nil, answer, []string{"answer 9F27 differs 40 00"}, nil},
		{"another command", 4, command, nil, []string{"command 00 differs 40 00"}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, elements, err := compare.Against(reader(t, text), row.line, row.command, row.answer)
			if !errors.Is(err, row.err) {
				t.Fatalf("got %v, want %v", err, row.err)
			}
			var got []string
			for n := range elements {
				got = append(got, elementText(&elements[n]))
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("elements (-want +got):\n%s", diff)
			}
		})
	}
}

// Medians are exact for few times and two per cent off at most for many.
func TestTiming(t *testing.T) {
	for _, row := range []struct {
		name        string
		count, step int
		want        int64 // microseconds
	}{
		{"one", 1, 700, 700},
		{"three", 3, 100, 200},
		{"four", 4, 100, 200},
		{"the last that is exact", 512, 10, 2560},
		{"the first that isn't", 513, 10, 2570},
		{"small ones", 2000, 1, 1000},
		{"large ones", 5000, 99_991, 2500 * 99_991},
	} {
		t.Run(row.name, func(t *testing.T) {
			text := ""
			for n := range row.count {
				text += fmt.Sprintf("> 90 10 00 00\n< 90 00\ntook %d us\n", (n+1)*row.step)
			}
			_, s := short(t, text, text+"> 90 20 00 00\n< 90 00\ntook 5 us\n")
			if len(s.Timing) != 1 || s.Timing[0].A != s.Timing[0].B || s.Timing[0].A.Count != row.count {
				t.Fatalf("got %+v", s.Timing)
			}
			got := s.Timing[0].A.Median.Microseconds()
			if off := max(got-row.want, row.want-got); row.count <= 512 && off > 0 || off*50 > row.want {
				t.Errorf("median of %d: got %d us, want %d", row.count, got, row.want)
			}
		})
	}
}
