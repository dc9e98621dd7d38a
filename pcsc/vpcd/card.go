package vpcd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"tapbench/pcsc"
)

const (
	// minATR and maxATR bound an answer to reset, in bytes (ISO/IEC 7816-3:2006, 8.2).
	minATR, maxATR = 2, 33
	// farewell bounds how long Close tries to tell the card that it loses its power.
	farewell = 100 * time.Millisecond
)

// Card is the reader's end of a connection to a card program.
type Card struct {
	name     string
	link     *link
	atr      []byte
	protocol pcsc.Protocol
	exchange sync.Mutex // held while a frame is sent or awaited

	mu  sync.Mutex
	end error // why the connection is unusable, or nil
}

var _ pcsc.Card = (*Card)(nil)

// Open powers the card at the other end of conn, which it owns from then on, and asks for its ATR.
// name is the reader's name in errors. The connection is closed with the card.
func Open(ctx context.Context, conn net.Conn, name string) (*Card, error) {
	c := &Card{name: name, link: newLink(conn)}
	if err := c.act(ctx, "connecting", func() error { return c.start(controlOn) }); err != nil {
		closeQuietly(conn)
		return nil, err
	}
	return c, nil
}

// ATR returns the card's answer to the last reset.
func (c *Card) ATR() []byte { return bytes.Clone(c.atr) }

// Protocol returns the protocol in force: T=1 if the ATR offers it, else T=0.
func (c *Card) Protocol() pcsc.Protocol { return c.protocol }

// Transmit sends one C-APDU of at most [MaxPayload] bytes. A card that leaves, or answers with
// nothing, gives pcsc.ErrCardRemoved, also for every later call.
func (c *Card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	const op = "transmitting"
	var answer []byte
	err := c.act(ctx, op, func() error {
		if err := pcsc.CheckCommand(command); err != nil {
			return err
		}
		if len(command) > MaxPayload {
			return fmt.Errorf("%w: %w", pcsc.ErrNotSupported, errTooLong)
		}
		payload, err := c.ask(command...)
		if err != nil {
			return err
		}
		if err := pcsc.CheckAnswer(payload); err != nil {
			return err
		}
		answer = bytes.Clone(payload)
		return nil
	})
	return answer, err
}

// Reset resets the card and asks for its ATR again.
func (c *Card) Reset(ctx context.Context) error {
	return c.act(ctx, "resetting", func() error { return c.start(controlReset) })
}

// Close takes the card's power away and closes the connection. A Transmit that is under way in
// another goroutine returns with pcsc.ErrClosed, and the card learns of the end by losing the
// connection.
func (c *Card) Close() error {
	if errors.Is(c.spoil(pcsc.ErrClosed), pcsc.ErrClosed) && c.exchange.TryLock() {
		_ = c.link.conn.SetWriteDeadline(time.Now().Add(farewell))
		_ = c.link.send(controlOff)
		c.exchange.Unlock()
	}
	c.mu.Lock()
	c.end = pcsc.ErrClosed
	c.mu.Unlock()
	closeQuietly(c.link.conn)
	return nil
}

// spoil records why the connection can't be used any more, unless that is known already, and
// returns what is recorded.
func (c *Card) spoil(end error) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end == nil {
		c.end = end
	}
	return c.end
}

// usable returns why the connection can't be used, if so.
func (c *Card) usable(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil {
		return c.end
	}
	return ctx.Err()
}

// act runs an exchange and keeps the promises of pcsc.Card: ctx is checked before, its
// cancellation ends exchange and connection, and every error is a *pcsc.Error.
func (c *Card) act(ctx context.Context, op string, exchange func() error) error {
	c.exchange.Lock()
	defer c.exchange.Unlock()
	err := c.usable(ctx)
	if err == nil {
		err = c.cancellable(ctx, exchange)
	}
	if err == nil {
		return nil
	}
	return &pcsc.Error{Op: op, Reader: c.name, Err: err}
}

// cancellable runs an exchange that ends with ctx.
func (c *Card) cancellable(ctx context.Context, exchange func() error) error {
	stop := context.AfterFunc(ctx, func() { closeQuietly(c.link.conn) })
	err := exchange()
	switch {
	case !stop():
		// The command may have been carried out: nobody may go on from here.
		_ = c.spoil(pcsc.ErrClosed)
		return ctx.Err()
	case errors.Is(err, pcsc.ErrCardRemoved), errors.Is(err, pcsc.ErrComm):
		closeQuietly(c.link.conn)
		return c.spoil(err)
	default:
		return err
	}
}

// start gives the card power or resets it, and reads its ATR.
func (c *Card) start(control byte) error {
	if err := c.link.send(control); err != nil {
		return lost(err, pcsc.ErrCardRemoved)
	}
	atr, err := c.ask(controlATR)
	if err != nil {
		return err
	}
	if len(atr) < minATR || len(atr) > maxATR {
		return fmt.Errorf("%w: an ATR of %d bytes", pcsc.ErrBadAnswer, len(atr))
	}
	c.atr, c.protocol = bytes.Clone(atr), chosenProtocol(atr)
	return nil
}

// ask sends a frame and returns the answer's payload, which lies in the link's buffer.
func (c *Card) ask(payload ...byte) ([]byte, error) {
	if err := c.link.send(payload...); err != nil {
		return nil, lost(err, pcsc.ErrCardRemoved)
	}
	answer, err := c.link.receive()
	if err != nil {
		return nil, lost(err, pcsc.ErrCardRemoved)
	}
	if len(answer) == 0 {
		return nil, pcsc.ErrCardRemoved
	}
	return answer, nil
}
