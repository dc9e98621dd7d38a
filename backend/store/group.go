package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
)

// maxGroup is how many steps one commit carries at most.
const maxGroup = 256

// writer carries steps out one after the other, on one connection, and commits them in groups: as
// long as callers wait for their turn, the transaction stays open for the next one's step. Each
// step runs in its caller's goroutine and within a savepoint of its own, so that a step that fails
// is undone alone. Nobody is answered before the group's commit, not even the callers of steps that
// failed: what they saw may have been another step's rows.
type writer struct {
	*session
	// commit ends a transaction. Tests replace it.
	commit func(ctx context.Context) error
	// fault, once set, is what every later call is refused with.
	fault atomic.Pointer[error]

	mu    sync.Mutex
	busy  bool            // somebody has the turn
	queue []chan struct{} // those who wait for it, each on a channel of its own

	// What follows, and the session, belong to the caller that has the turn.
	group *group // nil between transactions
}

// group is the steps of one transaction.
type group struct {
	steps, kept int
	broken      error         // why none of them can be committed
	done        chan struct{} // closed after the commit
	err         error         // how it ended, once done is closed
}

// newWriter takes a pool's one connection for good: no other ever takes its place, so whatever the
// connection holds, such as a lock, is held for every step.
func newWriter(ctx context.Context, db *sql.DB, e engine) (*writer, error) {
	s, err := newSession(ctx, db, e)
	if err != nil {
		return nil, err
	}
	w := &writer{session: s}
	w.commit = func(ctx context.Context) error { return e.complete(ctx, s.conn) }
	return w, nil
}

// do carries one step out and returns when its outcome is durable.
func (w *writer) do(ctx context.Context, step func(Tx) error) error {
	if err := w.enter(ctx); err != nil {
		return err
	}
	g, err := w.turn(ctx, step)
	if g == nil {
		return err
	}
	<-g.done
	if g.err != nil {
		return g.err
	}
	return err
}

// enter waits for the turn.
func (w *writer) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	w.mu.Lock()
	if !w.busy {
		w.busy = true
		w.mu.Unlock()
		return nil
	}
	turn := make(chan struct{})
	w.queue = append(w.queue, turn)
	w.mu.Unlock()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
	}
	w.mu.Lock()
	i := slices.Index(w.queue, turn)
	if i >= 0 {
		w.queue = slices.Delete(w.queue, i, i+1)
	}
	w.mu.Unlock()
	if i < 0 { // the turn came at the same moment, and others wait for what is done with it
		w.leave()
	}
	return ctx.Err()
}

// leave passes the turn on. When nobody waits for it, or the group is at its end, it commits first.
func (w *writer) leave() {
	ends := w.group != nil && (w.group.broken != nil || w.group.steps >= maxGroup)
	if !ends && w.pass(w.group != nil) {
		return
	}
	if w.group != nil {
		w.end()
	}
	w.pass(false)
}

// pass gives the turn to whoever waits longest and reports whether the caller is rid of it. With
// keep, the caller keeps the turn when nobody waits.
func (w *writer) pass(keep bool) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		w.busy = keep
		return !keep
	}
	close(w.queue[0])
	w.queue[0] = nil
	w.queue = w.queue[1:]
	return true
}

// turn runs a step in the open group, or in a new one, and passes the turn on. Without a group
// nothing was done.
func (w *writer) turn(ctx context.Context, step func(Tx) error) (*group, error) {
	defer w.leave()
	if fault := w.fault.Load(); fault != nil {
		return nil, *fault
	}
	ctx, plain := context.WithoutCancel(ctx), ctx
	if w.group == nil {
		if err := w.control(ctx, w.begin()); err != nil {
			return nil, w.lost(classified(w, err))
		}
		w.group = &group{done: make(chan struct{})}
	}
	g := w.group
	g.steps++
	if err := w.control(ctx, "SAVEPOINT step"); err != nil {
		g.broken = w.lost(classified(w, err))
		return g, g.broken
	}
	s := &stepSQL{writer: w}
	kept := false
	defer func() { // also undoes a step that panics
		if !kept {
			w.undo(ctx, g, s.failed)
		}
	}()
	err := s.outcome(step(tx{s}))
	if err == nil {
		err = plain.Err()
	}
	if err == nil {
		err = classified(w, w.control(ctx, "RELEASE SAVEPOINT step"))
		kept = err == nil
	}
	if kept {
		g.kept++
	}
	return g, err
}

// undo undoes the current step. Where that fails, the database has undone the whole transaction,
// for whichever reason the step's own statement failed.
func (w *writer) undo(ctx context.Context, g *group, cause error) {
	err := w.control(ctx, "ROLLBACK TO SAVEPOINT step")
	if err == nil {
		err = w.control(ctx, "RELEASE SAVEPOINT step")
	}
	if err != nil {
		if cause == nil {
			cause = err
		}
		g.broken = w.lost(classified(w, cause))
	}
}

// end commits the group, or rolls it back when nothing of it is to be kept, and tells its callers.
func (w *writer) end() {
	g, ctx := w.group, context.Background()
	w.group = nil
	defer close(g.done)
	if g.broken == nil && g.kept > 0 {
		g.err = w.finish(ctx)
		return
	}
	// Where this fails the transaction is gone already.
	_ = w.control(ctx, "ROLLBACK")
	if g.broken != nil {
		g.err = g.broken
	}
}

// finish commits. Whether the group remains is known when the database says that it doesn't. After
// any other failure it isn't known.
func (w *writer) finish(ctx context.Context) error {
	raw := w.commit(ctx)
	if raw == nil {
		return nil
	}
	err := classified(w, raw)
	if w.undone(raw) {
		_ = w.control(ctx, "ROLLBACK") // fails where the database has done so already
		return err
	}
	err = fmt.Errorf("%w: %w", ErrUncertain, err)
	w.refuse(ErrUncertain)
	return err
}

// lost refuses all further work after an error that says that the connection is gone.
func (w *writer) lost(err error) error {
	if errors.Is(err, ErrLost) {
		w.refuse(ErrLost)
	}
	return err
}

func (w *writer) refuse(err error) { w.fault.CompareAndSwap(nil, &err) }

// close closes the connection. Nobody has the turn any more.
func (w *writer) close() error {
	var err error
	if text := w.farewell(); text != "" && !w.gone(w.conn) {
		err = w.control(context.Background(), text)
	}
	return errors.Join(err, w.session.close())
}
