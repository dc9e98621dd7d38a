//go:build cgo

package pcscd

import (
	"context"
	"errors"
	"time"

	"github.com/ebfe/scard"

	"tapbench/pcsc"
)

// Client is a way to the PC/SC service. It holds no connection while nothing is asked, so a service
// that was restarted meanwhile does no harm.
type Client struct {
	closing context.Context // ends what waits
	end     context.CancelFunc
}

// Open checks that the service answers and returns a client. Errors are *pcsc.Errors that wrap
// pcsc.ErrNoService, pcsc.ErrNotSupported (another service in this process) or the context's error.
func Open(ctx context.Context, options Options) (*Client, error) {
	err := ctx.Err()
	if err == nil {
		err = process.settle(options.Socket)
	}
	if err == nil {
		err = withContext(ctx, func(*scard.Context) error { return nil })
	}
	if err != nil {
		return nil, &pcsc.Error{Op: "connecting to the PC/SC service", Err: err}
	}
	closing, end := context.WithCancel(context.Background())
	return &Client{closing: closing, end: end}, nil
}

// Readers returns the readers in the service's order; none is no error. Errors are *pcsc.Errors
// that wrap pcsc.ErrNoService, pcsc.ErrClosed or the context's error.
func (c *Client) Readers(ctx context.Context) ([]Reader, error) {
	var readers []Reader
	err := c.within(ctx, func(ctx context.Context) error {
		return withContext(ctx, func(sc *scard.Context) (err error) {
			readers, err = view(ctx, sc)
			return err
		})
	})
	if err != nil {
		return nil, &pcsc.Error{Op: "listing the readers", Err: err}
	}
	return readers, nil
}

// Close ends what waits in other goroutines, with pcsc.ErrClosed, and the client. Cards that it has
// connected stay connected until they are closed themselves. It may be called again.
func (c *Client) Close() error {
	c.end()
	return nil
}

// within runs f with a context that ends with ctx or the client. The error is then the context's
// own or pcsc.ErrClosed.
func (c *Client) within(ctx context.Context, f func(context.Context) error) error {
	if c.closing.Err() != nil {
		return pcsc.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	either, cancel := context.WithCancel(ctx)
	defer cancel()
	stop := context.AfterFunc(c.closing, cancel)
	defer stop()
	err := f(either)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return ctx.Err()
	case c.closing.Err() != nil:
		return pcsc.ErrClosed
	default:
		return err
	}
}

// withContext runs f with an SCARDCONTEXT of its own, whose waiting ends with ctx.
func withContext(ctx context.Context, f func(*scard.Context) error) error {
	sc, err := process.establish()
	if err != nil {
		return serviceMeaning(err)
	}
	cancelled := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(cancelled)
		_ = sc.Cancel() // lost if nothing waits yet: see waitAtMost
	})
	err = f(sc)
	if !stop() {
		<-cancelled // before the context is given back
	}
	// The service may be gone, and its contexts with it (INVALID_HANDLE): nothing is left to do.
	_ = sc.Release()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

const (
	// waitAtMost bounds one wait in the library.
	waitAtMost = time.Second
	// viewsAtMost bounds how often readers may come and go while they are being listed.
	viewsAtMost = 5
	// watchedAtMost is how many readers, the special one included, one wait can have
	// (PCSCLITE_MAX_READERS_CONTEXTS).
	watchedAtMost = 16
	// notification is the special reader whose state changes when readers come or go.
	notification = `\\?PnP?\Notification`
)

// view returns the readers and their states.
func view(ctx context.Context, sc *scard.Context) ([]Reader, error) {
	var err error
	for range viewsAtMost {
		if err = ctx.Err(); err != nil {
			return nil, err
		}
		var readers []Reader
		if readers, err = viewOnce(sc); err == nil {
			return readers, nil
		}
		// A reader came or went between the questions: ask again.
		if !errors.Is(err, scard.ErrInsufficientBuffer) && !errors.Is(err, scard.ErrUnknownReader) {
			break
		}
	}
	return nil, serviceMeaning(err)
}

func viewOnce(sc *scard.Context) ([]Reader, error) {
	names, err := listReaders(sc)
	if err != nil || len(names) == 0 {
		return nil, err
	}
	states := make([]scard.ReaderState, len(names))
	for i, name := range names {
		states[i].Reader = name
	}
	if err := await(sc, states, 0); err != nil {
		return nil, err
	}
	readers := make([]Reader, len(names))
	for i, state := range states {
		readers[i] = readerOf(names[i], state)
	}
	return readers, nil
}

// listReaders returns the names of the readers. The binding panics if the library succeeds without
// as much as an empty list; that, too, is no readers.
func listReaders(sc *scard.Context) (names []string, err error) {
	defer func() {
		if recover() != nil {
			names, err = nil, nil
		}
	}()
	names, err = sc.ListReaders()
	if errors.Is(err, scard.ErrNoReadersAvailable) {
		return nil, nil
	}
	return names, err
}

// await waits until a state differs from what its CurrentState says, and sets its EventState and
// Atr. No states, which the binding can't take, never differ from anything: the error is a timeout.
func await(sc *scard.Context, states []scard.ReaderState, timeout time.Duration) error {
	if len(states) == 0 {
		return scard.ErrTimeout
	}
	number, done := process.waitNumber()
	defer done()
	for i := range states {
		states[i].Reader = waitName(states[i].Reader, number)
		states[i].Atr = nil // the binding copies it to 33 bytes, whatever its length
	}
	return sc.GetStatusChange(states, timeout)
}

// readerOf reads a reader's state.
func readerOf(name string, state scard.ReaderState) Reader {
	has := func(flag scard.StateFlag) bool { return state.EventState&flag != 0 }
	r := Reader{
		Name:      name,
		Present:   has(scard.StatePresent),
		Mute:      has(scard.StateMute),
		InUse:     has(scard.StateInuse) || has(scard.StateExclusive),
		Exclusive: has(scard.StateExclusive),
		state:     uint32(state.EventState &^ scard.StateChanged),
	}
	if r.Present && len(state.Atr) > 0 {
		r.ATR = append([]byte(nil), state.Atr...)
	}
	return r
}
