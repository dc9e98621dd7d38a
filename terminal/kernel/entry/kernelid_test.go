package entry_test

import (
	"errors"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/terminal/kernel/entry"
)

// kernels are entries of a contactless directory that name a kernel, and one that doesn't.
func TestKernelIdentifiers(t *testing.T) {
	const mastercard = "A000000004"
	for name, tt := range map[string]struct {
		name, id string
		have     []entry.KernelID
		want     bool
	}{
		"any is taken":                    {one, "2A", nil, true},
		"none is named: the system's own": {mastercard, "", []entry.KernelID{{2}}, true},
		"zero: the system's own":          {mastercard, "00", []entry.KernelID{{2}}, true},
		"the system's own isn't there":    {mastercard, "", []entry.KernelID{{3}}, false},
		"nobody's system":                 {"F000000001", "", []entry.KernelID{{3}}, true},
		"international":                   {one, "02", []entry.KernelID{{3}, {2}}, true},
		"international, 01":               {one, "42FFFF", []entry.KernelID{{0x42}}, true},
		"international, missing":          {one, "02", []entry.KernelID{{3}}, false},
		"domestic":                        {one, "810276", []entry.KernelID{{0x81, 2, 0x76}}, true},
		"domestic, proprietary":           {one, "C10276FF", []entry.KernelID{{0xC1, 2, 0x76}}, true},
		"domestic, of another country":    {one, "810250", []entry.KernelID{{0x81, 2, 0x76}}, false},
		"domestic, too short":             {one, "8102", nil, false},
		"domestic, of no number":          {one, "800276", nil, false},
		"longer than it may be":           {one, "020000000000000000", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			entryOf := dir(tt.name, object(0x9F2A, tt.id))
			if tt.id == "" {
				entryOf = dir(tt.name)
			}
			with := terminal(entry.Contactless, tt.name)
			with.Applications[0].Kernels = tt.have
			got, list, err := walk(t, &script{answers: map[string]string{
				"select " + ppse: ppseOf(entryOf), "select " + tt.name: fci(tt.name) + "9000",
			}}, with)
			if !errors.Is(err, entry.ErrNoApplication) || slices.Contains(got, tt.name) != tt.want {
				t.Errorf("selected %v, %v: %v", got, err, list.Remarks)
			}
		})
	}
}

// Two entries with one name are two candidates where they ask for kernels, the second of which the
// terminal has.
func TestSecondKernelIsTaken(t *testing.T) {
	with := terminal(entry.Contactless, one)
	with.Applications[0].Kernels = []entry.KernelID{{3}}
	got, _, err := walk(t, &script{answers: map[string]string{
		"select " + ppse: ppseOf(dir(one, object(0x9F2A, "21")), dir(one, object(0x9F2A, "03"))),
		"select " + one:  fci(one) + "9000",
	}}, with)
	if diff := cmp.Diff([]string{one}, got); diff != "" || !errors.Is(err, entry.ErrNoApplication) {
		t.Errorf("%v, selected (-want +got):\n%s", err, diff)
	}
}

func TestExtendedSelection(t *testing.T) {
	const long = "A0000000030102030405060708090A" // 15 bytes
	for name, tt := range map[string]struct {
		name, extended string
		takes          bool
		want           []string // what is selected, PPSE left out
	}{
		"as the directory says":        {one, "4142", true, []string{"select " + one + "4142"}},
		"the terminal doesn't take it": {one, "4142", false, []string{"select " + one}},
		"sixteen bytes together":       {long, "41", true, []string{"select " + long + "41"}},
		"seventeen bytes together":     {long, "4142", true, []string{"select " + long}},
	} {
		t.Run(name, func(t *testing.T) {
			with := terminal(entry.Contactless, tt.name)
			with.Applications[0].Extended = tt.takes
			s := &script{answers: map[string]string{
				"select " + ppse: ppseOf(dir(tt.name, object(0x9F29, tt.extended))),
			}}
			_, _, err := walk(t, s, with)
			if !errors.Is(err, entry.ErrNoApplication) {
				t.Error(err)
			}
			if diff := cmp.Diff(tt.want, s.asked[1:]); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}
