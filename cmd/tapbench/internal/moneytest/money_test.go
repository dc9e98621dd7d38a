package moneytest_test

import (
	"errors"
	"flag"
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"tapbench/cmd/tapbench/internal/moneytest"
)

// least is how many steps "make test" takes.
const least = 10_000

// Whatever is done and whatever breaks off, every unit is in one place. With TAPBENCH_SOAK it goes
// on for that long, or until it is interrupted.
func TestMoneyIsConserved(t *testing.T) {
	template := moneytest.New(t)
	tally := moneytest.Tally{}
	start := time.Now()
	enough := moneytest.Enough(t, func() bool { return tally["steps"] >= least })
	for seed := moneytest.Seed(t); !enough(); seed++ {
		moneytest.Use(t, seed, runs, steps)
		rapid.Check(t, template.Property(t, moneytest.Bugs{}, tally))
	}
	t.Logf("%d steps in %v: %s", tally["steps"], time.Since(start).Round(time.Second), tally)
	if tally["steps"] < least {
		return // somebody has ended it
	}
	for _, what := range []string{
		"withdraw", "paid offline", "paid online", "tick", "close token", "claim paid",
		"batch again", "reclaimed token", "older state put back", "cut", "kill",
		"a request is lost", "an answer is lost",
	} {
		if tally[what] == 0 {
			t.Errorf("in all the steps there was no %q", what)
		}
	}
}

// A seed is good for so many runs of so many steps: some 40 in all, so that the storms of package
// stormtest, six over real processes, are more than one in ten. A bug that was planted is looked
// for in short ones, which leave less to be shrunk.
const runs, steps, shortly = 10, 250, 12

// Each row plants a bug; the checker finds it, and rapid shrinks what leads to it.
func TestPlantedBugsAreFound(t *testing.T) {
	template := moneytest.New(t)
	for name, bugs := range map[string]moneytest.Bugs{
		"double credit on retry":              {DoubleCredit: true},
		"lost reversal":                       {LoseReversals: true},
		"reclaim twice":                       {ReclaimTwice: true},
		"index released before it is written": {ReleaseFirst: true},
	} {
		t.Run(name, func(t *testing.T) {
			seed := moneytest.Seed(t)
			moneytest.Use(t, seed, 200*runs, shortly)
			set(t, "rapid.shrinktime", "4s")
			set(t, "rapid.nofailfile", "true") // it is to be found anew each time
			heard := &listener{T: t}
			tally := moneytest.Tally{}
			heard.check(template.Property(t, bugs, tally))
			if !heard.failed || !strings.Contains(heard.said.String(), moneytest.ErrMoney.Error()) {
				t.Fatalf("the bug wasn't found in %d steps:\n%s", tally["steps"], &heard.said)
			}
			t.Logf("found:\n%s", &heard.said)
		})
	}
}

// set sets a flag for a test.
func set(t *testing.T, name, value string) {
	t.Helper()
	before := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, before) })
}

// listener hears what rapid says of a property that fails, in the test's place.
type listener struct {
	*testing.T
	said   strings.Builder
	failed bool
}

// errEnd ends a check that has failed.
var errEnd = errors.New("the check has failed")

func (l *listener) check(property func(*rapid.T)) {
	defer func() {
		if r := recover(); r != nil && r != errEnd { //nolint:errorlint // the very one
			panic(r)
		}
	}()
	rapid.Check(l, property)
}

// Logf implements [rapid.TB]; and so below.
func (l *listener) Logf(format string, args ...any) {
	_, _ = fmt.Fprintf(&l.said, format+"\n", args...)
}

func (l *listener) Log(args ...any) { _, _ = fmt.Fprintln(&l.said, args...) }

func (l *listener) Errorf(format string, args ...any) {
	l.Logf(format, args...)
	l.failed = true
}

func (l *listener) Error(args ...any) {
	l.Log(args...)
	l.failed = true
}

func (l *listener) Fatalf(format string, args ...any) {
	l.Errorf(format, args...)
	l.FailNow()
}

func (l *listener) Fatal(args ...any) {
	l.Error(args...)
	l.FailNow()
}

func (l *listener) Fail() { l.failed = true }

func (l *listener) Failed() bool { return l.failed }

func (l *listener) FailNow() {
	l.failed = true
	panic(errEnd)
}
