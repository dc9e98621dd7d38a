package entry_test

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/entry"
)

// The names of the tests' applications, as hexadecimal digits.
const (
	ppse  = "325041592E5359532E4444463031"
	pse   = "315041592E5359532E4444463031"
	one   = "A000000003"
	two   = "A000000004"
	longA = "A00000000301"
	longB = "A00000000302"
)

// script is a card that answers commands by a table: "select NAME", "next NAME", "read SFI/NUMBER";
// what isn't in it is 6A82 or 6A83. A value is data and status word, as digits, or the text of an
// error.
type script struct {
	answers map[string]string
	asked   []string
	given   map[string]int
}

func (s *script) Exchange(_ context.Context, c apdu.Command) (apdu.Response, error) {
	what, missing := fmt.Sprintf("select %X", c.Data), "6A82"
	switch {
	case c.INS == byte(wire.InsReadRecord):
		what, missing = fmt.Sprintf("read %d/%d", c.P2>>3, c.P1), "6A83"
	case c.P2 == 2:
		what = fmt.Sprintf("next %X", c.Data)
	}
	s.asked = append(s.asked, what)
	text, ok := s.answers[what]
	if !ok {
		text = missing
	}
	if text == "gone" {
		return apdu.Response{}, &pcsc.Error{Op: "transmitting", Err: pcsc.ErrCardRemoved}
	}
	all := strings.Split(text, "|")
	if s.given == nil {
		s.given = map[string]int{}
	}
	text = all[min(s.given[what], len(all)-1)]
	s.given[what]++
	raw, err := hex.DecodeString(text)
	if err != nil {
		return apdu.Response{}, err
	}
	response, err := apdu.ParseResponse(raw)
	if err == nil && response.SW != apdu.SWNormal && !response.SW.IsWarning() {
		err = c.Refused(response.SW)
	}
	return response, err
}

func object(tag tlv.Tag, values ...string) string {
	raw, err := hex.DecodeString(strings.Join(values, ""))
	if err != nil {
		panic(err)
	}
	return fmt.Sprintf("%X", tlv.Append(nil, tag, raw))
}

// fci is an answer to SELECT without its status word.
func fci(name string, own ...string) string {
	return object(0x6F, object(0x84, name), object(0xA5, own...))
}

// dir is an entry of a directory.
func dir(name string, more ...string) string {
	return object(0x61, append([]string{object(0x4F, name)}, more...)...)
}

func priority(p string) string { return object(0x87, p) }

// ppseOf is a contactless directory.
func ppseOf(entries ...string) string {
	return fci(ppse, object(0xBF0C, entries...)) + "9000"
}

func terminal(way entry.Way, names ...string) entry.Terminal {
	t := entry.Terminal{Way: way}
	for _, n := range names {
		n, partial := strings.CutSuffix(n, "*")
		aid, err := hex.DecodeString(n)
		if err != nil {
			panic(err)
		}
		t.Applications = append(t.Applications, entry.Application{AID: aid, Partial: partial})
	}
	return t
}

// walk finds the list and goes through it until nothing is left.
func walk(t *testing.T, s *script, with entry.Terminal) ([]string, *entry.List, error) {
	t.Helper()
	list, err := entry.Find(t.Context(), s, with)
	if err != nil {
		return nil, list, err
	}
	var names []string
	for range 100 {
		selected, err := list.Next(t.Context())
		if err != nil {
			return names, list, err
		}
		names = append(names, fmt.Sprintf("%X", selected.Name))
	}
	t.Fatal("a list without end")
	return nil, nil, nil
}

func TestSelection(t *testing.T) {
	selectable := func(names ...string) map[string]string {
		all := map[string]string{}
		for _, n := range names {
			all["select "+n] = fci(n) + "9000"
		}
		return all
	}
	with := func(base map[string]string, more ...string) map[string]string {
		for i := 0; i < len(more); i += 2 {
			base[more[i]] = more[i+1]
		}
		return base
	}
	pseAt := func(sfi string) string { return fci(pse, object(0x88, sfi)) + "9000" }
	for name, tt := range map[string]struct {
		answers  map[string]string
		terminal entry.Terminal
		want     []string // in the order of their selection
		from     string
		err      error // nil: ErrNoApplication in the end
		remark   string
	}{
		// PPSE
		"no PPSE": {terminal: terminal(entry.Contactless, one), remark: "SELECT PPSE answered 6A82"},
		"PPSE of other applications": {
			answers: map[string]string{"select " + ppse: ppseOf(dir(two))}, from: "PPSE",
			terminal: terminal(entry.Contactless, one),
		},
		"PPSE without directory": {
			answers:  with(selectable(one), "select "+ppse, fci(ppse)+"9000"),
			terminal: terminal(entry.Contactless, one), from: "PPSE", remark: "is malformed",
		},
		"PPSE with an entry without a name": {
			answers: with(selectable(one), "select "+ppse,
				ppseOf(object(0x61, object(0x50, "41")), dir(one))),
			terminal: terminal(entry.Contactless, one), want: []string{one}, from: "PPSE",
			remark: "without an ADF name",
		},
		"PPSE with an entry of another directory": {
			answers: with(selectable(one), "select "+ppse,
				ppseOf(object(0x61, object(0x9D, one)), dir(one))),
			terminal: terminal(entry.Contactless, one), want: []string{one}, from: "PPSE",
			remark: "another directory",
		},
		"PPSE by priority, none last": {
			answers: with(selectable(one, two, longA), "select "+ppse,
				ppseOf(dir(longA), dir(one, priority("02")), dir(two, priority("01")))),
			terminal: terminal(entry.Contactless, one, two, longA), want: []string{two, one, longA},
			from: "PPSE",
		},
		"PPSE, the first is blocked": {
			answers: with(selectable(two), "select "+ppse,
				ppseOf(dir(one, priority("01")), dir(two, priority("02"))),
				"select "+one, fci(one)+"6283"),
			terminal: terminal(entry.Contactless, one, two), want: []string{two}, from: "PPSE",
			remark: "can't be selected (6283",
		},
		"PPSE, the first answers another name": {
			answers: with(selectable(two), "select "+ppse,
				ppseOf(dir(one, priority("01")), dir(two, priority("02"))),
				"select "+one, fci(two)+"9000"),
			terminal: terminal(entry.Contactless, one, two), want: []string{two}, from: "PPSE",
			remark: "and A000000004 answered",
		},
		"PPSE names the same twice": {
			answers:  with(selectable(one), "select "+ppse, ppseOf(dir(one), dir(one))),
			terminal: terminal(entry.Contactless, one), want: []string{one}, from: "PPSE",
		},
		"PPSE, nobody is asked to confirm": {
			answers:  with(selectable(one), "select "+ppse, ppseOf(dir(one, priority("81")))),
			terminal: terminal(entry.Contactless, one), want: []string{one}, from: "PPSE",
		},
		"PPSE, partial": {
			answers:  with(selectable(longA, longB), "select "+ppse, ppseOf(dir(longA), dir(longB))),
			terminal: terminal(entry.Contactless, one+"*"), want: []string{longA, longB}, from: "PPSE",
		},
		"PPSE, longer than the terminal's": {
			answers:  with(selectable(longA), "select "+ppse, ppseOf(dir(longA))),
			terminal: terminal(entry.Contactless, one), from: "PPSE",
		},
		"PPSE, card is taken away": {
			answers:  map[string]string{"select " + ppse: "gone"},
			terminal: terminal(entry.Contactless, one), err: pcsc.ErrCardRemoved,
		},
		// PSE
		"PSE, card is blocked": {
			answers:  with(selectable(one), "select "+pse, "6A81"),
			terminal: terminal(entry.Contact, one), err: entry.ErrCardBlocked,
		},
		"no PSE": {
			answers: selectable(one), terminal: terminal(entry.Contact, one), want: []string{one},
			from: "list of AIDs", remark: "SELECT PSE answered 6A82",
		},
		"PSE is blocked": {
			answers:  with(selectable(one), "select "+pse, fci(pse, object(0x88, "01"))+"6283"),
			terminal: terminal(entry.Contact, one), want: []string{one}, from: "list of AIDs",
		},
		"PSE without a file": {
			answers:  with(selectable(one), "select "+pse, fci(pse)+"9000"),
			terminal: terminal(entry.Contact, one), want: []string{one}, from: "list of AIDs",
			remark: "directory is malformed",
		},
		"PSE in file 11": {
			answers:  with(selectable(one), "select "+pse, pseAt("0B"), "read 11/1", "9000"),
			terminal: terminal(entry.Contact, one), want: []string{one}, from: "list of AIDs",
		},
		"PSE without records": {
			answers:  with(selectable(one), "select "+pse, pseAt("01")),
			terminal: terminal(entry.Contact, one), want: []string{one}, from: "list of AIDs",
		},
		"PSE, second record can't be read": {
			answers: with(selectable(one, two), "select "+pse, pseAt("01"),
				"read 1/1", object(0x70, dir(two))+"9000", "read 1/2", "6985"),
			terminal: terminal(entry.Contact, one, two), want: []string{one, two}, from: "list of AIDs",
			remark: "record 2 of the directory answered 6985",
		},
		"PSE, record isn't a template 70": {
			answers: with(selectable(one), "select "+pse, pseAt("01"),
				"read 1/1", dir(one)+"9000"),
			terminal: terminal(entry.Contact, one), want: []string{one}, from: "list of AIDs",
			remark: "record 1 of the directory is malformed",
		},
		"PSE of two records, two entries in one": {
			answers: with(selectable(one, two, longA), "select "+pse, pseAt("0A"),
				"read 10/1", object(0x70, dir(one, priority("03")), dir(two, priority("01")))+"9000",
				"read 10/2", object(0x70, dir(longA, priority("02")))+"9000"),
			terminal: terminal(entry.Contact, one, two, longA), want: []string{two, longA, one},
			from: "PSE",
		},
		"PSE, no match, found by AID": {
			answers: with(selectable(one), "select "+pse, pseAt("01"),
				"read 1/1", object(0x70, dir(two))+"9000"),
			terminal: terminal(entry.Contact, one), want: []string{one}, from: "list of AIDs",
		},
		"PSE, final answer is malformed": {
			answers: map[string]string{
				"select " + pse: pseAt("01"), "read 1/1": object(0x70, dir(one)) + "9000",
				"select " + one: object(0x6F, object(0x84, one)) + "9000",
			},
			terminal: terminal(entry.Contact, one), from: "PSE", remark: "the next candidate",
		},
		"PSE, first final answer is malformed": {
			answers: with(selectable(two), "select "+pse, pseAt("01"),
				"read 1/1", object(0x70, dir(one), dir(two))+"9000",
				"select "+one, object(0x6F, object(0x84, one))+"9000"),
			terminal: terminal(entry.Contact, one, two), want: []string{two}, from: "PSE",
			remark: "malformed",
		},
		"PSE, first final answer goes on": {
			answers: with(selectable(two), "select "+pse, pseAt("01"),
				"read 1/1", object(0x70, dir(one), dir(two))+"9000", "select "+one, fci(longA)+"9000"),
			terminal: terminal(entry.Contact, one, two), want: []string{two}, from: "PSE",
			remark: "and A00000000301 answered",
		},
		"PSE, last candidate needs confirmation": {
			answers: with(selectable(one, two), "select "+pse, pseAt("01"), "read 1/1",
				object(0x70, dir(one, priority("81")), dir(two, priority("02")))+"9000"),
			terminal: terminal(entry.Contact, one, two), want: []string{two}, from: "PSE",
			remark: "needs the cardholder's confirmation",
		},
		// list of AIDs
		"list, card is blocked": {
			answers:  map[string]string{"select " + one: "6A81"},
			terminal: terminal(entry.Listed, one), err: entry.ErrCardBlocked,
		},
		"list, nothing known": {terminal: terminal(entry.Listed, one, two), from: "list of AIDs"},
		"list, application is blocked": {
			answers:  with(selectable(two), "select "+one, fci(one)+"6283"),
			terminal: terminal(entry.Listed, one, two), want: []string{two},
			remark: "is blocked (6283",
		},
		"list, answer has no name": {
			answers:  with(selectable(two), "select "+one, object(0x6F, object(0xA5))+"9000"),
			terminal: terminal(entry.Listed, one, two), want: []string{two}, remark: "passed over",
		},
		"list, partial, three of them, the second blocked": {
			answers: with(selectable(longA, longB), "select "+one, fci(longA)+"9000",
				"next "+one, fci(longA+"11")+"6283|"+fci(longB)+"9000|6A82"),
			terminal: terminal(entry.Listed, one+"*"), want: []string{longA, longB},
		},
		"list, the second answers as a blocked card does": {
			answers:  with(selectable(one), "select "+two, "6A81"),
			terminal: terminal(entry.Listed, one, two), want: []string{one},
		},
		"list, partial, a warning of another kind ends it": {
			answers: with(selectable(longA), "select "+one, fci(longA)+"9000",
				"next "+one, fci(longB)+"6200|"+fci(longB)+"9000|6A82"),
			terminal: terminal(entry.Listed, one+"*"), want: []string{longA},
		},
		"list, longer than one that must match whole": {
			answers: with(selectable(two), "select "+one, fci(longA)+"9000",
				"next "+one, "6A82"),
			terminal: terminal(entry.Listed, one, two), want: []string{two},
			remark: "must match whole",
		},
		"list, next occurrence without end": {
			answers: with(selectable(longA), "select "+one, fci(longA)+"9000",
				"next "+one, fci(longA)+"9000"),
			terminal: terminal(entry.Listed, one+"*"), want: []string{longA},
			remark: "no further ones tried",
		},
		"list, by priority of the FCI": {
			answers: with(selectable(), "select "+one, fci(one, priority("02"))+"9000",
				"select "+two, fci(two, priority("01"))+"9000"),
			terminal: terminal(entry.Listed, one, two), want: []string{two, one},
		},
		// any way
		"anyhow: PPSE before PSE": {
			answers: with(selectable(one, two), "select "+ppse, ppseOf(dir(two)),
				"select "+pse, pseAt("01"), "read 1/1", object(0x70, dir(one))+"9000"),
			terminal: terminal(entry.Anyhow, one, two), want: []string{two}, from: "PPSE",
		},
		"anyhow: nothing but the list": {
			answers: selectable(one), terminal: terminal(entry.Anyhow, one), want: []string{one},
			from: "list of AIDs",
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := &script{answers: tt.answers}
			got, list, err := walk(t, s, tt.terminal)
			want := tt.err
			if want == nil {
				want = entry.ErrNoApplication
			}
			if !errors.Is(err, want) {
				t.Errorf("error %v, want %v", err, want)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("selected (-want +got):\n%s\nasked %q", diff, s.asked)
			}
			if tt.from != "" && list.Directory != tt.from {
				t.Errorf("from %q, want %q", list.Directory, tt.from)
			}
			if text := fmt.Sprint(list.Remarks); !strings.Contains(text, tt.remark) {
				t.Errorf("remarks %s, want %q among them", text, tt.remark)
			}
		})
	}
}

// person chooses by places, one after the other; -1 is none.
type person struct {
	places  []int
	confirm bool
	shown   [][]string
}

func (p *person) Choose(_ context.Context, list []entry.Candidate) (int, bool) {
	var names []string
	for _, c := range list {
		names = append(names, fmt.Sprintf("%X", c.AID))
	}
	p.shown = append(p.shown, names)
	if len(p.places) == 0 {
		return 0, false
	}
	place := p.places[0]
	p.places = p.places[1:]
	return place, place >= 0
}

func (p *person) Confirm(context.Context, entry.Candidate) bool { return p.confirm }

func TestCardholderChooses(t *testing.T) {
	first := dir(one, priority("81"), object(0x50, "4F4E45"), object(0x9F12, "554E"))
	answers := map[string]string{
		"select " + pse: fci(pse, object(0x88, "01"), object(0x9F11, "01")) + "9000",
		"read 1/1":      object(0x70, first, dir(two, priority("02"))) + "9000",
		"select " + one: fci(one) + "9000", "select " + two: fci(two) + "9000",
	}
	for name, tt := range map[string]struct {
		person person
		want   []string
	}{
		"nobody wants any":         {person: person{places: []int{-1}}},
		"a place that isn't there": {person: person{places: []int{7}}},
		"a place before the first": {person: person{places: []int{-2}}},
		"the second, then none":    {person: person{places: []int{1}}, want: []string{two}},
		"the second, then the first": {
			person: person{places: []int{1}, confirm: true}, want: []string{two, one},
		},
		"the first, and none without being asked": {
			person: person{places: []int{0}}, want: []string{one},
		},
		"the first, then the second": {
			person: person{places: []int{0}, confirm: true}, want: []string{one, two},
		},
	} {
		t.Run(name, func(t *testing.T) {
			with := terminal(entry.Contact, one, two)
			with.Chooser = &tt.person
			got, _, err := walk(t, &script{answers: answers}, with)
			if !errors.Is(err, entry.ErrNoApplication) {
				t.Error(err)
			}
			if agreed := len(tt.want) == 2; errors.Is(err, entry.ErrNotAgreed) == agreed {
				t.Errorf("agreed to all: %t, and the error is %v", agreed, err)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("selected (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff([][]string{{one, two}}, tt.person.shown); diff != "" {
				t.Errorf("shown (-want +got):\n%s", diff)
			}
		})
	}
	list, err := entry.Find(t.Context(), &script{answers: answers}, terminal(entry.Contact, one))
	if err != nil {
		t.Fatal(err)
	}
	want := []entry.Candidate{{
		Candidate: emv.Candidate{AID: []byte{0xA0, 0, 0, 0, 3}, Label: "ONE", Priority: 1},
		Preferred: "UN", Table: 1, Confirm: true,
	}}
	if diff := cmp.Diff(want, list.Candidates()); diff != "" {
		t.Errorf("candidates (-want +got):\n%s", diff)
	}
	if n := len(list.Offered()); n != 2 {
		t.Errorf("%d offered, want both", n)
	}
}

func TestKernelFor(t *testing.T) {
	for name, want := range map[string]entry.Kernel{
		string(wire.AIDPayment): entry.Anonymous, string(wire.AIDOffline): entry.Anonymous,
		string(wire.AIDPayment) + "\x01": entry.General, "\xA0\x00\x00\x00\x03\x10\x10": entry.General,
	} {
		if got := entry.KernelFor([]byte(name)); got != want {
			t.Errorf("%X: %v, want %v", name, got, want)
		}
	}
}

func TestNoApplicationErrorNamesWhatIsOffered(t *testing.T) {
	s := &script{answers: map[string]string{
		"select " + ppse: ppseOf(dir(two, object(0x50, "54574F"))),
	}}
	_, err := entry.Find(t.Context(), s, terminal(entry.Contactless, one))
	if err == nil || !strings.Contains(err.Error(), `A000000004 "TWO"`) {
		t.Error(err)
	}
	both := &script{answers: map[string]string{
		"select " + ppse: ppseOf(dir(two)),
		"select " + pse:  fci(pse, object(0x88, "01")) + "9000", "read 1/1": object(0x70, dir(two)) + "9000",
	}}
	_, err = entry.Find(t.Context(), both, terminal(entry.Anyhow, one))
	if err == nil || strings.Count(err.Error(), two) != 1 {
		t.Errorf("named by two directories, so it is told once: %v", err)
	}
}

func FuzzDirectories(f *testing.F) {
	f.Add([]byte("\x6F\x00"), byte(0))
	for _, seed := range []string{ppseOf(dir(one)), ppseOf(dir(one, priority("81")), dir(longA))} {
		raw, err := hex.DecodeString(seed[:len(seed)-4])
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw, byte(3))
	}
	f.Fuzz(func(t *testing.T, answer []byte, way byte) {
		if len(answer) > 256 {
			answer = answer[:256]
		}
		same := sameAnswer(answer)
		with := terminal(entry.Way(way%4), one+"*", two)
		list, err := entry.Find(t.Context(), same, with)
		if err != nil {
			return
		}
		for n := 0; ; n++ {
			selected, err := list.Next(t.Context())
			if err != nil {
				return
			}
			a := with.Applications[selected.Taken]
			if !a.Takes(selected.AID) || n > entry.MaxCandidates {
				t.Fatalf("%X isn't %X, or %d candidates", selected.AID, a.AID, n)
			}
		}
	})
}

// sameAnswer is a card that answers the same to everything.
type sameAnswer []byte

func (s sameAnswer) Exchange(context.Context, apdu.Command) (apdu.Response, error) {
	return apdu.Response{Data: s, SW: apdu.SWNormal}, nil
}
