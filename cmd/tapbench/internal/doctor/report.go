package doctor

import (
	"context"
	"slices"
	"time"
)

// Way is a way to a tap.
type Way string

// The ways.
const (
	Demo   Way = "demo"   // everything in software: tapbench demo, tapbench up
	Applet Way = "applet" // the same with the Java Card applet: --se jcardsim
	RealSE Way = "reader" // a real card on a real reader
	RealPM Way = "tpm"    // the machine's own TPM
)

// Ways returns all ways, in the order in which they are shown.
func Ways() []Way { return []Way{Demo, Applet, RealSE, RealPM} }

// rests returns the checks that a way rests on.
func (w Way) rests() []Check {
	switch w {
	case Demo:
		return []Check{Build{}, PCSCD{}, Driver{}, Namespaces{}, SWTPM{}}
	case Applet:
		return append(Demo.rests(), Java{}, Classes{})
	case RealSE:
		return []Check{Build{}, Service{}, KernelDriver{}, Reader{}, Card{}, OurCard{}}
	case RealPM:
		return []Check{TPM{}}
	default:
		return nil
	}
}

// Report is what an examination has found.
type Report struct {
	Findings []Finding    `json:"findings"`
	Works    map[Way]bool `json:"works"`
	// Asked are the ways that have to work; at least one does.
	Asked []Way `json:"asked"`
}

// Healthy reports that every way that was asked for works.
func (r Report) Healthy() bool {
	return !slices.ContainsFunc(r.Asked, func(w Way) bool { return !r.Works[w] })
}

// lookAtMost bounds one check. The longest by far is a reader that hangs.
const lookAtMost = 5 * time.Second

// Examine makes every check once, in order, and says which ways work. What is missing is a problem
// for the ways that were asked for, else a note; without any, [Demo] is asked for.
func Examine(ctx context.Context, m *Machine, asked ...Way) Report {
	if len(asked) == 0 {
		asked = []Way{Demo}
	}
	r := Report{Works: make(map[Way]bool), Asked: asked}
	found := make(map[string]Finding)
	for _, way := range Ways() {
		r.Works[way] = true
		for _, check := range way.rests() {
			f, seen := found[check.Name()]
			if !seen {
				f = look(ctx, m, check)
				found[f.Check] = f
				r.Findings = append(r.Findings, f)
			}
			r.Works[way] = r.Works[way] && f.Level == OK
		}
	}
	for _, way := range asked {
		r.promote(way)
	}
	return r
}

// look makes one check.
func look(ctx context.Context, m *Machine, c Check) Finding {
	limited, cancel := context.WithTimeout(ctx, lookAtMost)
	defer cancel()
	f := c.Look(limited, m)
	f.Check = c.Name()
	return f
}

// promote makes problems of a way's notes.
func (r *Report) promote(way Way) {
	for _, check := range way.rests() {
		for i := range r.Findings {
			if f := &r.Findings[i]; f.Check == check.Name() && f.Level == Note {
				f.Level = Problem
			}
		}
	}
}
