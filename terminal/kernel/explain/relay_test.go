package explain_test

import (
	"testing"
	"time"

	"tapbench/terminal/kernel/explain"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

func TestRelayResistanceIsAPhaseWhereThereIsOne(t *testing.T) {
	measured := func(took time.Duration, bits ...rules.TVRBit) outcome.Outcome {
		o := online()
		o.Relay = &relay.Verdict{
			Took: took, Least: time.Millisecond, AtMost: 30 * time.Millisecond, Inexact: len(bits) > 1,
		}
		o.TVR.Set(bits...)
		return o
	}
	lacking := online()
	lacking.TVR.Set(rules.RelayNotPerformed)
	broken := measured(2 * time.Millisecond)
	broken.Trail.Measuring = true
	begun := online()
	begun.Trail.Measuring = true
	offered := online()
	offered.AIP[1] |= 1
	for name, tt := range map[string]struct {
		outcome outcome.Outcome
		state   explain.State // empty: there is no such phase
		facts   int
	}{
		"neither has it":           {outcome: online()},
		"card doesn't have it":     {lacking, explain.Skipped, 1},
		"broken off at the first":  {begun, explain.NotReached, 0},
		"broken off at the second": {broken, explain.NotReached, 1},
		"terminal doesn't measure": {offered, explain.Skipped, 1},
		"near":                     {measured(10*time.Millisecond, rules.RelayPerformed), explain.Done, 1},
		"too soon":                 {measured(0, rules.RelayPerformed), explain.Objected, 1},
		"too late, and inexact": {
			measured(time.Second, rules.RelayPerformed, rules.RelayTooLate), explain.Objected, 2,
		},
	} {
		var state explain.State
		facts := 0
		for i, p := range explain.Of(tt.outcome, nil).Phases {
			if p.Name == "relay" {
				state, facts = p.State, len(p.Facts)
				if i != 2 {
					t.Errorf("%s: it is phase %d, not the third", name, i+1)
				}
			}
		}
		if state != tt.state || facts != tt.facts {
			t.Errorf("%s: %q with %d facts, want %q with %d", name, state, facts, tt.state, tt.facts)
		}
	}
}

func TestWhatComesWithProcessingOptions(t *testing.T) {
	o := online()
	o.AIP[1] |= 1
	o.TVR.Set(rules.RelayNotPerformed)
	o.Decision, o.Trail.Action = 0, nil
	said := map[string]string{}
	for _, p := range explain.Of(o, nil).Phases {
		for _, f := range p.Facts {
			said[p.Name+" "+f.Name] = f.Text
		}
	}
	for fact, want := range map[string]string{
		"first cryptogram ARQC": "with the processing options",
		"second cryptogram TC":  "as asked for",
		"relay AIP":             "the card takes part, but not with a cryptogram among its processing options",
	} {
		if said[fact] != want {
			t.Errorf("%s: got %q, want %q", fact, said[fact], want)
		}
	}
}
