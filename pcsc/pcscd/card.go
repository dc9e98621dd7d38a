//go:build cgo

package pcscd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/ebfe/scard"

	"tapbench/pcsc"
)

// settling is how long the service takes at most to notice that a card has left: it looks every
// 0.4 s.
const settling = time.Second

// errNoAnswer is an exchange that succeeded without a byte.
var errNoAnswer = fmt.Errorf("%w: no byte", pcsc.ErrBadAnswer)

// card is a connection to a card through the service.
type card struct {
	reader      string
	context     *scard.Context
	line        *line // what context talks over
	handle      *scard.Card
	share       scard.ShareMode
	disposition scard.Disposition // of the card at Close
	transaction bool
	one         sync.Mutex // held during an exchange

	mu       sync.Mutex
	atr      []byte
	protocol pcsc.Protocol
	busy     bool  // an exchange is under way
	end      error // why the connection is unusable, or nil
}

var _ pcsc.Card = (*card)(nil)

// ATR returns the card's answer to the last reset.
func (c *card) ATR() []byte {
	c.mu.Lock()
	defer c.mu.Unlock()
	return bytes.Clone(c.atr)
}

// Protocol returns the protocol that reader and card agreed on.
func (c *card) Protocol() pcsc.Protocol {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.protocol
}

// Transmit sends one C-APDU. When the card, its reader or the service goes away, that is the error
// of every later call too; connect anew.
func (c *card) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	var answer []byte
	err := c.exchange(ctx, "transmitting", func() error {
		if err := pcsc.CheckCommand(command); err != nil {
			return err
		}
		received, err := c.handle.Transmit(command)
		switch {
		case err != nil:
			return err
		case len(received) == 0:
			return errNoAnswer
		}
		answer = bytes.Clone(received) // the binding's buffer has 64 KiB
		return pcsc.CheckAnswer(answer)
	})
	if err != nil {
		return nil, err
	}
	return answer, nil
}

// Reset resets the card. After another program's reset (pcsc.ErrCardReset) it makes the connection
// usable again.
func (c *card) Reset(ctx context.Context) error {
	return c.exchange(ctx, "resetting", func() error {
		err := c.handle.Reconnect(c.share, scard.ProtocolAny, scard.ResetCard)
		if err != nil {
			return err
		}
		return c.greet()
	})
}

// Close ends the connection, and with it the transaction. An exchange under way in another
// goroutine returns with pcsc.ErrClosed.
func (c *card) Close() error {
	c.mu.Lock()
	first, busy := !errors.Is(c.end, pcsc.ErrClosed), c.busy
	c.end = pcsc.ErrClosed
	c.mu.Unlock()
	switch {
	case !first:
	case busy:
		c.line.hangUp() // the exchange releases everything
	default:
		c.release()
	}
	return nil
}

// release gives handle and context back. The card or the service may be gone already, and then
// there is nothing to give back.
func (c *card) release() {
	if c.transaction {
		_ = c.handle.EndTransaction(scard.LeaveCard)
	}
	_ = c.handle.Disconnect(c.disposition)
	_ = c.context.Release()
	c.line.close()
}

// exchange runs a call into the library and keeps the promises of pcsc.Card. The call runs in the
// caller's goroutine: passing it to another costs a fifth of an exchange on a virtual reader.
func (c *card) exchange(ctx context.Context, op string, call func() error) error {
	c.one.Lock()
	defer c.one.Unlock()
	err := c.enter(ctx)
	if err == nil {
		stop := context.AfterFunc(ctx, c.line.hangUp)
		err = c.judge(ctx, call())
		stop()
		err = c.leave(ctx, err)
	}
	if err == nil {
		return nil
	}
	return &pcsc.Error{Op: op, Reader: c.reader, Err: err}
}

// enter begins an exchange unless the connection can't be used.
func (c *card) enter(ctx context.Context) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.end != nil {
		return c.end
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	c.busy = true
	return nil
}

// leave ends an exchange that came back with err, and returns what its caller is to know. After a
// cancellation the command may have been carried out: nobody may go on from there.
func (c *card) leave(ctx context.Context, err error) error {
	c.mu.Lock()
	c.busy = false
	closed := c.end != nil // during an exchange only Close sets it
	switch {
	case closed:
		err = c.end
	case ctx.Err() != nil:
		closed, err = true, ctx.Err()
		c.end = pcsc.ErrClosed
	case errors.Is(err, pcsc.ErrCardRemoved), errors.Is(err, pcsc.ErrNoReader),
		errors.Is(err, pcsc.ErrNoService):
		c.end = err
	}
	c.mu.Unlock()
	if closed {
		c.release()
	}
	return err
}

// over reports whether nobody waits for the exchange under way any more.
func (c *card) over(ctx context.Context) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.end != nil || ctx.Err() != nil
}

// judge finds out what an exchange's error means. Drivers answer a command whose card has left with
// a lost signal, or with nothing at all (vpcd), and the service notices the card's leaving later.
func (c *card) judge(ctx context.Context, err error) error {
	if err == nil || c.over(ctx) {
		return err
	}
	err = meaning(err)
	if !errors.Is(err, pcsc.ErrComm) && !errors.Is(err, errNoAnswer) {
		return err
	}
	if absent := c.whereabouts(ctx); absent != nil {
		return absent
	}
	return err
}

// whereabouts returns what is gone: service, reader or card. It returns nil if all is there, which
// takes it a second.
func (c *card) whereabouts(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, settling)
	defer cancel()
	var absent error
	err := withContext(ctx, func(sc *scard.Context) error {
		var state scard.StateFlag
		for ctx.Err() == nil {
			states := []scard.ReaderState{{Reader: c.reader, CurrentState: state}}
			if err := await(sc, states, settling); err != nil {
				return err
			}
			before := state
			state = states[0].EventState &^ scard.StateChanged
			if state&scard.StateEmpty != 0 || before != 0 && before>>16 != state>>16 {
				absent = pcsc.ErrCardRemoved
				return nil
			}
		}
		return nil
	})
	switch {
	case absent != nil:
		return absent
	case err == nil, ctx.Err() != nil, errors.Is(err, scard.ErrTimeout):
		return nil
	default:
		return serviceMeaning(err)
	}
}
