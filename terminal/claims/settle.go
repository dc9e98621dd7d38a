package claims

import "fmt"

// Answer is what became of one claim of a batch.
type Answer struct {
	Key    Key
	Paid   bool
	Reason string // of a refusal, at most [MaxReason] bytes
}

// MarkSent puts pending claims into a new batch and returns its number, counted from 1. It is
// called before the batch is sent; if power fails meanwhile the batch holds a part of the claims,
// which is sent as it is. It returns [ErrUnknown] or [ErrState], and then nothing was changed.
func (j *Journal) MarkSent(keys []Key) (batch uint64, err error) {
	j.settling.Lock()
	defer j.settling.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	batch = j.batch + 1
	var steps []record
	seen := map[Key]bool{}
	for _, key := range keys {
		if e := j.byKey[key]; e == nil {
			return 0, fmt.Errorf("%w: %s", ErrUnknown, key)
		} else if e.State != Pending || seen[key] {
			return 0, fmt.Errorf("%w: %s is %s, want one that is pending, once", ErrState, key, e.State)
		}
		seen[key] = true
		steps = append(steps, record{kind: kindSent, key: key, payload: batchOf(batch)})
	}
	if len(steps) == 0 {
		return 0, fmt.Errorf("%w: a batch of no claims", ErrUnknown)
	}
	return batch, j.keep(steps)
}

// Settle keeps the answers to claims of a batch; those without one stay sent. An answer that is
// kept already is passed over, so that a repeated answer changes nothing. It returns [ErrUnknown],
// [ErrState] for a claim that isn't in the batch or has another answer, or [ErrTooLong], and then
// nothing was changed.
func (j *Journal) Settle(batch uint64, answers []Answer) error {
	j.settling.Lock()
	defer j.settling.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	var steps []record
	given := map[Key]Answer{}
	for _, a := range answers {
		e := j.byKey[a.Key]
		before, twice := given[a.Key]
		given[a.Key] = a
		switch {
		case e == nil:
			return fmt.Errorf("%w: %s", ErrUnknown, a.Key)
		case len(a.Reason) > MaxReason:
			return fmt.Errorf("%w: a reason of %d bytes", ErrTooLong, len(a.Reason))
		case twice && before == a, e.Batch == batch && e.State == a.state() && e.Reason == a.reason():
			continue
		case twice, e.Batch != batch || e.State != Sent:
			return fmt.Errorf("%w: %s is %s, in batch %d, got an answer of batch %d", ErrState, a.Key,
				e.State, e.Batch, batch)
		}
		step := record{kind: kindPaid, key: a.Key, payload: batchOf(batch)}
		if !a.Paid {
			step.kind, step.payload = kindRefused, append(step.payload, a.Reason...)
		}
		steps = append(steps, step)
	}
	return j.keep(steps)
}

func (a Answer) state() State {
	if a.Paid {
		return Paid
	}
	return Refused
}

func (a Answer) reason() string {
	if a.Paid {
		return ""
	}
	return a.Reason
}

// Release gives a batch up: its claims without an answer are pending again. It is for a batch that
// was refused as a whole.
func (j *Journal) Release(batch uint64) error {
	j.settling.Lock()
	defer j.settling.Unlock()
	j.mu.Lock()
	defer j.mu.Unlock()
	var steps []record
	for _, e := range j.entries {
		if e.State == Sent && e.Batch == batch {
			steps = append(steps, record{kind: kindReleased, key: e.Key, payload: batchOf(batch)})
		}
	}
	return j.keep(steps)
}

// keep appends records and returns when they are on the disk. The caller holds j.mu.
func (j *Journal) keep(steps []record) error {
	var last *write
	for _, step := range steps {
		w, err := j.stage(step)
		if err != nil {
			return err
		}
		if last != nil && last != w {
			if err := j.await(last); err != nil {
				return err
			}
		}
		last = w
	}
	if last == nil {
		return nil
	}
	return j.await(last)
}
