package jcardsim_test

import (
	"strings"
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/conformance"
	"tapbench/applet/jcardsim/jcardsimtest"
	"tapbench/pcsc"
)

// plantedBug is a bug in how the applet stores.
type plantedBug struct {
	name, file string
	replace    []string
	// Suite is the part of the suite that finds it when its cards are cut at each store; empty: a
	// host does, on its way, without knowing of the cuts.
	suite string
	want  string // what is said of it; empty: the suite says what it likes
}

const (
	begin  = "        state.begin();\n"
	commit = "        state.commit();\n"
)

func plantedBugs() []plantedBug {
	const until = "        if (first && card[CardSlot.KIND] == Wire.CARD_UNTIL_EXPIRY) {\n"
	const terms = "Arming.TERMS, Arming.TERMS_LEN);\n"
	const made = "        element.keys.make(Keys.FIRST, ram.buffer, (short) 0);\n"
	const alive = "        card[CardState.LIFE] = Wire.LIFE_CYCLE_PERSONALIZED;\n"
	const subject = "        element.certificates.checkSubject(tid, TidSlot.ID, buffer, (short) 0);\n"
	const epoch = "TidSlot.EPOCH_KEY, Wire.POINT_LEN);\n"
	noTransaction := []string{begin + until, until, terms + commit, terms}
	return []plantedBug{
		{
			name: "no transaction", file: "PaymentCommands.java", replace: noTransaction,
			suite: "tearing",
		},
		{
			name: "no transaction, found by the state", file: "PaymentCommands.java",
			replace: noTransaction, want: "02 00 B2, cut before store 2: the state changed",
		},
		{
			name: "a store after the commit", file: "PersonaliseCommands.java",
			replace: []string{alive + commit, commit + alive},
			want:    "01 80 12, cut before store 3: the state changed",
		},
		{
			name: "a key is made within the transaction", file: "PersonaliseCommands.java",
			replace: []string{made + begin, begin + made},
			want:    "01 80 10 leaves to the platform",
		},
		{
			name: "commit before a check", file: "CardCommands.java",
			replace: []string{subject, "", epoch + commit, epoch + commit + subject},
			suite:   "refusals",
			want:    "01 80 70 was refused by 6A80 and yet changed the state",
		},
	}
}

// TestPlantedBugs has the suite and a host find bugs that only power cuts show, or that only the
// state shows.
func TestPlantedBugs(t *testing.T) {
	t.Parallel()
	for _, bug := range plantedBugs() {
		t.Run(bug.name, func(t *testing.T) {
			folder := jcardsimtest.Planted(t, bug.file, bug.replace...)
			if bug.want == "" {
				found := tornBackend(t, folder).Find(t, bug.suite)
				if found == "" {
					t.Fatal("the suite doesn't find it")
				}
				t.Log(found)
				return
			}
			m := startTorn(t, folder)
			if bug.suite != "" {
				b := backend(m.Machine)
				b.Tear, b.Again = nil, nil // each command is cut anyhow
				b.Find(t, bug.suite)
			} else {
				card, err := m.New()
				if err != nil {
					t.Fatal(err)
				}
				applettest.Find(t, func(of conformance.T) {
					h := conformance.NewHost(of, pcsc.NewDirect(card)).Advance(conformance.Armed)
					h.TapWhole(false)
				})
			}
			if err := m.Close(); err == nil || !strings.Contains(m.log.String(), bug.want) {
				t.Errorf("want %q to end the machine, got %v:\n%s", bug.want, err, m.log.String())
			}
		})
	}
}
