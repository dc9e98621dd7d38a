package cardcheck

import (
	"context"
	"errors"
	"io/fs"
	"slices"
	"time"

	"tapbench/applet/conformance"
	"tapbench/pcsc"
)

// ErrNoFresh means that there is no further card without keys: the cases that need one are skipped.
var ErrNoFresh = errors.New("no fresh card")

// Config says what is run on which card.
type Config struct {
	// Open returns a connection to a fresh card: powered, SELECTABLE and without keys. An error that
	// wraps [ErrNoFresh] skips the case; every other one ends the run.
	Open func(ctx context.Context) (pcsc.Card, error)
	// Caps are what the way to the card can't do.
	Caps conformance.Caps
	// Dialogues are replayed, too.
	Dialogues fs.FS
	// Only are the parts that are run; none: all.
	Only []string
	// Ended is told each case when it has ended.
	Ended func(Case)
}

// Run runs the suite. When the context ends, or the card is lost, the rest of the parts is skipped.
func Run(ctx context.Context, cfg Config) *Result {
	began := time.Now()
	r := &runner{ctx: ctx, cfg: cfg, speed: NewMeter()}
	top := &test{runner: r}
	conformance.Run(top, conformance.Backend{
		Open: r.open, Caps: cfg.Caps, Dialogues: cfg.Dialogues,
	})
	r.result.Commands, r.result.Took = r.speed.Commands(), time.Since(began)
	return &r.result
}

// runner is one run. Cases run one after the other, each on a goroutine of its own.
type runner struct {
	ctx    context.Context //nolint:containedctx // of the run, as a testing.T has it
	cfg    Config
	speed  *Meter
	result Result
}

// open connects to a fresh card for a case. A case that gets none ends here.
func (r *runner) open(tb conformance.TB) pcsc.Card {
	t, ok := tb.(*test)
	if !ok {
		tb.Fatalf("a case of type %T is none of this run", tb)
		return nil
	}
	card, err := r.cfg.Open(t.Context())
	switch {
	case errors.Is(err, ErrNoFresh):
		t.end(Skipped, err.Error())
	case err != nil:
		r.result.Lost = err
		t.end(Errored, err.Error())
	}
	r.result.Fresh++
	return r.speed.Card(card)
}

// stopped returns why no further case is run, or nil.
func (r *runner) stopped() error {
	if r.result.Lost == nil {
		r.result.Lost = context.Cause(r.ctx)
	}
	return r.result.Lost
}

// wants reports whether a part is among those that are run.
func (r *runner) wants(part string) bool {
	return len(r.cfg.Only) == 0 || slices.Contains(r.cfg.Only, part)
}

// note keeps a case that has ended.
func (r *runner) note(c Case) {
	r.result.Cases = append(r.result.Cases, c)
	if r.cfg.Ended != nil {
		r.cfg.Ended(c)
	}
}
