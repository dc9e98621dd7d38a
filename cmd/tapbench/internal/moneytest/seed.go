package moneytest

import (
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// SeedVariable names the seed of a test, to make its choices again.
const SeedVariable = "TAPBENCH_MONEY_SEED"

// Seed returns the seed that the environment asks for, or a new one, and says which it is.
func Seed(t testing.TB) uint64 {
	t.Helper()
	seed := uint64(rand.Uint32()) //nolint:gosec // it hides nothing
	if text := os.Getenv(SeedVariable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", SeedVariable, err)
		}
	}
	t.Logf("%s=%d", SeedVariable, seed)
	return seed
}

// Use sets what rapid takes from its flags: the seed, how many runs are made of it, and of how many
// steps about.
func Use(t testing.TB, seed uint64, runs, steps int) {
	t.Helper()
	for name, value := range map[string]any{
		"rapid.seed": max(1, seed), "rapid.checks": runs, "rapid.steps": steps,
	} {
		must(t, flag.Set(name, fmt.Sprint(value)))
	}
}

// String returns the tally as a line.
func (t Tally) String() string {
	var words []string
	for _, what := range slices.Sorted(maps.Keys(t)) {
		words = append(words, fmt.Sprintf("%s %d", what, t[what]))
	}
	return strings.Join(words, ", ")
}
