package cardcheck

import (
	"strings"
	"time"

	"tapbench/cmd/tapbench/internal/junit"
)

// Outcome says how a case ended.
type Outcome string

// The outcomes.
const (
	Passed  Outcome = "pass"
	Failed  Outcome = "fail"  // the card doesn't answer as PROTOCOL.md says
	Errored Outcome = "error" // the card or its reader was lost: nothing is said about the card
	Skipped Outcome = "skip"  // it wasn't run
)

// Case is what one case found.
type Case struct {
	// Name is the part's and the case's own, such as "transport/chaining".
	Name    string  `json:"name"`
	Outcome Outcome `json:"outcome"`
	// Said is what isn't as it should be, or why the case wasn't run.
	Said []string `json:"said,omitempty"`
	// Took is the time of the whole case, that of making the card fresh included.
	Took time.Duration `json:"-"`
}

// Part returns the name of the part that the case belongs to.
func (c Case) Part() string {
	part, _, _ := strings.Cut(c.Name, "/")
	return part
}

// Count is how many cases ended how.
type Count struct {
	Passed  int `json:"passed"`
	Failed  int `json:"failed"`
	Errored int `json:"errored"`
	Skipped int `json:"skipped"`
}

// All returns the number of cases.
func (c Count) All() int { return c.Passed + c.Failed + c.Errored + c.Skipped }

func (c *Count) add(o Outcome) {
	switch o {
	case Passed:
		c.Passed++
	case Failed:
		c.Failed++
	case Errored:
		c.Errored++
	case Skipped:
		c.Skipped++
	}
}

// Part is what a part's cases came to.
type Part struct {
	Name string
	Count
	Took time.Duration
}

// Result is what a run of the suite found.
type Result struct {
	Cases []Case // in the order in which they ended
	// Commands are the times of the commands that succeeded.
	Commands []Command
	// Lost is why the run was broken off, or nil.
	Lost error
	// Fresh is how often the card was made fresh.
	Fresh int
	Took  time.Duration
}

// Count counts the cases.
func (r *Result) Count() Count {
	var n Count
	for _, c := range r.Cases {
		n.add(c.Outcome)
	}
	return n
}

// Parts sums the cases up by part, in the order in which they were run.
func (r *Result) Parts() []Part {
	var parts []Part
	for _, c := range r.Cases {
		if len(parts) == 0 || parts[len(parts)-1].Name != c.Part() {
			parts = append(parts, Part{Name: c.Part()})
		}
		last := &parts[len(parts)-1]
		last.add(c.Outcome)
		last.Took += c.Took
	}
	return parts
}

// JUnit returns the result as a report with a suite for each part.
func (r *Result) JUnit() *junit.Report {
	report := &junit.Report{}
	for _, c := range r.Cases {
		last := len(report.Suites) - 1
		if last < 0 || report.Suites[last].Name != c.Part() {
			report.Suites = append(report.Suites, junit.Suite{Name: c.Part()})
			last++
		}
		report.Suites[last].Cases = append(report.Suites[last].Cases, c.junit())
	}
	return report
}

func (c Case) junit() junit.Case {
	j := junit.Case{Name: c.Name, Took: c.Took, Text: strings.Join(c.Said, "\n")}
	if len(c.Said) > 0 {
		j.Message, _, _ = strings.Cut(c.Said[0], "\n")
	}
	switch c.Outcome {
	case Passed:
	case Failed:
		j.Outcome = junit.Failed
	case Errored:
		j.Outcome = junit.Errored
	case Skipped:
		j.Outcome = junit.Skipped
	}
	return j
}
