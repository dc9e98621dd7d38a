package vpcd

import (
	"context"
	"fmt"
	"net"
	"time"

	"tapbench/pcsc"
)

// Listener is a virtual reader that waits for card programs.
type Listener struct {
	listener *net.TCPListener
}

// Listen opens a virtual reader at a TCP address such as "127.0.0.1:0". Whoever can reach the
// address can lay a card on it.
func Listen(ctx context.Context, address string) (*Listener, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("opening a virtual reader: %w", err)
	}
	tcp, ok := listener.(*net.TCPListener)
	if !ok {
		closeQuietly(listener)
		return nil, fmt.Errorf("opening a virtual reader: %s is no TCP address", address)
	}
	return &Listener{listener: tcp}, nil
}

// Addr returns the address that a card program connects to.
func (l *Listener) Addr() net.Addr { return l.listener.Addr() }

// Accept waits for a card, powers it and returns the connection. One goroutine at a time may call
// it. A connection that doesn't behave as a card is closed and gives an error; call Accept again.
func (l *Listener) Accept(ctx context.Context) (*Card, error) {
	name := "vpcd " + l.Addr().String()
	failed := func(err error) error {
		return &pcsc.Error{Op: "waiting for a card", Reader: name, Err: err}
	}
	if err := ctx.Err(); err != nil {
		return nil, failed(err)
	}
	if err := l.listener.SetDeadline(time.Time{}); err != nil {
		return nil, failed(pcsc.ErrClosed)
	}
	interrupted := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(interrupted)
		_ = l.listener.SetDeadline(time.Now())
	})
	conn, err := l.listener.Accept()
	if !stop() {
		<-interrupted // so that its deadline doesn't hit the next call
		if err == nil {
			closeQuietly(conn)
		}
		return nil, failed(ctx.Err())
	}
	if err != nil {
		return nil, failed(fmt.Errorf("%w: %w", pcsc.ErrClosed, err))
	}
	return Open(ctx, conn, name)
}

// Close closes the reader. Cards that lie on it stay connected.
func (l *Listener) Close() error { return l.listener.Close() }

// Dial connects to a card program that waits for its reader at a TCP address, powers the card and
// returns the connection.
func Dial(ctx context.Context, address string) (*Card, error) {
	name := "vpcd " + address
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		if ctx.Err() != nil {
			err = ctx.Err()
		} else {
			err = fmt.Errorf("%w: %w", pcsc.ErrNoCard, err)
		}
		return nil, &pcsc.Error{Op: "connecting", Reader: name, Err: err}
	}
	return Open(ctx, conn, name)
}
