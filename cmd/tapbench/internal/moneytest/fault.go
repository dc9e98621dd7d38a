package moneytest

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"tapbench/backend/acquirer"
	"tapbench/backend/store"
)

// Kind is what goes wrong in an act.
type Kind string

// What can go wrong.
const (
	None        Kind = "nothing"
	LoseRequest Kind = "a request is lost"
	LoseAnswer  Kind = "an answer is lost"
	KillBefore  Kind = "a server is killed before its commit"
	KillAfter   Kind = "a server is killed after its commit"
	KillTill    Kind = "a terminal is killed before its write"
	KillSynced  Kind = "a terminal is killed after its write"
)

// usually is how much oftener than one of these nothing goes wrong.
const usually = 6

// faults are all kinds; the first one is what shrinking tends to.
func faults() []Kind {
	return append(slices.Repeat([]Kind{None}, usually),
		LoseRequest, LoseAnswer, KillBefore, KillAfter, KillTill, KillSynced)
}

// errFault is what those hear who are left behind.
var errFault = errors.New("broken off by the test")

// fault is armed for one act, and strikes at the n-th occasion of its kind.
type fault struct {
	kind Kind
	at   int // from 1; 0: it has struck, or won't
}

func (f *fault) clear() { f.kind, f.at = None, 0 }

// strikes counts an occasion.
func (f *fault) strikes(kind Kind) bool {
	if f.kind != kind || f.at == 0 {
		return false
	}
	f.at--
	return f.at == 0
}

// lines returns what a line between two parties does to requests and answers.
func (f *fault) lines(name string) (change, answer func(string, []byte) ([]byte, error)) {
	lose := func(kind Kind) func(string, []byte) ([]byte, error) {
		return func(path string, raw []byte) ([]byte, error) {
			if f.strikes(kind) {
				return nil, fmt.Errorf("%w: %s, %s of %s", errFault, kind, name, path)
			}
			return raw, nil
		}
	}
	return lose(LoseRequest), lose(LoseAnswer)
}

// killable is a store whose party can be killed at a step: nothing of it remains, or all of it and
// nobody heard. A party that was killed does nothing until it is started again.
type killable struct {
	store.Store
	fault *fault
	name  string
	dead  bool
}

// Tx implements [store.Store].
func (k *killable) Tx(ctx context.Context, step func(store.Tx) error) error {
	if k.dead {
		return fmt.Errorf("%w: the %s is gone", errFault, k.name)
	}
	if k.fault.strikes(KillBefore) {
		k.dead = true
		err := k.Store.Tx(ctx, func(tx store.Tx) error {
			return errors.Join(errFault, step(tx))
		})
		return fmt.Errorf("%w: the %s was killed in a step", err, k.name)
	}
	err := k.Store.Tx(ctx, step)
	if err == nil && k.fault.strikes(KillAfter) {
		k.dead = true
		return fmt.Errorf("%w: the %s was killed behind a step", errFault, k.name)
	}
	return err
}

// View implements [store.Store].
func (k *killable) View(ctx context.Context, read func(store.Tx) error) error {
	if k.dead {
		return fmt.Errorf("%w: the %s is gone", errFault, k.name)
	}
	return k.Store.View(ctx, read)
}

// decider is the merchants' line to the TSM.
type decider struct {
	*World
	party string
}

var _ acquirer.Decider = decider{}

// carry carries a request to the TSM, and its answer back.
func carry[A any](w *World, act func() (A, error)) (A, error) {
	var none A
	if w.fault.strikes(LoseRequest) {
		return none, fmt.Errorf("%w: %w", acquirer.ErrNoAnswer, errFault)
	}
	answer, err := act()
	if err == nil && w.fault.strikes(LoseAnswer) || errors.Is(err, errFault) {
		return none, fmt.Errorf("%w: %w", acquirer.ErrNoAnswer, errFault)
	}
	return answer, err
}
