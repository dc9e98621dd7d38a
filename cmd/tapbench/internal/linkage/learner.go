package linkage

import (
	"fmt"
	"math"
	"strings"
)

// bayes is naive Bayes over features that are words, with Laplace's correction.
type bayes struct {
	name     string
	features func(Tap) []string
	count    map[string][2]float64
	taps     [2]float64
}

func newBayes(name string, features func(Tap) []string) *bayes {
	return &bayes{name: name, features: features, count: make(map[string][2]float64)}
}

// Name implements [Guesser].
func (b *bayes) Name() string { return b.name }

// Guess implements [Guesser].
func (b *bayes) Guess(t Tap) int {
	score := math.Log(b.taps[1]+1) - math.Log(b.taps[0]+1)
	for _, f := range b.features(t) {
		n := b.count[f]
		score += math.Log((n[1]+1)/(b.taps[1]+2)) - math.Log((n[0]+1)/(b.taps[0]+2))
	}
	if score > 0 {
		return 1
	}
	return 0
}

// Learn implements [Guesser].
func (b *bayes) Learn(t Tap, user int) {
	b.taps[user]++
	for _, f := range b.features(t) {
		n := b.count[f]
		n[user]++
		b.count[f] = n
	}
}

// lengths are the fields' lengths.
func lengths(t Tap) []string {
	words := make([]string, 0, len(t))
	for _, f := range t {
		words = append(words, fmt.Sprintf("%s=%d", f.Name, len(f.Value)))
	}
	return words
}

// order is which field follows which.
func order(t Tap) []string {
	words := []string{fmt.Sprintf("%d fields", len(t))}
	last := ""
	for _, f := range t {
		words = append(words, last+" > "+f.Name)
		last = f.Name
	}
	return words
}

// bytesOf are the fields' bytes, each at its place.
func bytesOf(t Tap) []string {
	var words []string
	for _, f := range t {
		for i, b := range f.Value {
			words = append(words, fmt.Sprintf("%s[%d]=%02x", f.Name, i, b))
		}
	}
	return words
}

// statusWords are the status words, and all of them together.
func statusWords(t Tap) []string {
	var words []string
	for _, f := range t {
		if isStatus(f) {
			words = append(words, fmt.Sprintf("%s=%x", f.Name, f.Value))
		}
	}
	return append(words, strings.Join(words, " "))
}

// logistic is logistic regression over the bits of all fields, learned by gradient steps in several
// rounds over what it has seen.
type logistic struct {
	weights map[string]float64
	past    []example
}

// example is a tap's set bits and its user.
type example struct {
	bits []string
	user int
}

func newLogistic() *logistic { return &logistic{weights: make(map[string]float64)} }

// How the regression learns: the step, and how many of the last taps it goes over again.
const (
	learningRate = 0.05
	rehearsed    = 10
)

// Name implements [Guesser].
func (*logistic) Name() string { return "logistic regression" }

// Guess implements [Guesser].
func (l *logistic) Guess(t Tap) int {
	if l.score(setBits(t)) > 0 {
		return 1
	}
	return 0
}

// Learn implements [Guesser].
func (l *logistic) Learn(t Tap, user int) {
	l.past = append(l.past, example{setBits(t), user})
	for _, e := range l.past[max(0, len(l.past)-rehearsed):] {
		wrong := float64(e.user) - 1/(1+math.Exp(-l.score(e.bits)))
		for _, bit := range e.bits {
			l.weights[bit] += learningRate * wrong
		}
	}
}

func (l *logistic) score(bits []string) float64 {
	score := 0.0
	for _, bit := range bits {
		score += l.weights[bit]
	}
	return score
}

// setBits are the bits that are set, each by its place.
func setBits(t Tap) []string {
	var set []string
	for _, f := range t {
		for i, b := range f.Value {
			for j := range 8 {
				if b&(1<<j) != 0 {
					set = append(set, fmt.Sprintf("%s.%d", f.Name, 8*i+j))
				}
			}
		}
	}
	return set
}
