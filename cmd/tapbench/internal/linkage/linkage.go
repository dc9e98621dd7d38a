package linkage

import "math"

// Field is one value that a tap shows: a data object of an answer, its status word, its length.
type Field struct {
	Name  string // the same in each tap, such as "READ RECORD 1 5A"
	Value []byte
}

// Tap is what a terminal has seen of one tap, in its order.
type Tap []Field

// Warmup is how many taps come with their users before the first guess.
const Warmup = 20

// Guesser guesses users.
type Guesser interface {
	// Name says what it looks at.
	Name() string
	// Guess returns a user, 0 or 1, for the next tap.
	Guess(t Tap) int
	// Learn is told whose tap it was.
	Learn(t Tap, user int)
}

// Guessers returns all guessers, each new.
func Guessers() []Guesser {
	return []Guesser{
		newEquality(), newNeighbour("nearest number", numeric), newNeighbour("fewest other bits", bits),
		newBayes("lengths", lengths), newBayes("order", order), newBayes("bytes", bytesOf),
		newBayes("status words", statusWords), newLogistic(), newPrevious(),
	}
}

// Score is how well a guesser has done.
type Score struct {
	Guesser   string
	Right, Of int
}

// Judge has all guessers guess. The users are 0 and 1, one for each tap.
func Judge(taps []Tap, users []int) []Score {
	var scores []Score
	for _, g := range Guessers() {
		s := Score{Guesser: g.Name()}
		for i, t := range taps {
			if i >= Warmup {
				s.Of++
				if g.Guess(t) == users[i] {
					s.Right++
				}
			}
			g.Learn(t, users[i])
		}
		scores = append(scores, s)
	}
	return scores
}

// Limit returns the smallest number that fair coins exceed, in n throws, with a probability below
// p: the least k with P(X > k) < p, X binomial with n and 1/2.
func Limit(n int, p float64) int {
	tail := 0.0
	for k := n; k > 0; k-- {
		tail += math.Exp(logChoose(n, k) - float64(n)*math.Ln2)
		if tail >= p {
			return k
		}
	}
	return 0
}

// logChoose returns the logarithm of n over k.
func logChoose(n, k int) float64 {
	all, _ := math.Lgamma(float64(n + 1))
	in, _ := math.Lgamma(float64(k + 1))
	out, _ := math.Lgamma(float64(n - k + 1))
	return all - in - out
}
