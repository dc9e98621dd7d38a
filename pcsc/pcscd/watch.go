//go:build cgo

package pcscd

import (
	"context"
	"errors"
	"iter"
	"slices"

	"github.com/ebfe/scard"

	"tapbench/pcsc"
)

// Watch reports readers and cards as they come and go. It begins with what is there: each reader as
// added, each card as inserted. The sequence ends when its consumer stops, and otherwise with one
// error, a *pcsc.Error that wraps the context's error, pcsc.ErrClosed or pcsc.ErrNoService.
func (c *Client) Watch(ctx context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) {
		enough := false // the context may end just when the consumer stops
		err := c.within(ctx, func(ctx context.Context) error {
			return withContext(ctx, func(sc *scard.Context) error {
				return watch(ctx, sc, func(e Event) bool {
					enough = !yield(e, nil)
					return !enough
				})
			})
		})
		if err != nil && !enough {
			yield(Event{}, &pcsc.Error{Op: "watching the readers", Err: err})
		}
	}
}

// watch yields events until yield has enough.
func watch(ctx context.Context, sc *scard.Context, yield func(Event) bool) error {
	var before []Reader
	for {
		after, err := view(ctx, sc)
		if err != nil {
			return err
		}
		for _, event := range changed(before, after) {
			if !yield(event) {
				return nil
			}
		}
		before = after
		if err := awaitChange(sc, after); err != nil {
			return err
		}
	}
}

// awaitChange returns when something may differ from the readers as they were seen, or after a
// second.
func awaitChange(sc *scard.Context, readers []Reader) error {
	states := make([]scard.ReaderState, 0, len(readers)+1)
	for _, r := range readers {
		known := scard.StateFlag(r.state)
		states = append(states, scard.ReaderState{Reader: r.Name, CurrentState: known})
	}
	if len(states) < watchedAtMost {
		states = append(states, scard.ReaderState{Reader: notification})
	}
	err := await(sc, states[:min(len(states), watchedAtMost)], waitAtMost)
	switch {
	case err == nil, errors.Is(err, scard.ErrTimeout), errors.Is(err, scard.ErrUnknownReader),
		errors.Is(err, scard.ErrCancelled):
		return nil // look again; a cancellation shows in the context
	default:
		return serviceMeaning(err)
	}
}

// WaitCard waits until a card lies on one of the named readers, or on any if none is named, and
// returns that reader; at once if a card is there. A named reader that isn't there is waited for.
// Errors are those of [Client.Watch].
func (c *Client) WaitCard(ctx context.Context, names ...string) (Reader, error) {
	for event, err := range c.Watch(ctx) {
		if err != nil {
			return Reader{}, err
		}
		if event.Kind != CardInserted {
			continue
		}
		if len(names) == 0 || slices.Contains(names, event.Reader.Name) {
			return event.Reader, nil
		}
	}
	// Watch ends with an error unless it is stopped.
	return Reader{}, &pcsc.Error{Op: "waiting for a card", Err: pcsc.ErrClosed}
}
