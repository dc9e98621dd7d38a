package compare

import (
	"math/bits"
	"slices"
	"time"

	"tapbench/pcsc/trace"
)

// Timing is how long one command took in both dialogues.
type Timing struct {
	Name string
	A, B Quantile
}

// Quantile is the middle of a number of times. Up to 512 of them it is exact; beyond, it is up to
// two per cent off.
type Quantile struct {
	Count  int
	Median time.Duration
}

// The sides of a comparison.
const (
	sideA = iota
	sideB
)

// times gathers times by command, in the order of their first. The names are the decoder's, which
// are few.
type times struct {
	names  []string
	byName map[string]*[2]sample
}

func (t *times) add(side int, i *Item) {
	if i.Kind != trace.Exchange || i.Took <= 0 {
		return
	}
	if t.byName == nil {
		t.byName = make(map[string]*[2]sample)
	}
	both, known := t.byName[i.Name]
	if !known {
		both = new([2]sample)
		t.byName[i.Name] = both
		t.names = append(t.names, i.Name)
	}
	both[side].add(i.Took)
}

// rows returns the commands that both sides have timed.
func (t *times) rows() []Timing {
	var rows []Timing
	for _, name := range t.names {
		both := t.byName[name]
		if both[sideA].count > 0 && both[sideB].count > 0 {
			rows = append(rows, Timing{name, both[sideA].quantile(), both[sideB].quantile()})
		}
	}
	return rows
}

// sample holds times: each of them at first, then how many fell into each of the buckets.
type sample struct {
	count   int
	exact   []uint32 // microseconds
	buckets []uint32
}

const (
	mostExact = 512
	// perOctave buckets lie between a power of two and the next.
	octaveBits = 5
	perOctave  = 1 << octaveBits
	// maxMicroseconds is the longest time that the grammar of traces knows, below 1<<30.
	maxMicroseconds = 999_999_999
)

func (s *sample) add(took time.Duration) {
	us := uint32(min(took/time.Microsecond, maxMicroseconds)) //nolint:gosec // bounded
	s.count++
	if s.buckets != nil {
		s.buckets[bucket(us)]++
		return
	}
	if s.exact = append(s.exact, us); len(s.exact) <= mostExact {
		return
	}
	s.buckets = make([]uint32, bucket(maxMicroseconds)+1)
	for _, us := range s.exact {
		s.buckets[bucket(us)]++
	}
	s.exact = nil
}

// bucket returns the index for a time: itself while it is small, then its power of two and the five
// bits below the highest.
func bucket(us uint32) int {
	if us < perOctave {
		return int(us)
	}
	shift := bits.Len32(us) - octaveBits - 1
	return shift<<octaveBits + int(us>>shift)
}

// middle returns the time in the middle of a bucket.
func middle(n int) time.Duration {
	if n < 2*perOctave {
		return time.Duration(n) * time.Microsecond
	}
	shift := n>>octaveBits - 1
	low := (n - shift<<octaveBits) << shift
	return time.Duration(low+(1<<shift)/2) * time.Microsecond
}

func (s *sample) quantile() Quantile {
	q := Quantile{Count: s.count}
	half := (s.count - 1) / 2
	if s.buckets == nil {
		sorted := slices.Clone(s.exact)
		slices.Sort(sorted)
		q.Median = time.Duration(sorted[half]) * time.Microsecond
		return q
	}
	for n, count := range s.buckets {
		if half -= int(count); half < 0 {
			q.Median = middle(n)
			break
		}
	}
	return q
}
