package audit

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Rule is what a finding breaks.
type Rule string

// The rules.
const (
	RuleLearned      Rule = "learned"        // an identifier that the party must never learn
	RuleUnclassified Rule = "not classified" // a field that isn't in the party's list
	RuleJoin         Rule = "join"           // two columns that match and aren't in the table
	RuleLinked       Rule = "linked"         // a value that two offline tokens have in common
	RuleMarked       Rule = "marked"         // tokens of one class and epoch that can be told apart
)

// Finding is something that must not be.
type Finding struct {
	Rule  Rule   `json:"rule"`
	Party string `json:"party"`
	Place
	Secret string `json:"secret,omitempty"` // its kind
	// Encoding is how it is written there, from the outside to the inside; "plain" if it is as it is.
	Encoding string `json:"encoding,omitempty"`
	Row      int64  `json:"row,omitempty"`
	Offset   int64  `json:"offset"` // of the first one, in the value or in the file
	Count    int    `json:"count"`  // of all that are alike
	// Other is the other party's column, of a join; of a link the party that saw the value first.
	Other string `json:"other,omitempty"`
}

// String returns the finding in one line.
func (f Finding) String() string {
	where := f.File
	if f.Field != "" {
		where += ", " + f.Field
	}
	switch f.Rule {
	case RuleLearned:
		if f.Row > 0 {
			where += fmt.Sprintf(", row %d", f.Row)
		}
		return fmt.Sprintf("%s holds the %s: %s, offset %d, %s, %s", f.Party, f.Secret, where, f.Offset,
			f.Encoding, times(f.Count))
	case RuleJoin:
		return fmt.Sprintf("%s can be joined: %s and %s match in %s, %s", f.Party, where, f.Other,
			rows(f.Count), f.Encoding)
	case RuleLinked:
		return fmt.Sprintf("%s can link two customers' tokens, or one token at two merchants: %s, row %d, "+
			"as %s has seen it, %s", f.Party, where, f.Row, f.Other, times(f.Count))
	case RuleMarked:
		return fmt.Sprintf("%s can tell tokens of one class and epoch apart: %s, row %d, is one of %d",
			f.Party, where, f.Row, f.Count)
	case RuleUnclassified:
		return fmt.Sprintf("%s holds what nobody has classified: %s", f.Party, where)
	default:
		return string(f.Rule)
	}
}

func times(n int) string {
	if n == 1 {
		return "once"
	}
	return fmt.Sprintf("%d times", n)
}

func rows(n int) string {
	if n == 1 {
		return "1 value"
	}
	return fmt.Sprintf("%d values", n)
}

// Verdict is what is known of a party and a kind of secret.
type Verdict string

// The verdicts.
const (
	Holds   Verdict = "holds"   // it stands in its store or files, and may
	Sees    Verdict = "sees"    // it was in messages only, and may
	Not     Verdict = "-"       // it might, and wasn't found
	Clean   Verdict = "never"   // it must never, and wasn't found
	Learned Verdict = "LEARNED" // it must never, and was found
	NoneYet Verdict = ""        // the bench has no such secret
)

// Row is one party's row of the matrix.
type Row struct {
	Party    string             `json:"party"`
	Role     Role               `json:"role"`
	Verdicts map[string]Verdict `json:"verdicts"` // by kind
	Keys     int                `json:"keys"`     // under which its secrets were looked for
	Patterns int                `json:"patterns"`
	Bytes    int64              `json:"bytes"` // searched
}

// Join is a pair of columns that match and may.
type Join struct {
	One    string `json:"one"`
	Other  string `json:"other"`
	Values int    `json:"values"`
	How    string `json:"how"`
}

// Report is an audit's outcome.
type Report struct {
	Rows     []Row          `json:"parties"`
	Secrets  map[string]int `json:"secrets"` // how many there are of each kind
	Joins    []Join         `json:"joins"`   // that the table allows
	Shown    []Shown        `json:"shown"`   // to each merchant, of offline tokens
	Findings []Finding      `json:"findings"`
	// TooShort counts the secrets that have fewer than eight bytes and weren't looked for, by kind.
	TooShort map[string]int `json:"too_short"`
}

// Clean reports whether nobody has learned what it must not, and nothing is unclassified.
func (r Report) Clean() bool { return len(r.Findings) == 0 }

// sort brings the findings into one order.
func (r *Report) sort() {
	slices.SortFunc(r.Findings, func(a, b Finding) int {
		return cmp.Or(strings.Compare(string(a.Rule), string(b.Rule)), strings.Compare(a.Party, b.Party),
			strings.Compare(a.File, b.File), strings.Compare(a.Field, b.Field),
			strings.Compare(a.Secret, b.Secret), strings.Compare(a.Encoding, b.Encoding),
			strings.Compare(a.Other, b.Other))
	})
	slices.SortFunc(r.Joins, func(a, b Join) int {
		return cmp.Or(strings.Compare(a.One, b.One), strings.Compare(a.Other, b.Other))
	})
}
