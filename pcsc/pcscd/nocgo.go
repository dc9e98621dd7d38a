//go:build !cgo

package pcscd

import (
	"context"
	"fmt"
	"iter"
	"time"

	"tapbench/pcsc"
)

// Client stands for a way to the PC/SC service in a build without cgo: nothing opens it.
type Client struct{}

// missing is every function's error in this build.
func missing(op string) error {
	return &pcsc.Error{Op: op, Err: fmt.Errorf("%w: this program was built without cgo, which"+
		" readers need: install a C compiler and libpcsclite-dev and build with CGO_ENABLED=1",
		pcsc.ErrNotSupported)}
}

// Open returns an error that wraps pcsc.ErrNotSupported.
func Open(context.Context, Options) (*Client, error) {
	return nil, missing("connecting to the PC/SC service")
}

// Readers returns an error that wraps pcsc.ErrNotSupported.
func (*Client) Readers(context.Context) ([]Reader, error) {
	return nil, missing("listing the readers")
}

// Connect returns an error that wraps pcsc.ErrNotSupported.
func (*Client) Connect(context.Context, string, ConnectOptions) (pcsc.Card, error) {
	return nil, missing("connecting")
}

// Watch yields one error that wraps pcsc.ErrNotSupported.
func (*Client) Watch(context.Context) iter.Seq2[Event, error] {
	return func(yield func(Event, error) bool) { yield(Event{}, missing("watching the readers")) }
}

// WaitCard returns an error that wraps pcsc.ErrNotSupported.
func (*Client) WaitCard(context.Context, ...string) (Reader, error) {
	return Reader{}, missing("waiting for a card")
}

// Close does nothing.
func (*Client) Close() error { return nil }

// BaselineLink returns an error that wraps pcsc.ErrNotSupported.
func BaselineLink(string, []byte, int) ([]time.Duration, error) {
	return nil, missing("measuring the bare link")
}
