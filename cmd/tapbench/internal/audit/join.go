package audit

import (
	"cmp"
	"slices"
	"strings"
)

// minRows is how many values two columns must have in common to be a join. For values that can't be
// equal by chance one is enough.
const minRows = 3

// nearly is the part of the smaller column's values, in tenths, that must be in the other one.
const nearly = 8

// join compares each column of each party with those of the others.
func (r *Report) join(all []*survey) {
	allowed := readJoins()
	for i, one := range all {
		for _, other := range all[i+1:] {
			for _, a := range one.columns() {
				for _, b := range other.columns() {
					r.joinPair(a, b, allowed)
				}
			}
		}
	}
}

// columns returns a party's columns in one order.
func (s *survey) columns() []*column {
	var all []*column
	for _, c := range s.joins {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *column) int {
		return cmp.Or(strings.Compare(a.place.File, b.place.File),
			strings.Compare(a.place.Field, b.place.Field))
	})
	return all
}

// joinPair compares two columns.
func (r *Report) joinPair(a, b *column, allowed allowedJoins) {
	for _, how := range []struct {
		name string
		a, b func(*value) []uint64
	}{
		{"equal", (*value).equal, (*value).equal},
		{"the one is a digest of the other", (*value).head, (*value).sum},
		{"the other is a digest of the one", (*value).sum, (*value).head},
	} {
		n := matches(a, b, how.a, how.b)
		if n == 0 {
			continue
		}
		if allowed.has(a, b) {
			r.Joins = append(r.Joins, Join{a.String(), b.String(), n, how.name})
			continue
		}
		r.Findings = append(r.Findings, Finding{
			Rule: RuleJoin, Party: a.party.Name, Place: a.place, Encoding: how.name, Count: n,
			Other: b.String(),
		})
	}
}

func (v *value) equal() []uint64 { return v.same }
func (v *value) head() []uint64  { return v.heads }
func (v *value) sum() []uint64   { return v.digest }

// String returns the column with its party, such as "tsm runs.handle".
func (c *column) String() string { return c.party.Name + " " + c.place.Field }

// matches returns how many values of two columns match, or 0 if they are too few to be a join.
func matches(a, b *column, ofA, ofB func(*value) []uint64) int {
	if len(a.values) > len(b.values) {
		a, b, ofA, ofB = b, a, ofB, ofA
	}
	there := make(map[uint64]bool, len(b.values))
	for _, v := range b.values {
		for _, h := range ofB(v) {
			there[h] = true
		}
	}
	n, long := 0, false
	for _, v := range a.values {
		if slices.ContainsFunc(ofA(v), func(h uint64) bool { return there[h] }) {
			n++
			long = long || v.long
		}
	}
	if n < minRows && !long || n*10 < len(a.values)*nearly {
		return 0
	}
	return n
}
