package bound_test

import (
	"strings"
	"testing"

	"tapbench/applet/statefile/bound/boundtest"
)

// TestRollback cuts the power at every step, and puts every copy back that was ever written: the
// element runs with the last one only, and no index gets two answers. The index is in memory;
// wallet/rollback.TestRollback has a TPM's.
func TestRollback(t *testing.T) {
	for name, s := range map[string]boundtest.Search{
		"a new state, cut while it starts":         {Copies: 2, StartCuts: 3},
		"a new state, four times":                  {Copies: 4, StartCuts: 1},
		"a state that was taken over, cut, and on": {Copies: 4, StartCuts: 2, Adopt: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s.Rule, s.Strict = boundtest.Extend, true
			r := boundtest.Explore(s)
			if r.Double != nil || r.Wrong != nil || r.Err != nil {
				t.Fatalf("two answers: %s\nwrong: %s\n%v", story(r.Double), story(r.Wrong), r.Err)
			}
			t.Log(r)
		})
	}
}

// TestRollbackWeakRules has the same adversary find two answers for one index where a version is
// compared with a counter, and where the file is trusted.
func TestRollbackWeakRules(t *testing.T) {
	for name, c := range map[string]struct {
		rule boundtest.Rule
		want string // in the story
	}{
		"version equals counter": {boundtest.Counter, "started with copy"},
		"file is trusted":        {boundtest.None, "started"},
	} {
		t.Run(name, func(t *testing.T) {
			r := boundtest.Explore(boundtest.Search{Rule: c.rule, Copies: 4})
			if r.Err != nil || r.Double == nil || !strings.Contains(story(r.Double), c.want) {
				t.Fatalf("no two answers found in %s: %s%s, %v", r, story(r.Double), story(r.Wrong), r.Err)
			}
			t.Logf("found after %s: %s", r, story(r.Double))
		})
	}
}

// TestExploreFindsAnOlderCopy has the search itself find what it is there for.
func TestExploreFindsAnOlderCopy(t *testing.T) {
	r := boundtest.Explore(boundtest.Search{Rule: boundtest.None, Copies: 2, Strict: true})
	if !strings.Contains(story(r.Wrong), "an older copy was taken") {
		t.Errorf("got %s, %v", story(r.Wrong), r.Err)
	}
}

func story(lines []string) string { return "\n  " + strings.Join(lines, "\n  ") }
