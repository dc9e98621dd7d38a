package relay

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"

	"tapbench/pcsc"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/vpcd"
)

// ErrOtherCard means that another card was laid on the reader than the one that lay there first: a
// recording holds the dialogue with one card. What was recorded until then is complete.
var ErrOtherCard = errors.New("another card than before")

// Source is where the card lies that a relay passes on.
type Source interface {
	// Await waits until a card lies there and connects to it.
	Await(ctx context.Context) (pcsc.Card, error)
	// Gone waits until the card of the last Await has left.
	Gone(ctx context.Context) error
}

// Journal is a card that notes what passes through it, and the events that it is told of. A
// *trace.Recorder is one.
type Journal interface {
	pcsc.Card
	Note(event trace.Step) error
}

// Config says what is relayed, and to where.
type Config struct {
	// Source is where the card lies.
	Source Source
	// Dial lays a card on the virtual reader and returns the connection on which it is served.
	Dial func(ctx context.Context) (net.Conn, error)
	// Record is called once, with a card that stands for all the connections to come; from then on
	// everything passes through what it returns. Nil records nothing.
	Record func(card pcsc.Card) (Journal, error)
	// Powered is called whenever the virtual reader has given the card its power. Nil is told
	// nothing.
	Powered func()
}

// Run passes cards on until ctx ends or something fails, and always returns an error:
//   - the context's;
//   - [ErrOtherCard];
//   - a *pcsc.Error that wraps pcsc.ErrNoReader when the virtual reader has gone, or what Source
//     said;
//   - what Dial or Record said.
//
// A fault of the recording doesn't end the dialogue; the recorder knows of it.
func Run(ctx context.Context, config Config) error {
	r := relay{Config: config}
	if r.Powered == nil {
		r.Powered = func() {}
	}
	for {
		card, err := r.Source.Await(ctx)
		if err == nil {
			err = r.pass(ctx, card)
			_ = card.Close() // one that has left has nothing more to say
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if err != nil {
			return fmt.Errorf("passing a card on: %w", err)
		}
	}
}

// relay is a run under way.
type relay struct {
	Config
	seat    Seat
	journal Journal // nil before the first card
	atr     []byte  // of the first card
}

// pass passes one card on until it leaves, which is no error.
func (r *relay) pass(ctx context.Context, card pcsc.Card) error {
	if err := r.seated(card); err != nil {
		return err
	}
	conn, err := r.Dial(ctx)
	if err != nil {
		return err
	}
	p := &passage{ctx: ctx, card: r.journal, laid: r.Powered}
	err = r.serve(ctx, conn, p)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	switch {
	case left(p.fault):
		err = nil
	case p.fault != nil:
		return p.fault
	}
	if err == nil {
		err = r.journal.Note(trace.Step{Kind: trace.Remove})
	}
	return err
}

// left reports whether a card that gave no answer can be asked again once it is laid back.
func left(err error) bool {
	for _, cause := range []error{
		pcsc.ErrCardRemoved, pcsc.ErrNoCard, pcsc.ErrNoReader, pcsc.ErrComm, pcsc.ErrBadAnswer,
		pcsc.ErrCardReset,
	} {
		if errors.Is(err, cause) {
			return true
		}
	}
	return false
}

// seated puts a card on the seat, the first one behind the recorder.
func (r *relay) seated(card pcsc.Card) error {
	r.seat.Take(card)
	if r.journal != nil {
		if !bytes.Equal(r.atr, card.ATR()) {
			return fmt.Errorf("%w: answer to reset % X, not % X", ErrOtherCard, card.ATR(), r.atr)
		}
		return r.journal.Note(trace.Step{Kind: trace.Insert})
	}
	r.atr = card.ATR()
	if r.Record == nil {
		r.journal = unwritten{&r.seat}
		return nil
	}
	var err error
	r.journal, err = r.Record(&r.seat)
	return err
}

// serve answers for the card on the virtual reader until it leaves the other one; then the error is
// nil.
func (r *relay) serve(ctx context.Context, conn net.Conn, p *passage) error {
	present, leave := context.WithCancel(ctx)
	defer leave()
	var watch sync.WaitGroup
	var watched error
	watch.Go(func() {
		watched = r.Source.Gone(present)
		leave()
	})
	err := vpcd.Serve(present, conn, p)
	leave()
	watch.Wait()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case watched == nil, errors.Is(err, pcsc.ErrCardRemoved):
		return nil
	case !errors.Is(err, context.Canceled):
		return err // the virtual reader's
	default:
		return watched
	}
}

// unwritten is the journal of a relay that records nothing.
type unwritten struct{ pcsc.Card }

// Note keeps nothing.
func (unwritten) Note(trace.Step) error { return nil }
