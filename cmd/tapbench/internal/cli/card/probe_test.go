package card_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"tapbench/cmd/tapbench/internal/cardcheck"
	"tapbench/cmd/tapbench/internal/cardreport"
	"tapbench/cmd/tapbench/internal/cli/shell"
)

func TestCardProbeRefuses(t *testing.T) {
	for name, row := range map[string]struct {
		keys bool
		args []string
		exit int
		said string
	}{
		"no times":  {args: []string{"--count", "0"}, exit: shell.ExitUsage, said: "isn't 1 to 10000"},
		"no walks":  {args: []string{"--walks", "101"}, exit: shell.ExitUsage, said: "isn't 1 to 100"},
		"a key":     {keys: true, args: []string{"--wipe"}, exit: shell.ExitFailed, said: "--reinstall"},
		"any words": {args: []string{"card"}, exit: shell.ExitUsage, said: "unknown command"},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			if row.keys {
				d.personalise()
			}
			if exit := d.run(append([]string{"card", "probe"}, row.args...)...); exit != row.exit {
				t.Errorf("exit code %d, want %d", exit, row.exit)
			}
			if !strings.Contains(d.said.String(), row.said) {
				t.Errorf("%q isn't in %s", row.said, d.said.String())
			}
		})
	}
}

// TestCardProbe: without --wipe a personalised card is only read; with it every command is timed.
func TestCardProbe(t *testing.T) {
	for name, row := range map[string]struct {
		args  []string
		state string
		walks int
		timed []string
		never []string
	}{
		"only read": {
			state: "PERSONALIZED", timed: []string{"SELECT", "GET DATA"}, never: []string{"ARM"},
		},
		"wiped": {
			args: []string{"--wipe", "--walks", "2"}, state: "PERSONALIZED", walks: 2,
			timed: []string{"SELECT", "AID KEYS", "ARM", "GENERATE AC", "TICK", "LAUNCH"},
			never: []string{"GET RESPONSE"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			d.personalise()
			card := d.card
			args := append([]string{"card", "probe", "--json", "--reinstall", d.renewing()}, row.args...)
			if exit := d.run(args...); exit != shell.ExitOK {
				t.Fatalf("exit code %d: %s", exit, d.said.String())
			}
			var got struct {
				LifeCycle  string                `json:"life_cycle"`
				Capability cardreport.Capability `json:"capability"`
				Extended   bool                  `json:"extended_length"`
				Walks      int                   `json:"walks"`
				Commands   []cardcheck.Command   `json:"commands"`
			}
			if err := json.Unmarshal(d.out.Bytes(), &got); err != nil {
				t.Fatal(err)
			}
			if got.LifeCycle != row.state || got.Walks != row.walks || !got.Extended ||
				got.Capability.Buffer != 768 || len(got.Capability.Missing) > 0 {
				t.Errorf("%+v", got)
			}
			has := func(name string) bool {
				return slices.ContainsFunc(got.Commands, func(c cardcheck.Command) bool {
					return c.Name == name
				})
			}
			for _, name := range row.timed {
				if !has(name) {
					t.Errorf("%s wasn't timed", name)
				}
			}
			for _, name := range row.never {
				if has(name) {
					t.Errorf("%s was timed", name)
				}
			}
			if row.walks == 0 && d.card != card {
				t.Error("another card lies there")
			}
		})
	}
}
