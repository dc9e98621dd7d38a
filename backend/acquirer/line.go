package acquirer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// maxIdle is how long a client keeps a connection that isn't used. The server's own patience is
// idleTime: with half of it, the server doesn't hang up just when a request is on its way.
const maxIdle = idleTime / 2

// line is a connection to the TSM, on which a terminal has signed on.
type line struct {
	conn     *tls.Conn
	merchant Merchant // that has signed on
	terminal Terminal
	used     time.Time
}

// fresh reports whether the TSM still holds its end of an idle line, as far as is known here: there
// is nothing to be read from it, neither an end nor an alert that announces one.
func (l *line) fresh() bool {
	if time.Since(l.used) > maxIdle {
		return false
	}
	tcp, ok := l.conn.NetConn().(*net.TCPConn)
	if !ok {
		return false
	}
	raw, err := tcp.SyscallConn()
	if err != nil {
		return false
	}
	silent := false
	err = raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := unix.Recvfrom(int(fd), b[:], unix.MSG_PEEK|unix.MSG_DONTWAIT)
		silent = errors.Is(err, unix.EAGAIN)
		return true
	})
	return err == nil && silent
}

// take returns the line that is kept, if it is still good, and a new one otherwise.
func (c *Client) take(ctx context.Context) (*line, error) {
	c.mu.Lock()
	l := c.idle
	c.idle = nil
	c.mu.Unlock()
	if l != nil && ctx.Err() == nil && l.fresh() {
		return l, nil
	}
	if l != nil {
		_ = l.conn.Close()
	}
	conn, err := c.dial(ctx)
	return &line{conn: conn}, err
}

// keep keeps a line for the next request, or closes it: one is enough.
func (c *Client) keep(l *line) {
	l.used = time.Now()
	c.mu.Lock()
	if c.idle == nil {
		c.idle, l = l, nil
	}
	c.mu.Unlock()
	if l != nil {
		_ = l.conn.Close()
	}
}

// Close closes the connection that is kept. The client may be used on: the next request makes a new
// one.
func (c *Client) Close() error {
	c.mu.Lock()
	l := c.idle
	c.idle = nil
	c.mu.Unlock()
	if l == nil {
		return nil
	}
	return l.conn.Close()
}

// exchange sends a request and returns its answer as parse reads it. What parse can't read is
// [ErrNoAnswer], and the end of the connection, as is any other error.
func exchange[A any](
	ctx context.Context, c *Client, k Key, request isoMessage, parse func(isoMessage) (A, error),
) (A, error) {
	var none A
	raw, err := request.pack()
	if err != nil {
		return none, err
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = DefaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	l, err := c.take(ctx)
	if err != nil {
		return none, err
	}
	// A deadline in the past ends whatever the connection is waiting for.
	stop := context.AfterFunc(ctx, func() { _ = l.conn.SetDeadline(time.Unix(1, 0)) })
	answer, err := converse(ctx, c, l, k, request.mti, raw, parse)
	if !stop() || err != nil {
		_ = l.conn.Close()
		return answer, err
	}
	c.keep(l)
	return answer, nil
}

// converse signs the terminal on, unless it is, and sends the request.
func converse[A any](
	ctx context.Context, c *Client, l *line, k Key, mti string, raw []byte,
	parse func(isoMessage) (A, error),
) (A, error) {
	var none A
	if l.merchant != k.Merchant || l.terminal != k.Terminal {
		if err := c.signOn(ctx, l.conn, k); err != nil {
			return none, err
		}
		l.merchant, l.terminal = k.Merchant, k.Terminal
	}
	m, err := c.roundTrip(l.conn, mti, raw)
	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrNoAnswer, because(ctx, err))
	}
	answer, err := parse(m)
	if err != nil {
		return none, fmt.Errorf("%w: %w", ErrNoAnswer, err)
	}
	return answer, nil
}
