package wallet

import (
	"context"
	"time"

	"tapbench/wallet/plan"
)

// Keeper keeps a phone ready: it looks at the phone, carries out what is due, and waits.
type Keeper struct {
	// Look returns what the phone is planned by, and its schedule. It asks no server.
	Look func(ctx context.Context) (plan.Outlook, plan.Schedule, error)
	// Carry does a step and says in words what came of it.
	Carry  func(ctx context.Context, step plan.Step) (string, error)
	Policy plan.Policy
	// Poll is how often the phone is looked at while nothing is due.
	Poll time.Duration
	// Retry is the first wait after something has failed; it doubles up to an hour.
	Retry time.Duration
	// Jitter returns a random number in [0, 1): a wait after a failure is drawn from its upper half,
	// so that phones don't come back all at once.
	Jitter func() float64
	// Busy says of an error that somebody else has the phone at the moment, such as a terminal: the
	// phone is looked at again after Poll, and nothing is reported.
	Busy func(error) bool
	// Report is told what happens, as it happens.
	Report func(Event)
}

// maxRetry is the longest wait after a failure.
const maxRetry = time.Hour

// EventKind says what an event is.
type EventKind string

// The events.
const (
	EventDone   EventKind = "done"   // a step was carried out
	EventFailed EventKind = "failed" // looking or a step failed; At says when it is tried again
	EventTold   EventKind = "told"   // something that the user should know, once
	EventNext   EventKind = "next"   // nothing is due; At says when something will be
)

// Event is something that a keeper reports.
type Event struct {
	Kind EventKind
	Step plan.Step
	At   time.Time // of EventFailed and EventNext
	Text string    // what came of a step
	Err  error     // of EventFailed
}

func (k Keeper) start() *keeping {
	return &keeping{Keeper: k, told: map[string]bool{}, held: map[plan.Act]hold{}}
}

// Run keeps the phone ready until ctx ends, and then returns nil. Nothing else ends it: a server
// or a card that is away is tried again.
func (k Keeper) Run(ctx context.Context) error {
	r := k.start()
	for ctx.Err() == nil {
		timer := time.NewTimer(r.round(ctx))
		select {
		case <-ctx.Done():
		case <-timer.C:
		}
		timer.Stop()
	}
	return nil
}

// Once carries out what is due now, and returns the first failure. The call stands for the instant
// of refilling, so it mustn't follow a payment.
func (k Keeper) Once(ctx context.Context) error {
	r := k.start()
	r.since = time.Now().Add(-2 * k.Policy.Slot)
	for {
		step, due, err := r.look(ctx)
		if err != nil || !due {
			return err
		}
		if err := r.carry(ctx, step); err != nil {
			return err
		}
	}
}

// keeping is a keeper at work.
type keeping struct {
	Keeper
	// since is when no refill was due for the last time: instants after it count.
	since time.Time
	told  map[string]bool
	next  plan.Step // as last reported
	// held are the acts that have failed and wait; the empty one is looking. What waits doesn't keep
	// the others from being done.
	held map[plan.Act]hold
}

type hold struct {
	until    time.Time
	failures int
}

// round does what is due and returns how long to wait then.
func (r *keeping) round(ctx context.Context) time.Duration {
	step, due, err := r.look(ctx)
	if err == nil && due {
		err = r.carry(ctx, step)
	}
	switch {
	case ctx.Err() != nil:
		return 0
	case err != nil && r.Busy(err):
		return r.Poll
	case err != nil:
		until := time.Now().Add(r.backoff(step.Act))
		r.Report(Event{Kind: EventFailed, Step: step, At: until, Err: err})
		return r.pause(plan.Step{})
	case due:
		return 0 // look again: there may be more
	default:
		return r.pause(step)
	}
}

// look plans. It returns the first step that isn't for the user and doesn't wait after a failure,
// and whether it is due; what is for the user it tells.
func (r *keeping) look(ctx context.Context) (plan.Step, bool, error) {
	o, schedule, err := r.Look(ctx)
	if err != nil {
		return plan.Step{}, false, err
	}
	delete(r.held, "")
	o.Since = r.since
	var first plan.Step
	refill := false
	for _, step := range plan.Next(o, r.Policy, schedule) {
		if step.Act == plan.Tell {
			r.tell(step)
			continue
		}
		refill = refill || step.Act == plan.Refill && !step.At.After(o.Now)
		if first.Act == "" && !r.held[step.Act].until.After(o.Now) {
			first = step
		}
	}
	if !refill {
		r.since = o.Now
	}
	return first, first.Act != "" && !first.At.After(o.Now), nil
}

// tell reports what is for the user, once.
func (r *keeping) tell(step plan.Step) {
	if !r.told[step.Why] {
		r.told[step.Why] = true
		r.Report(Event{Kind: EventTold, Step: step, Text: step.Why})
	}
}

func (r *keeping) carry(ctx context.Context, step plan.Step) error {
	text, err := r.Carry(ctx, step)
	if err != nil {
		return err
	}
	delete(r.held, step.Act)
	r.Report(Event{Kind: EventDone, Step: step, Text: text})
	return nil
}

// pause returns how long to wait: until the phone is looked at again, a step is due, or what has
// failed is tried again. It reports the step if it is another one than before.
func (r *keeping) pause(step plan.Step) time.Duration {
	wait := r.Poll
	if step.Act != "" {
		if step != r.next {
			r.next = step
			r.Report(Event{Kind: EventNext, Step: step, At: step.At})
		}
		wait = min(wait, time.Until(step.At))
	}
	for act, h := range r.held {
		left := time.Until(h.until)
		if act == "" { // the phone can't be looked at sooner
			return max(0, left)
		}
		if left > 0 {
			wait = min(wait, left)
		}
	}
	return max(0, wait)
}

// backoff holds an act that has failed, and returns for how long: between half of the doubled wait
// and all of it.
func (r *keeping) backoff(act plan.Act) time.Duration {
	h := r.held[act]
	wait := r.Retry
	for range min(h.failures, 32) {
		wait = min(2*wait, maxRetry)
	}
	wait = wait/2 + time.Duration(r.Jitter()*float64(wait/2))
	r.held[act] = hold{time.Now().Add(wait), h.failures + 1}
	return wait
}
