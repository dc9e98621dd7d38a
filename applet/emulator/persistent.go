package emulator

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"

	"tapbench/applet/statefile/bound"
	"tapbench/applet/wire"
)

// ErrForeign means that a store holds something else than a secure element's state of this version,
// or a damaged one. Nothing was changed. Name another file, or remove it to begin with a new card.
var ErrForeign = errors.New("not a secure element's state")

// errPower means that the power was cut at a commit.
var errPower = errors.New("power was cut")

// persistent is the only place that writes what stays.
type persistent struct {
	state state
	store Store
	tear  *tearing
}

// Format hides the keys, whatever the verb.
func (persistent) Format(f fmt.State, _ rune) { hide(f, "persistent") }

// tearing counts the commits until the power is cut.
type tearing struct {
	mu    sync.Mutex
	in    int  // 0: never
	after bool // the write is done before the power goes
}

func (t *tearing) set(in int, after bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.in, t.after = in, after
}

// next counts one commit and says whether the power is cut before it, or after it.
func (t *tearing) next() (before, after bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.in == 0 {
		return false, false
	}
	t.in--
	cut := t.in == 0
	return cut && !t.after, cut && t.after
}

// load reads a store's state. An empty store gives a new card's.
func load(store Store) (persistent, error) {
	raw, err := store.Load()
	if err != nil {
		return persistent{}, fmt.Errorf("loading the secure element's state: %w", err)
	}
	p := persistent{store: store, tear: &tearing{}, state: state{life: wire.LifeCycleSelectable}}
	if raw == nil {
		return p, nil
	}
	p.state, err = decodeState(raw)
	return p, err
}

// commit makes next the state, in one step. After an error the old state is in force here, and one
// of both in the store.
func (p *persistent) commit(next *state) error {
	before, after := p.tear.next()
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
func (c *Card) Tear(n int) { c.persistent.tear.set(n, false) }

// TearAfter cuts the power as [Card.Tear] does, but after the write: the new state is there, though
// the command gets no answer.
func (c *Card) TearAfter(n int) { c.persistent.tear.set(n, true) }

// stateMagic begins every encoded state; its last two bytes are the version.
const stateMagic = "TAPBSE\x00\x04"

// encodeState returns magic || fields || SHA-256 over both.
func encodeState(s *state) []byte {
	out := append(make([]byte, 0, 1<<15), stateMagic...)
	s.walk(func(field []byte) { out = append(out, field...) })
	sum := sha256.Sum256(out)
	return append(out, sum[:]...)
}

// decodeState also refuses a state that is bound, by [bound.ErrBound]: whoever opens it without its
// index can't know whether it is the latest one.
func decodeState(raw []byte) (state, error) {
	if _, isBound := bound.Peek(raw); isBound {
		return state{}, bound.ErrBound
	}
	var s state
	size := len(stateMagic) + sha256.Size
	s.walk(func(field []byte) { size += len(field) })
	const name = len(stateMagic) - 2
	if len(raw) > len(stateMagic) && string(raw[:name]) == stateMagic[:name] &&
		string(raw[name:len(stateMagic)]) != stateMagic[name:] {
		return state{}, fmt.Errorf("%w: it is of version %d, this program's is %d", ErrForeign,
			int(raw[name])<<8|int(raw[name+1]), stateMagic[name+1])
	}
	if len(raw) != size || !bytes.HasPrefix(raw, []byte(stateMagic)) {
		return state{}, fmt.Errorf("%w: %d bytes, other beginning or length", ErrForeign, len(raw))
	}
	body := raw[:len(raw)-sha256.Size]
	if sum := sha256.Sum256(body); !bytes.Equal(sum[:], raw[len(body):]) {
		return state{}, fmt.Errorf("%w: its checksum is wrong", ErrForeign)
	}
	rest := body[len(stateMagic):]
	s.walk(func(field []byte) { rest = rest[copy(field, rest):] })
	return s, nil
}
