package trace

import (
	"encoding/json"
	"fmt"
	"io"

	"tapbench/applet/compare"
	"tapbench/pcsc/trace"
)

// diffEvent is an event as JSON Lines have it.
type diffEvent struct {
	Kind     compare.Kind  `json:"kind"`
	A        *diffItem     `json:"a,omitempty"`
	B        *diffItem     `json:"b,omitempty"`
	Elements []diffElement `json:"elements,omitempty"`
}

type diffItem struct {
	Line        int    `json:"line"`
	Name        string `json:"name"`
	Header      string `json:"header,omitempty"`
	Application string `json:"application,omitempty"`
	Sent        int    `json:"sent,omitempty"`
	Received    int    `json:"received,omitempty"`
	Status      string `json:"status,omitempty"`
	Failure     string `json:"failure,omitempty"`
}

func newDiffItem(i *compare.Item) *diffItem {
	if i == nil {
		return nil
	}
	j := &diffItem{Line: i.Line, Name: i.Name, Failure: string(i.Failure)}
	if i.Kind == trace.Exchange {
		j.Header, j.Application = fmt.Sprintf("%X", i.Header[:]), i.Application
		j.Sent, j.Received = i.Sent, i.Received
		if i.Received > 0 {
			j.Status = fmt.Sprintf("%04X", uint16(i.Status))
		}
	}
	return j
}

type diffElement struct {
	Place   compare.Place   `json:"place"`
	Verdict compare.Verdict `json:"verdict"`
	Tag     string          `json:"tag,omitempty"`
	Name    string          `json:"name"`
	Why     string          `json:"why,omitempty"`
	// A and B are hexadecimal, or text for what isn't bytes; absent if hidden or not kept.
	A       *string `json:"a,omitempty"`
	B       *string `json:"b,omitempty"`
	AOffset int     `json:"a_offset"`
	BOffset int     `json:"b_offset"`
	Hidden  bool    `json:"hidden,omitempty"`
}

func newDiffElement(e *compare.Element) diffElement {
	j := diffElement{
		Place: e.Place, Verdict: e.Verdict, Name: e.Name, Why: e.Why, Hidden: e.Hidden(),
		AOffset: e.AOff, BOffset: e.BOff,
	}
	if e.Tag != 0 {
		j.Tag = e.Tag.String()
	}
	value := func(v []byte) *string {
		if v == nil || j.Hidden {
			return nil
		}
		text := fmt.Sprintf("%X", v)
		if e.Place == compare.InEvent {
			text = string(v)
		}
		return &text
	}
	j.A, j.B = value(e.A), value(e.B)
	return j
}

// diffSummary is the last line.
type diffSummary struct {
	Kind      string            `json:"kind"`
	Agree     bool              `json:"agree"`
	Header    []diffHeaderField `json:"header,omitempty"`
	A         diffTotals        `json:"a"`
	B         diffTotals        `json:"b"`
	Same      int               `json:"same"`
	Varying   int               `json:"varying"`
	Differing int               `json:"differing"`
	Moved     int               `json:"moved"`
	OnlyA     int               `json:"only_a"`
	OnlyB     int               `json:"only_b"`
	Elements  diffCounts        `json:"elements"`
	Timing    []diffTiming      `json:"timing,omitempty"`
}

type diffHeaderField struct {
	Key     string `json:"key"`
	A       string `json:"a,omitempty"`
	B       string `json:"b,omitempty"`
	Differs bool   `json:"differs"`
}

type diffTotals struct {
	Exchanges int   `json:"exchanges"`
	Sent      int64 `json:"sent"`
	Received  int64 `json:"received"`
}

type diffCounts struct {
	Varying   int `json:"varying"`
	NotKept   int `json:"not_kept"`
	Differing int `json:"differing"`
}

type diffTiming struct {
	Name      string `json:"name"`
	AMedianUS int64  `json:"a_median_us"`
	BMedianUS int64  `json:"b_median_us"`
	ACount    int    `json:"a_count"`
	BCount    int    `json:"b_count"`
}

func newDiffSummary(s *compare.Summary) diffSummary {
	j := diffSummary{
		Kind: "summary", Agree: s.Agree(), Same: s.Same, Varying: s.Varying,
		Differing: s.Differing, Moved: s.Moved, OnlyA: s.OnlyA, OnlyB: s.OnlyB,
		A:        diffTotals{s.A.Exchanges, s.A.Sent, s.A.Received},
		B:        diffTotals{s.B.Exchanges, s.B.Sent, s.B.Received},
		Elements: diffCounts{s.ElementsVarying, s.ElementsNotKept, s.ElementsDiffering},
	}
	for _, f := range s.Header {
		j.Header = append(j.Header, diffHeaderField{string(f.Key), f.A, f.B, f.Differs})
	}
	for _, t := range s.Timing {
		j.Timing = append(j.Timing, diffTiming{
			t.Name, t.A.Median.Microseconds(), t.B.Median.Microseconds(), t.A.Count, t.B.Count,
		})
	}
	return j
}

// diffLines writes a comparison for programs, one object a line.
type diffLines struct {
	encoder *json.Encoder
	all     bool
}

func newDiffLines(w io.Writer, all bool) *diffLines { return &diffLines{json.NewEncoder(w), all} }

func (l *diffLines) event(e compare.Event) error {
	if !e.Kind.Differs() && !l.all {
		return nil
	}
	j := diffEvent{Kind: e.Kind, A: newDiffItem(e.A), B: newDiffItem(e.B)}
	for n := range e.Elements {
		if l.all || e.Elements[n].Verdict >= compare.Differs {
			j.Elements = append(j.Elements, newDiffElement(&e.Elements[n]))
		}
	}
	return l.write(j)
}

func (l *diffLines) write(v any) error {
	if err := l.encoder.Encode(v); err != nil {
		return fmt.Errorf("printing the result: %w", err)
	}
	return nil
}
