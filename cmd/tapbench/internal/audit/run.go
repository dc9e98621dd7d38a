package audit

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"strconv"

	"tapbench/cmd/tapbench/internal/audit/search"
)

// batch is how many patterns are searched for in one pass: some 250 MB.
const batch = 1 << 20

// Run audits a bench. An error means that something couldn't be read; what is wrong with what was
// read is in the report.
func Run(ctx context.Context, b Bench) (Report, error) {
	r := Report{
		Rows: []Row{}, Secrets: map[string]int{}, Joins: []Join{}, Shown: []Shown{},
		Findings: []Finding{}, TooShort: map[string]int{},
	}
	var secrets []Secret
	for _, s := range b.Secrets {
		if len(s.Value) < search.MinPattern {
			r.TooShort[s.Kind.String()]++
			continue
		}
		r.Secrets[s.Kind.String()]++
		secrets = append(secrets, s)
	}
	var all []*survey
	lists := make(classes)
	for _, p := range b.Parties {
		s, err := surveyParty(ctx, p, lists)
		if err != nil {
			return r, fmt.Errorf("looking through what %s holds: %w", p.Name, err)
		}
		all = append(all, s)
		r.Findings = append(r.Findings, s.unclassified()...)
		h := &hunt{survey: s, found: map[trace]*found{}, states: map[Kind]Verdict{}}
		if err := h.run(ctx, secrets); err != nil {
			return r, fmt.Errorf("searching what %s holds: %w", p.Name, err)
		}
		r.Rows = append(r.Rows, h.row(r.Secrets))
		r.Findings = append(r.Findings, h.findings()...)
	}
	r.join(all)
	r.show(all)
	r.sort()
	return r, nil
}

// trace is what findings have in common that are counted together.
type trace struct {
	Place
	kind     Kind
	encoding string
}

// hunt is the search in what one party holds.
type hunt struct {
	*survey
	marks    []mark
	patterns [][]byte
	total    int
	bytes    int64
	passes   int
	found    map[trace]*found
	states   map[Kind]Verdict
}

// found is a finding, and where its last occurrence was.
type found struct {
	Finding
	row, offset int64
}

// again reports whether an occurrence is the last one once more: a secret has several forms that
// overlap.
func (f *found) again(row, offset int64) bool {
	return f.row == row && offset-f.offset <= 1 && f.offset-offset <= 1
}

// mark says of what a pattern tells.
type mark struct {
	kind Kind
	form string
}

// run searches for all secrets, in as many passes as their patterns need.
func (h *hunt) run(ctx context.Context, secrets []Secret) error {
	for _, s := range secrets {
		for _, f := range s.forms() {
			h.add(s.Kind, f)
		}
	}
	for key := range h.keys {
		for _, s := range secrets {
			if !forbidden(h.party.Role, s.Kind) {
				continue
			}
			for _, f := range s.keyed([]byte(key)) {
				h.add(s.Kind, f)
			}
		}
		if len(h.patterns) >= batch {
			if err := h.pass(ctx); err != nil {
				return err
			}
		}
	}
	return h.pass(ctx)
}

func (h *hunt) add(kind Kind, f form) {
	h.patterns, h.marks = append(h.patterns, f.bytes), append(h.marks, mark{kind, f.name})
}

// pass looks through all that the party holds once.
func (h *hunt) pass(ctx context.Context) error {
	set, err := search.NewSet(h.patterns)
	if err != nil {
		return err
	}
	scanner := search.NewScanner(set)
	h.passes++
	err = h.party.Visit(ctx, func(p Piece) error {
		for _, stream := range streams(p) {
			counted := &counter{Reader: stream}
			err := scanner.Scan(counted, func(hit search.Hit) { h.note(p, hit) })
			if err != nil {
				return err
			}
			if h.passes == 1 {
				h.bytes += counted.n
			}
		}
		return ctx.Err()
	})
	h.total += len(h.patterns)
	h.patterns, h.marks = nil, nil
	return err
}

// streams returns what of a piece is searched. A number is searched as its digits and as the eight
// bytes of a truncated digest.
func streams(p Piece) []io.Reader {
	if p.Stream != nil {
		return []io.Reader{p.Stream}
	}
	all := []io.Reader{bytes.NewReader(p.Value)}
	if n, ok := number(p); ok {
		all = append(all, bytes.NewReader(n))
	}
	return all
}

// number returns a number as eight bytes, big-endian.
func number(p Piece) ([]byte, bool) {
	if !p.Number {
		return nil, false
	}
	n, err := strconv.ParseInt(string(p.Value), 10, 64)
	if err != nil {
		return nil, false
	}
	u := uint64(n) //nolint:gosec // its bits
	return []byte{
		byte(u >> 56), byte(u >> 48), byte(u >> 40), byte(u >> 32), byte(u >> 24), byte(u >> 16),
		byte(u >> 8), byte(u),
	}, true
}

// counter counts what is read.
type counter struct {
	io.Reader
	n int64
}

// Read reads and counts.
func (c *counter) Read(b []byte) (int, error) {
	n, err := c.Reader.Read(b)
	c.n += int64(n)
	return n, err
}

// note takes a hit down.
func (h *hunt) note(p Piece, hit search.Hit) {
	m := h.marks[hit.Pattern]
	if p.Medium == MediumReceived {
		if h.states[m.kind] == "" {
			h.states[m.kind] = Sees
		}
	} else {
		h.states[m.kind] = Holds
	}
	if !forbidden(h.party.Role, m.kind) {
		return
	}
	t := trace{p.Place, m.kind, encoding(hit.View, m.form)}
	f := h.found[t]
	switch {
	case f == nil:
		f = &found{Finding: Finding{
			Rule: RuleLearned, Party: h.party.Name, Place: p.Place, Secret: m.kind.String(),
			Encoding: t.encoding, Row: p.Row, Offset: hit.Offset, Count: 1,
		}}
		h.found[t] = f
	case !f.again(p.Row, hit.Offset):
		f.Count++
	}
	f.row, f.offset = p.Row, hit.Offset
}

// encoding says how a secret is written.
func encoding(view, form string) string {
	switch {
	case view == "" && form == "":
		return "plain"
	case view == "":
		return form
	case form == "":
		return view
	default:
		return view + " > " + form
	}
}

// findings returns what was found. What stands in a column or field isn't told again as a place in
// the file that holds it.
func (h *hunt) findings() []Finding {
	type inside struct {
		file string
		kind Kind
	}
	fields := make(map[inside]bool)
	for t := range h.found {
		if t.Field != "" {
			fields[inside{t.File, t.kind}] = true
		}
	}
	var all []Finding
	for t, f := range h.found {
		if t.Field != "" || !fields[inside{t.File, t.kind}] {
			all = append(all, f.Finding)
		}
	}
	return all
}

// row returns the party's row of the matrix.
func (h *hunt) row(secrets map[string]int) Row {
	r := Row{
		Party: h.party.Name, Role: h.party.Role, Verdicts: map[string]Verdict{}, Keys: len(h.keys),
		Patterns: h.total, Bytes: h.bytes,
	}
	for _, k := range Kinds() {
		v := h.states[k]
		switch never := forbidden(h.party.Role, k); {
		case never && v != "":
			v = Learned
		case never:
			v = Clean
		case v == "":
			v = Not
		}
		if secrets[k.String()] == 0 {
			v = NoneYet
		}
		r.Verdicts[k.String()] = v
	}
	return r
}
