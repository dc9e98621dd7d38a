package cardcheck

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// ErrReference means that a file isn't a reference result.
var ErrReference = errors.New("not a reference result")

// firstLine begins every reference result.
const firstLine = "# tapbench card check v1"

// maxReference bounds the lines of a reference result.
const maxReference = 10_000

// Text returns the result as a reference result, for the kind of card that it was found on: a line
// for each case, its outcome and its name, by name. Not every part runs its cases in one order.
func (r *Result) Text(kind string) string {
	var b strings.Builder
	_, _ = fmt.Fprintf(&b, "%s: %s\n", firstLine, kind)
	byName := func(a, b Case) int { return cmp.Compare(a.Name, b.Name) }
	for _, c := range slices.SortedStableFunc(slices.Values(r.Cases), byName) {
		_, _ = fmt.Fprintf(&b, "%-5s %s\n", c.Outcome, c.Name)
	}
	return b.String()
}

// Reference is what a kind of card is known to answer.
type Reference struct {
	Kind     string
	outcomes map[string]Outcome
	names    []string
}

// ReadReference reads a reference result. An error wraps [ErrReference], or is the reader's.
func ReadReference(r io.Reader) (*Reference, error) {
	lines := bufio.NewScanner(r)
	ref := &Reference{outcomes: make(map[string]Outcome)}
	for n := 1; lines.Scan(); n++ {
		text := lines.Text()
		if n == 1 {
			kind, ok := strings.CutPrefix(text, firstLine+": ")
			if !ok || kind == "" {
				return nil, fmt.Errorf("%w: line 1 isn't %q and the kind of card", ErrReference, firstLine+":")
			}
			ref.Kind = kind
			continue
		}
		outcome, name, ok := strings.Cut(text, " ")
		name = strings.TrimLeft(name, " ")
		switch o := Outcome(outcome); {
		case !ok || name == "" || o != Passed && o != Failed && o != Errored && o != Skipped:
			return nil, fmt.Errorf("%w: line %d: want an outcome and a case, got %q",
				ErrReference, n, text)
		case ref.outcomes[name] != "":
			return nil, fmt.Errorf("%w: line %d: %s stands there twice", ErrReference, n, name)
		case n > maxReference:
			return nil, fmt.Errorf("%w: more than %d lines", ErrReference, maxReference)
		default:
			ref.outcomes[name] = o
			ref.names = append(ref.names, name)
		}
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("reading a reference result: %w", err)
	}
	if ref.Kind == "" {
		return nil, fmt.Errorf("%w: it is empty", ErrReference)
	}
	return ref, nil
}

// Result returns the result that the reference was written of, without what its cases said.
func (ref *Reference) Result() *Result {
	r := new(Result)
	for _, name := range ref.names {
		r.Cases = append(r.Cases, Case{Name: name, Outcome: ref.outcomes[name]})
	}
	return r
}

// Difference is a case that ended otherwise than in the reference.
type Difference struct {
	Name string  `json:"name"`
	Want Outcome `json:"want,omitempty"` // empty: the reference doesn't have it
	Got  Outcome `json:"got,omitempty"`  // empty: it wasn't there to be run
}

// Compare returns where a result differs from a reference. Cases that were skipped say nothing, nor
// do those of parts that weren't run, or of which nothing could be run.
func Compare(ref *Reference, r *Result) []Difference {
	ran, got := make(map[string]bool), make(map[string]Outcome)
	for _, c := range r.Cases {
		got[c.Name] = c.Outcome
		ran[c.Part()] = true
	}
	for _, c := range r.Cases {
		if c.Outcome == Skipped && c.Name == c.Part() {
			ran[c.Part()] = false
		}
	}
	differences := []Difference{}
	for _, c := range r.Cases {
		if want := ref.outcomes[c.Name]; want != c.Outcome && c.Outcome != Skipped {
			differences = append(differences, Difference{c.Name, want, c.Outcome})
		}
	}
	if r.Lost != nil {
		return differences
	}
	for _, name := range ref.names {
		if _, there := got[name]; !there && ran[Case{Name: name}.Part()] {
			differences = append(differences, Difference{Name: name, Want: ref.outcomes[name]})
		}
	}
	return differences
}
