package emvcard

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"

	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
)

// errPower means that the power was cut at a commit.
var errPower = errors.New("power was cut")

// persistent is the only place that writes what stays.
type persistent struct {
	state  state
	fields []byte // of state, as the store has them
	mark   []byte // before the fields: what kind of state, and whose
	store  saved.Store
	tear   *saved.Tearing
}

// Format hides the PIN, whatever the verb.
func (persistent) Format(f fmt.State, _ rune) { hide(f, "persistent") }

// load reads a store's state. An empty store gives a new card's.
func load(store saved.Store, card *image.Card) (persistent, error) {
	raw, err := store.Load()
	if err != nil {
		return persistent{}, fmt.Errorf("loading the card's state: %w", err)
	}
	p := persistent{
		store: store, tear: &saved.Tearing{}, state: newState(card), mark: fingerprint(card),
	}
	p.fields = p.encode(&p.state)
	if raw == nil {
		return p, nil
	}
	fields, err := saved.Decode(raw, len(p.fields))
	if err != nil {
		return persistent{}, err
	}
	rest, ours := bytes.CutPrefix(fields, p.mark)
	if !ours {
		return persistent{}, fmt.Errorf("%w: it is another card's", saved.ErrForeign)
	}
	p.state.walk(&walker{in: rest, read: true})
	p.fields = bytes.Clone(fields)
	return p, nil
}

// commit makes next the state, in one step, unless nothing has changed. After an error the old
// state is in force here, and one of both in the store.
func (p *persistent) commit(next *state) error {
	fields := p.encode(next)
	if bytes.Equal(fields, p.fields) {
		return nil
	}
	before, after := p.tear.Next()
	if before {
		return errPower
	}
	if err := p.store.Commit(saved.Encode(fields)); err != nil {
		return fmt.Errorf("writing the card's state: %w", err)
	}
	p.state, p.fields = *next, fields
	if after {
		return errPower
	}
	return nil
}

// encode returns the mark and the fields of a state.
func (p *persistent) encode(s *state) []byte {
	w := walker{out: append(make([]byte, 0, len(p.mark)+len(p.fields)), p.mark...)}
	s.walk(&w)
	return w.out
}

// fingerprint begins the fields of a state: "EMVC", then 8 bytes of SHA-256 over what the card
// shows, so that no card takes another one's state.
func fingerprint(card *image.Card) []byte {
	const kind, length = "EMVC", 8
	sum := sha256.New()
	for i := range card.Applications {
		a := &card.Applications[i]
		_, _ = fmt.Fprintf(sum, "%X|%X|%X|%X|%s%02d\n", a.AID, a.FCI, a.AIP, a.AFL, a.PAN, a.Sequence)
		for _, r := range a.Records {
			_, _ = fmt.Fprintf(sum, "%d|%d|%X\n", r.SFI, r.Number, r.Data)
		}
	}
	return append([]byte(kind), sum.Sum(nil)[:length]...)
}

// Tear cuts the power at the n-th write of state from now, before anything is written: the command
// gets no answer, the session is lost, the old state stays. 0 means never. It may be called from
// any goroutine.
func (c *Card) Tear(n int) { c.persistent.tear.Set(n, false) }

// TearAfter cuts the power as [Card.Tear] does, but after the write: the new state is there, though
// the command gets no answer.
func (c *Card) TearAfter(n int) { c.persistent.tear.Set(n, true) }
