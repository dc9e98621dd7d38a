package corpus_test

import (
	"flag"
	"hash/fnv"
	"os"
	"path/filepath"
	"testing"
	"testing/cryptotest"
)

var update = flag.Bool("update", false, "write the recordings that no longer agree")

// folder is where the recordings lie.
const folder = "../../../../testdata/traces"

// TestRecordings plays each scenario and compares what is recorded with the file. A scenario's
// randomness depends on its name, so that those before it may change.
func TestRecordings(t *testing.T) {
	if *update && os.Getenv("CI") != "" {
		t.Fatal("-update is for people: in CI the files stay as they are")
	}
	cryptotest.SetGlobalRandom(t, 0)
	s := newStand(t)
	for _, x := range scenarios() {
		t.Run(x.name, func(t *testing.T) {
			seed := fnv.New64a()
			_, _ = seed.Write([]byte(x.name))
			cryptotest.SetGlobalRandom(t, seed.Sum64())
			compareWithFile(t, x.name+suffix, x.made(t, s))
		})
	}
}

// suffix is that of the files' names.
const suffix = ".trace"

// TestVariationIsDeclared plays everything with other randomness: what differs then is marked.
func TestVariationIsDeclared(t *testing.T) {
	s := newStand(t)
	kept := recordings(t)
	for _, x := range scenarios() {
		t.Run(x.name, func(t *testing.T) {
			if line, what := differs(kept[x.name], x.made(t, s)); line > 0 {
				t.Errorf("testdata/traces/%s%s:%d: not marked as varying: %s", x.name, suffix, line, what)
			}
		})
	}
}

// made plays the scenario and returns its recording.
func (x scenario) made(t *testing.T, s *stand) []byte {
	t.Helper()
	if x.emv != nil {
		return x.emv.made(t, x.comment)
	}
	if x.before != nil {
		s = x.before(t, s)
	}
	r := s.record(t, x.comment)
	x.play(t, s, r)
	check(t, r.Err())
	return r.text.Bytes()
}

// compareWithFile fails at the first line that differs outside of declared variation; with -update
// it writes the file then.
func compareWithFile(t *testing.T, name string, made []byte) {
	t.Helper()
	path := filepath.Join(folder, name)
	kept, err := os.ReadFile(path)
	var line int
	var what string
	if err == nil {
		line, what = differs(kept, made)
	}
	switch {
	case err == nil && line == 0:
	case *update:
		check(t, os.WriteFile(path, made, 0o600))
		t.Logf("%s: written anew", name)
	case err != nil:
		t.Error(err, "; make traces makes it")
	default:
		t.Errorf("testdata/traces/%s:%d: %s; make traces writes it anew", name, line, what)
	}
}
