package tsm

import (
	"context"
	"fmt"
	"slices"

	"tapbench/applet/message"
	"tapbench/backend/store"
)

// State is how far a registration, and the account that it becomes, has come.
type State string

// The states of a run. An account exists from StateActive on.
const (
	// StateHello: nonces were given out.
	StateHello State = "hello"
	// StateRegistered: the account's keys are known, its channel is agreed.
	StateRegistered State = "registered"
	// StateFunding: TSMBINFO is written down and the bank is being asked; what it did isn't known.
	StateFunding State = "funding"
	// StateRefused: the bank has moved nothing, and the run is over.
	StateRefused State = "refused"
	// StateActive: AUTH is booked; cards are issued until the account expires.
	StateActive State = "active"
	// StateClosed: its holder has given the account up; its cards are declined.
	StateClosed State = "closed"
	// StateFrozen: double spending was proven; nothing more is issued, its cards are declined.
	StateFrozen State = "frozen"
	// StateReturning: what is left is reserved for the bank, whose receipt is missing.
	StateReturning State = "returning"
	// StateReturned: the bank has what was left, and the account is over.
	StateReturned State = "returned"
)

// Transition is one arrow of a run's life.
type Transition struct {
	From, To State
	By       string
}

// Transitions returns a run's whole life; there are no other arrows.
func Transitions() []Transition {
	return []Transition{
		{StateHello, StateRegistered, "Register"},
		{StateRegistered, StateFunding, "Fund"},
		{StateFunding, StateActive, "AUTH"},
		{StateFunding, StateRefused, "the bank's refusal"},
		{StateRefused, StateActive, "AUTH that came after all"},
		{StateActive, StateClosed, "Close"},
		{StateActive, StateReturning, "Return"},
		{StateClosed, StateReturning, "Return"},
		{StateActive, StateFrozen, "Freeze"},
		{StateClosed, StateFrozen, "Freeze"},
		{StateFrozen, StateReturning, "Return"},
		{StateReturning, StateReturned, "the bank's receipt"},
	}
}

// move takes a run to a state. An arrow that isn't there is our own fault.
func (r *run) move(to State) error {
	if !slices.ContainsFunc(Transitions(), func(t Transition) bool {
		return t.From == r.state && t.To == to
	}) {
		return fmt.Errorf("a run that is %s can't be %s", r.state, to)
	}
	r.state = to
	return nil
}

// ended reports whether what was left of a TSM account is on its way back to the bank: nothing is
// booked on it any more. Until then it takes reversals and refunds, even if it has expired, was
// closed or is frozen.
func ended(ctx context.Context, tx store.Tx, id message.TID) (bool, error) {
	var s State
	err := tx.QueryRowContext(ctx, `SELECT state FROM runs WHERE tid = $1`, id[:]).Scan(&s)
	if err != nil {
		return false, fmt.Errorf("reading the state of account %s: %w", id, err)
	}
	return s != StateActive && s != StateClosed && s != StateFrozen, nil
}
