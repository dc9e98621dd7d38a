package compare

// The weights of a match. A question that got the same answer counts more than one that got
// another; two that got others count as much as one that got the same.
const (
	weightContent = 4
	weightStrong  = 3
	weightWeak    = 2
)

// weight says how well two entries match, 0 for not at all.
func weight(a, b *entry) uint16 {
	switch {
	case a.weak != b.weak:
		return 0
	case a.strong != b.strong:
		return weightWeak
	case a.content != b.content:
		return weightStrong
	default:
		return weightContent
	}
}

// table holds the best sum of weights for each pair of tails; row by row, one more than the window.
type table []uint16

const tableWidth = Window + 1

// fill computes the table for two stretches of at most Window entries.
func (t *table) fill(a, b []*entry) {
	if *t == nil {
		*t = make(table, tableWidth*tableWidth)
	}
	s := *t
	for j := range len(b) + 1 {
		s[len(a)*tableWidth+j] = 0
	}
	for i := len(a) - 1; i >= 0; i-- {
		row, below := s[i*tableWidth:], s[(i+1)*tableWidth:]
		row[len(b)] = 0
		for j := len(b) - 1; j >= 0; j-- {
			best := max(below[j], row[j+1])
			if w := weight(a[i], b[j]); w > 0 {
				best = max(best, w+below[j+1])
			}
			row[j] = best
		}
	}
}

// step says what comes next at i and j: a pair, or an entry of A alone, or else one of B.
func (t table) step(a, b []*entry, i, j int) (pair, ofA bool) {
	switch {
	case i == len(a):
		return false, false
	case j == len(b):
		return false, true
	}
	here := t[i*tableWidth+j]
	if w := weight(a[i], b[j]); w > 0 && here == w+t[(i+1)*tableWidth+j+1] {
		return true, false
	}
	return false, here == t[(i+1)*tableWidth+j]
}
