package compare

import (
	"errors"
	"io"

	"tapbench/applet/decode"
	"tapbench/pcsc/trace"
)

// Window is how many exchanges of each dialogue are aligned at a time.
const Window = 1024

// maxHeld bounds the memory of one dialogue's window, in bytes.
const maxHeld = 16 << 20

// Dialogues compares what is left of two traces and tells each event, in A's order and then B's,
// until told returns an error, which it returns. What an event points to is valid until told
// returns. Faults in a trace are a [*SideError].
func Dialogues(a, b trace.Source, told func(Event) error) (Summary, error) {
	d := &dialogues{told: told, a: newQueue("A", a), b: newQueue("B", b)}
	d.summary.Header = Headers(a.Header(), b.Header())
	err := d.run()
	d.summary.Timing = d.times.rows()
	return d.summary, err
}

// SideError says which of the traces couldn't be read.
type SideError struct {
	Side string // A or B
	Err  error  // a *trace.SyntaxError, or what the trace's own reader returned
}

// Error returns the side and the cause, such as "B: line 4, column 1: command or event expected".
func (e *SideError) Error() string { return e.Side + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *SideError) Unwrap() error { return e.Err }

// queue is one dialogue, read as far as it was needed.
type queue struct {
	name    string
	steps   trace.Source
	decoder *decode.Decoder
	ready   []*entry
	spare   []*entry
	read    int
	held    int
	ended   bool
}

func newQueue(name string, r trace.Source) *queue {
	return &queue{name: name, steps: r, decoder: decode.New()}
}

// fill reads until n entries are ready, the dialogue ends, or the memory is used up.
func (q *queue) fill(n int) error {
	for len(q.ready) < n && !q.ended && (q.held < maxHeld || len(q.ready) == 0) {
		step, err := q.steps.Next()
		if errors.Is(err, io.EOF) {
			q.ended = true
			return nil
		}
		if err != nil {
			return &SideError{Side: q.name, Err: err}
		}
		if !happens(step.Kind) {
			continue
		}
		e := new(entry)
		if last := len(q.spare) - 1; last >= 0 {
			e, q.spare = q.spare[last], q.spare[:last]
		}
		q.read++
		e.load(q.decoder, step, q.read)
		q.ready = append(q.ready, e)
		q.held += e.size()
	}
	return nil
}

// happens reports whether a step is something that happens. Time in which nothing does is none.
func happens(k trace.Kind) bool {
	switch k {
	case trace.Exchange, trace.Reset, trace.Tear, trace.Remove, trace.Insert:
		return true
	default:
		return false
	}
}

// spares is how many entries are kept to be used again, and their largest size in bytes.
const (
	spares   = 4
	maxSpare = 64 << 10
)

// drop lets go of the first n entries.
func (q *queue) drop(n int) {
	for _, e := range q.ready[:n] {
		q.held -= e.size()
		if len(q.spare) < spares && e.size() <= maxSpare {
			q.spare = append(q.spare, e)
		}
	}
	rest := copy(q.ready, q.ready[n:])
	clear(q.ready[rest:])
	q.ready = q.ready[:rest]
}

// dialogues is a comparison under way.
type dialogues struct {
	a, b     *queue
	told     func(Event) error
	table    table
	elements []Element
	summary  Summary
	times    times
}

func (d *dialogues) run() error {
	for {
		if err := errors.Join(d.a.fill(1), d.b.fill(1)); err != nil {
			return err
		}
		if len(d.a.ready) == 0 && len(d.b.ready) == 0 {
			return nil
		}
		met, err := d.heads()
		if err == nil && !met {
			err = d.stretch()
		}
		if err != nil {
			return err
		}
	}
}

// heads tells the first entries if they agree, or if there is but one.
func (d *dialogues) heads() (bool, error) {
	switch {
	case len(d.b.ready) == 0:
		defer d.a.drop(1)
		return true, d.tell(OnlyA, d.a.ready[0], nil)
	case len(d.a.ready) == 0:
		defer d.b.drop(1)
		return true, d.tell(OnlyB, nil, d.b.ready[0])
	}
	a, b := d.a.ready[0], d.b.ready[0]
	if a.strong != b.strong {
		return false, nil
	}
	kind := d.judge(a, b)
	if kind.Differs() {
		return false, nil
	}
	defer d.a.drop(1)
	defer d.b.drop(1)
	return true, d.tell(kind, a, b)
}

// judge compares two entries and keeps what it finds in d.elements.
func (d *dialogues) judge(a, b *entry) Kind {
	d.elements = pair(d.elements[:0], a, b)
	kind := Same
	for _, e := range d.elements {
		if e.Verdict >= Differs {
			return Differing
		}
		kind = Varying
	}
	return kind
}

// stretch aligns a window and tells its first half, or all of it where the dialogues end.
func (d *dialogues) stretch() error {
	if err := errors.Join(d.a.fill(Window), d.b.fill(Window)); err != nil {
		return err
	}
	a, b := d.a.ready, d.b.ready
	d.table.fill(a, b)
	mostA, mostB := d.a.most(), d.b.most()
	var acts []act
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		paired, ofA := d.table.step(a, b, i, j)
		switch {
		case paired && i < mostA && j < mostB:
			acts = append(acts, act{a: a[i], b: b[j]})
			i, j = i+1, j+1
			continue
		case !paired && ofA && i < mostA:
			acts = append(acts, act{a: a[i]})
			i++
			continue
		case !paired && !ofA && j < mostB:
			acts = append(acts, act{b: b[j]})
			j++
			continue
		}
		break
	}
	findMoves(acts)
	for _, x := range acts {
		if err := d.carryOut(x); err != nil {
			return err
		}
	}
	d.a.drop(i)
	d.b.drop(j)
	return nil
}

// most returns how many of the ready entries may be told before the window moves on.
func (q *queue) most() int {
	if q.ended {
		return len(q.ready)
	}
	return (len(q.ready) + 1) / 2
}

// act is what is told of a stretch: a pair, or an entry that has none. moved says of a pair that
// the entry of B lies elsewhere; gone of one of B that it was told with such a pair.
type act struct {
	a, b        *entry
	moved, gone bool
}

// findMoves pairs entries that only one side has with their like on the other.
func findMoves(acts []act) {
	waiting := make(map[uint64][]int)
	for n, x := range acts {
		if x.a == nil {
			waiting[x.b.content] = append(waiting[x.b.content], n)
		}
	}
	if len(waiting) == 0 {
		return
	}
	for n, x := range acts {
		if x.b != nil || x.a.Kind != trace.Exchange {
			continue
		}
		list := waiting[x.a.content]
		if len(list) == 0 {
			continue
		}
		acts[n].b, acts[n].moved = acts[list[0]].b, true
		acts[list[0]].gone = true
		waiting[x.a.content] = list[1:]
	}
}

func (d *dialogues) carryOut(x act) error {
	switch {
	case x.gone:
		return nil
	case x.b == nil:
		return d.tell(OnlyA, x.a, nil)
	case x.a == nil:
		return d.tell(OnlyB, nil, x.b)
	}
	kind := d.judge(x.a, x.b)
	if x.moved {
		kind = Moved
	}
	return d.tell(kind, x.a, x.b)
}

// tell passes an event on and counts it.
func (d *dialogues) tell(kind Kind, a, b *entry) error {
	event := Event{Kind: kind}
	if a != nil {
		event.A = &a.Item
		d.summary.A.count(&a.Item)
		d.times.add(sideA, &a.Item)
	}
	if b != nil {
		event.B = &b.Item
		d.summary.B.count(&b.Item)
		d.times.add(sideB, &b.Item)
	}
	if a != nil && b != nil {
		event.Elements = d.elements
	}
	d.summary.tally(event)
	return d.told(event)
}

// Headers compares what stands before the dialogues.
func Headers(a, b trace.Header) []HeaderField {
	var fields []HeaderField
	for _, key := range []trace.Key{trace.KeyATR, trace.KeyProtocol, trace.KeyReader} {
		x, y := a.Get(key), b.Get(key)
		if x == y {
			continue
		}
		differs := key != trace.KeyReader && x != "" && y != ""
		fields = append(fields, HeaderField{Key: key, A: x, B: y, Differs: differs})
	}
	return fields
}
