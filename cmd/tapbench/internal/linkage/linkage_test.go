package linkage_test

import (
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"testing"

	"tapbench/cmd/tapbench/internal/linkage"
)

const (
	taps    = 200
	guessed = taps - linkage.Warmup
	// chance is the probability with which one guesser exceeds the limit although there is nothing to
	// be seen; all nine together stay below 1e-6.
	chance = 1e-7
)

// coins returns the users of a run.
func coins(choose *rand.Rand) []int {
	users := make([]int, taps)
	for i := range users {
		users[i] = choose.IntN(2)
	}
	return users
}

func TestLimit(t *testing.T) {
	for name, c := range map[string]struct {
		n    int
		p    float64
		want int
	}{
		"no throw":                      {0, 0.1, 0},
		"more than 9 of 10: 1 of 1024":  {10, 1.0 / 1000, 9},
		"more than 8 of 10: 11 of 1024": {10, 12.0 / 1024, 8},
		"more than half, once in two":   {3, 0.51, 1},
		"what the tests below allow":    {180, 1e-7, 124},
	} {
		t.Run(name, func(t *testing.T) {
			if got := linkage.Limit(c.n, c.p); got != c.want {
				t.Errorf("Limit(%d, %g) = %d, want %d", c.n, c.p, got, c.want)
			}
		})
	}
}

// weak returns taps that tell the user by one thing only; all else is random.
func weak(choose *rand.Rand, user int, tell string, n int) linkage.Tap {
	random := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(choose.Uint32())
		}
		return b
	}
	number, key, sw := random(8), random(32), []byte{0x90, 0}
	switch {
	case tell == "a constant":
		number = []byte{1, 2, 3, 4, 5, 6, 7, byte(user)}
	case tell == "serial numbers":
		number = binary.BigEndian.AppendUint64(nil, uint64(1e9*(1+user)+n))
	case tell == "like bits":
		copy(number, fmt.Sprintf("user%d", user*63))
	case tell == "a length" && user == 1:
		key = key[:31]
	case tell == "a status word" && user == 1:
		sw = []byte{0x62, 0x83}
	case tell == "a bit" && user == 1:
		key[7] |= 0x10
	case tell == "a bit":
		key[7] &^= 0x10
	}
	tap := linkage.Tap{{"READ RECORD 5A", number}, {"READ RECORD 8F", key}, {"READ RECORD SW", sw}}
	if tell == "an order" && user == 1 {
		tap[0], tap[1] = tap[1], tap[0]
	}
	return tap
}

// TestJudgeFindsEachWeakness verifies that a guesser knows each way in which a card may tell, and
// that none sees anything where there is nothing.
func TestJudgeFindsEachWeakness(t *testing.T) {
	limit := linkage.Limit(guessed, chance)
	for tell, finds := range map[string]string{
		"nothing": "", "a constant": "equal fields", "serial numbers": "nearest number",
		"like bits": "fewest other bits", "a length": "lengths", "an order": "order",
		"a status word": "status words", "a bit": "logistic regression",
	} {
		t.Run(tell, func(t *testing.T) {
			choose := rand.New(rand.NewPCG(4, 2))
			users := coins(choose)
			var seen []linkage.Tap
			for n, user := range users {
				seen = append(seen, weak(choose, user, tell, n))
			}
			for _, s := range linkage.Judge(seen, users) {
				switch {
				case s.Guesser == finds && s.Right <= limit:
					t.Errorf("%s: %d of %d right, not more than by chance", s.Guesser, s.Right, s.Of)
				case finds == "" && s.Right > limit:
					t.Errorf("%s: %d of %d right", s.Guesser, s.Right, s.Of)
				}
			}
		})
	}
	t.Run("turns", func(t *testing.T) {
		users := coins(rand.New(rand.NewPCG(1, 1)))
		for i := range users {
			users[i] = i % 2
		}
		for _, s := range linkage.Judge(make([]linkage.Tap, taps), users) {
			if s.Guesser == "order of taps" && s.Right <= limit {
				t.Errorf("%d of %d right", s.Right, s.Of)
			}
		}
	})
}
