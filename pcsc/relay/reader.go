package relay

import (
	"context"
	"errors"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/pcscd"
)

const (
	// sharingLimit is how long Await tries to get a card that another program uses: programs that
	// watch readers look at a new card, and leave it.
	sharingLimit = 5 * time.Second
	sharingTick  = 50 * time.Millisecond
)

// Reader is a [Source]: a reader of a PC/SC service.
type Reader struct {
	client *pcscd.Client
	name   string
}

var _ Source = (*Reader)(nil)

// NewReader returns the reader of that full name. The client stays the caller's.
func NewReader(client *pcscd.Client, name string) *Reader { return &Reader{client, name} }

// Await waits for a card and connects exclusively, so that nobody else's commands go unrecorded.
// Closing the connection resets the card. The error wraps pcsc.ErrSharing if another program keeps
// the card to itself for five seconds.
func (r *Reader) Await(ctx context.Context) (pcsc.Card, error) {
	tick := time.NewTicker(sharingTick)
	defer tick.Stop()
	var shared time.Time // since when the card is another's
	for {
		if _, err := r.client.WaitCard(ctx, r.name); err != nil {
			return nil, err
		}
		card, err := r.client.Connect(ctx, r.name, pcscd.ConnectOptions{Exclusive: true})
		switch {
		case errors.Is(err, pcsc.ErrSharing):
			if shared.IsZero() {
				shared = time.Now()
			}
			if time.Since(shared) > sharingLimit {
				return nil, err
			}
		case errors.Is(err, pcsc.ErrNoCard), errors.Is(err, pcsc.ErrNoReader),
			errors.Is(err, pcsc.ErrCardRemoved), errors.Is(err, pcsc.ErrComm):
			// It has left again, or lies there badly.
		default:
			return card, err
		}
		select {
		case <-ctx.Done():
			return nil, &pcsc.Error{Op: "connecting", Reader: r.name, Err: ctx.Err()}
		case <-tick.C:
		}
	}
}

// Gone waits until the reader is empty or has gone itself. A reader that goes before Gone has seen
// it is found out by the next command.
func (r *Reader) Gone(ctx context.Context) error {
	for event, err := range r.client.Watch(ctx) {
		switch {
		case err != nil:
			return err
		case event.Reader.Name != r.name:
		case event.Kind == pcscd.CardRemoved, event.Kind == pcscd.ReaderRemoved,
			event.Kind == pcscd.ReaderAdded && !event.Reader.Present:
			return nil
		}
	}
	return &pcsc.Error{Op: "watching the card", Reader: r.name, Err: pcsc.ErrClosed}
}
