package emulator

import (
	"errors"
	"fmt"

	"tapbench/applet/saved"
	"tapbench/applet/wire"
)

// errPower means that the power was cut at a commit.
var errPower = errors.New("power was cut")

// persistent is the only place that writes what stays.
type persistent struct {
	state state
	store Store
	tear  *saved.Tearing
}

// Format hides the keys, whatever the verb.
func (persistent) Format(f fmt.State, _ rune) { hide(f, "persistent") }

// load reads a store's state. An empty store gives a new card's.
func load(store Store) (persistent, error) {
	raw, err := store.Load()
	if err != nil {
		return persistent{}, fmt.Errorf("loading the secure element's state: %w", err)
	}
	p := persistent{store: store, tear: &saved.Tearing{}, state: state{life: wire.LifeCycleSelectable}}
	if raw == nil {
		return p, nil
	}
	p.state, err = decodeState(raw)
	return p, err
}

// commit makes next the state, in one step. After an error the old state is in force here, and one
// of both in the store.
func (p *persistent) commit(next *state) error {
	before, after := p.tear.Next()
	if before {
		return errPower
	}
	if err := p.store.Commit(encodeState(next)); err != nil {
		return fmt.Errorf("writing the secure element's state: %w", err)
	}
	p.state = *next
	if after {
		return errPower
	}
	return nil
}

// Tear cuts the power at the n-th write of state from now, before anything is written: the command
// gets no answer, the session is lost, the old state stays. 0 means never. It may be called from
// any goroutine.
func (c *Card) Tear(n int) { c.persistent.tear.Set(n, false) }

// TearAfter cuts the power as [Card.Tear] does, but after the write: the new state is there, though
// the command gets no answer.
func (c *Card) TearAfter(n int) { c.persistent.tear.Set(n, true) }

// encodeState returns the state as a [Store] keeps it.
func encodeState(s *state) []byte {
	fields := make([]byte, 0, 1<<15)
	s.walk(func(field []byte) { fields = append(fields, field...) })
	return saved.Encode(fields)
}

// decodeState returns the errors of [saved.Decode].
func decodeState(raw []byte) (state, error) {
	var s state
	size := 0
	s.walk(func(field []byte) { size += len(field) })
	rest, err := saved.Decode(raw, size)
	if err != nil {
		return state{}, err
	}
	s.walk(func(field []byte) { rest = rest[copy(field, rest):] })
	return s, nil
}
