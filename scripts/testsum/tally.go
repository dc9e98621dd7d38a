package main

import (
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"
)

// tally counts tests as they end.
type tally struct {
	out      io.Writer
	allowed  allowed
	passed   int
	skips    []skip
	failures []string           // what failed, a line each
	builds   map[string]*report // by ImportPath
	packages map[string]*suite
}

// report is the output of a test or a build until its end.
type report struct{ lines []string }

// suite is a package under test.
type suite struct {
	name            string
	running         map[string]*report // the tests that have begun and not ended
	output          report             // what belongs to no test
	passed, skipped int
	failed          bool
	cached          bool
}

// skip is a test that was skipped.
type skip struct{ suite, test, reason string }

// String returns the skip as the summary lists it.
func (s skip) String() string { return fmt.Sprintf("%s %s: %s", s.suite, s.test, s.reason) }

func newTally(out io.Writer, a allowed) *tally {
	return &tally{
		out: out, allowed: a,
		builds: map[string]*report{}, packages: map[string]*suite{},
	}
}

// complain counts and prints one more failure.
func (t *tally) complain(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	t.failures = append(t.failures, text)
	fmt.Fprintf(t.out, "FAIL  %s\n", text)
}

// line counts one line of the stream. A line that holds no event is passed on.
func (t *tally) line(line []byte) {
	e, ok := parseEvent(line)
	switch {
	case !ok:
		fmt.Fprintf(t.out, "%s\n", strings.TrimRight(string(line), "\r\n"))
	case e.Package == "":
		t.build(e)
	default:
		t.test(e)
	}
}

func (t *tally) build(e event) {
	b := t.builds[e.ImportPath]
	if b == nil {
		b = &report{}
		t.builds[e.ImportPath] = b
	}
	switch e.Action {
	case "build-output":
		b.lines = append(b.lines, e.Output)
	case "build-fail":
		t.print(b)
	}
}

func (t *tally) test(e event) {
	s := t.packages[e.Package]
	if s == nil {
		s = &suite{name: e.Package, running: map[string]*report{}}
		t.packages[e.Package] = s
	}
	switch e.Action {
	case "run":
		s.running[e.Test] = &report{}
	case "output":
		s.log(e)
	case "pass", "fail", "skip":
		if e.Test == "" {
			t.endSuite(s, e)
		} else {
			t.endTest(s, e)
		}
	}
}

// log keeps a line of output until it is known whether anybody wants it.
func (s *suite) log(e event) {
	s.cached = s.cached || e.Test == "" && strings.Contains(e.Output, "\t(cached)")
	r := s.running[e.Test]
	if r == nil {
		r = &s.output
	}
	r.lines = append(r.lines, e.Output)
}

func (t *tally) endTest(s *suite, e event) {
	r := s.running[e.Test]
	if r == nil {
		r = &report{}
	}
	delete(s.running, e.Test)
	switch e.Action {
	case "pass":
		s.passed++
		t.passed++
		t.allowed.ran(e.Package, e.Test)
	case "fail":
		s.failed = true
		t.allowed.ran(e.Package, e.Test)
		t.complain("%s %s", e.Package, e.Test)
		t.print(r)
	case "skip":
		t.skip(s, skip{suite: e.Package, test: e.Test, reason: r.reason()})
	}
}

// skip counts a skipped test, as a failure unless it was allowed.
func (t *tally) skip(s *suite, sk skip) {
	if !t.allowed.allows(sk) {
		s.failed = true
		t.complain("%s (this skip isn't allowed)", sk)
		return
	}
	s.skipped++
	t.skips = append(t.skips, sk)
}

func (t *tally) endSuite(s *suite, e event) {
	t.unfinished(s)
	if e.Action == "fail" {
		switch {
		case e.FailedBuild != "":
			t.complain("%s doesn't build", s.name)
		case !s.failed:
			t.complain("%s failed outside its tests", s.name)
		}
		t.print(&s.output)
	} else {
		t.praise(s, e.Elapsed)
	}
	delete(t.packages, e.Package)
}

// praise prints the line of a package or class that ran tests and is in order.
func (t *tally) praise(s *suite, seconds float64) {
	if s.failed || s.passed+s.skipped == 0 {
		return
	}
	fmt.Fprintf(t.out, "ok    %s  %.2fs  %d passed", s.name, seconds, s.passed)
	if s.skipped > 0 {
		fmt.Fprintf(t.out, ", %d skipped", s.skipped)
	}
	if s.cached {
		fmt.Fprint(t.out, "  (cached)")
	}
	fmt.Fprintln(t.out)
}

// unfinished fails the tests of a package that began and never ended.
func (t *tally) unfinished(s *suite) {
	names := make([]string, 0, len(s.running))
	for name := range s.running {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s.failed = true
		t.complain("%s %s didn't finish", s.name, name)
		t.print(s.running[name])
	}
	clear(s.running)
}

// end closes the stream: whatever hasn't ended by now never will.
func (t *tally) end() {
	names := make([]string, 0, len(t.packages))
	for name := range t.packages {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		s := t.packages[name]
		t.unfinished(s)
		t.complain("%s didn't finish", name)
		t.print(&s.output)
	}
	clear(t.packages)
}

var (
	chatter  = regexp.MustCompile(`^=== (RUN|PAUSE|CONT|NAME) |^FAIL(\t|$)|^testing: warning: `)
	position = regexp.MustCompile(`^\s*\S+\.go:\d+: (.*)`)
)

// print writes a report but for the lines that only say what runs.
func (t *tally) print(r *report) {
	for line := range strings.Lines(strings.Join(r.lines, "")) {
		if line = strings.TrimRight(line, "\n"); !chatter.MatchString(line) {
			fmt.Fprintf(t.out, "      %s\n", line)
		}
	}
}

// reason returns what the test logged last, in one line: that is what it gave to Skip.
func (r *report) reason() string {
	var words []string
	for line := range strings.Lines(strings.Join(r.lines, "")) {
		line = strings.TrimRight(line, "\n")
		switch match := position.FindStringSubmatch(line); {
		case match != nil:
			words = []string{match[1]}
		case chatter.MatchString(line) || strings.Contains(line, "--- SKIP: "):
		case words != nil && line != "":
			words = append(words, strings.TrimSpace(line))
		}
	}
	if words == nil {
		return "no reason given"
	}
	return strings.Join(words, " ")
}

// summary prints what was left out, what failed and the totals, and
// returns whether all is well. The totals are the last line.
func (t *tally) summary() bool {
	for _, entry := range t.allowed.stale() {
		t.complain("%s is on the list of allowed skips and did run", entry)
	}
	list := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(t.out, "\n%s:\n  %s\n", title, strings.Join(lines, "\n  "))
		}
	}
	skips := make([]string, 0, len(t.skips))
	for _, sk := range t.skips {
		skips = append(skips, sk.String())
	}
	list("skipped", skips)
	list("failed", t.failures)
	if t.passed+len(t.failures)+len(t.skips) == 0 {
		fmt.Fprint(t.out, "\nno test ran\n")
	}
	fmt.Fprintf(t.out, "\n%d passed, %d failed, %d skipped\n",
		t.passed, len(t.failures), len(t.skips))
	return t.passed > 0 && len(t.failures) == 0
}
