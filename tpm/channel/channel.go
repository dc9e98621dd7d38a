package channel

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/go-tpm/tpm2/transport"
)

// Bounds of an exchange.
const (
	// HeaderSize is the length of a command's or an answer's header: tag, length, code.
	HeaderSize = 10
	// MaxMessage is the longest command and the longest answer in bytes: TPM2_PT_MAX_COMMAND_SIZE
	// and TPM2_PT_MAX_RESPONSE_SIZE of the TPMs in use.
	MaxMessage = 4096
	// MaxWait is how long an answer may take when the context sets no earlier end. Making an RSA
	// key takes some hardware TPMs half a minute.
	MaxWait = 2 * time.Minute
)

// TPM_ST values of an answer (Part 2, clause 6.9).
const (
	tagNoSessions = 0x8001
	tagSessions   = 0x8002
)

// Channel is a connection to one TPM.
type Channel struct {
	where     string
	exclusive bool

	conn   io.ReadWriteCloser
	closed atomic.Bool

	mu     sync.Mutex // held during an exchange
	broken error      // why no further exchange is possible
	buffer [MaxMessage + 1]byte
}

var _ transport.TPMCloser = (*Channel)(nil)

// New makes a channel of a connection that carries nothing but TPM messages and is its TPM's only
// one, such as a socket or one end of a net.Pipe. Where is its name in messages. The channel owns
// the connection.
func New(conn io.ReadWriteCloser, where string) *Channel {
	return &Channel{conn: conn, where: where, exclusive: true}
}

// Where returns the place that was dialled.
func (c *Channel) Where() string { return c.where }

// Exclusive reports whether the TPM serves this channel alone while it is open, as one behind a
// socket does: what is loaded there was left behind by a client that is gone. Behind a device other
// clients may have a part in it, and the kernel's resource manager frees what they leave.
func (c *Channel) Exclusive() bool { return c.exclusive }

// deadliner is a connection whose reads and writes can be made to end: sockets can, devices can't.
type deadliner interface{ SetDeadline(t time.Time) error }

// Exchange sends one command and returns the answer, at most [MaxMessage] bytes; the caller may
// keep it. The context is checked first; when it ends during the exchange, or after [MaxWait], the
// connection is closed, because the answer to this command would be taken for the next one's. A
// device can't be interrupted: there the kernel's own time limit holds.
func (c *Channel) Exchange(ctx context.Context, command []byte) ([]byte, error) {
	if err := checkCommand(command); err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed.Load() {
		return nil, c.wrap(ErrClosed)
	}
	if c.broken != nil {
		return nil, c.broken
	}
	if err := ctx.Err(); err != nil {
		return nil, c.wrap(err)
	}
	release := c.watch(ctx)
	answer, err := c.exchange(command)
	release()
	if err != nil {
		c.broken = c.wrap(c.explain(ctx, err))
		_ = c.conn.Close() // the failure above is what is reported
		return nil, c.broken
	}
	return answer, nil
}

// watch bounds the exchange by the context and [MaxWait]. The function that it returns ends that.
func (c *Channel) watch(ctx context.Context) func() {
	conn, ok := c.conn.(deadliner)
	if !ok {
		return func() {}
	}
	// A connection that was closed meanwhile fails at the exchange itself.
	_ = conn.SetDeadline(time.Now().Add(MaxWait))
	done := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0))
		close(done)
	})
	return func() {
		if !stop() {
			<-done // or it would cut the next exchange off
		}
	}
}

// exchange writes the command and reads one answer.
func (c *Channel) exchange(command []byte) ([]byte, error) {
	if _, err := c.conn.Write(command); err != nil {
		return nil, err
	}
	have, size := 0, MaxMessage
	for have < size {
		// A device wants its answer taken in one piece; the byte too many shows what follows it.
		n, err := c.conn.Read(c.buffer[have:])
		have += n
		if have >= HeaderSize {
			announced, bad := answerSize(c.buffer[:HeaderSize])
			if bad != nil {
				return nil, bad
			}
			size = announced
		}
		if err != nil && have < size {
			return nil, err
		}
	}
	if have > size {
		return nil, fmt.Errorf("%w: %d bytes where %d were announced", ErrBadAnswer, have, size)
	}
	return append([]byte(nil), c.buffer[:size]...), nil
}

// answerSize reads an answer's header.
func answerSize(header []byte) (int, error) {
	tag, size := binary.BigEndian.Uint16(header), binary.BigEndian.Uint32(header[2:])
	if tag != tagNoSessions && tag != tagSessions {
		return 0, fmt.Errorf("%w: tag %04X", ErrBadAnswer, tag)
	}
	if size < HeaderSize || size > MaxMessage {
		return 0, fmt.Errorf("%w: %d bytes announced", ErrBadAnswer, size)
	}
	return int(size), nil
}

// checkCommand refuses what would confuse the stream.
func checkCommand(command []byte) error {
	if len(command) < HeaderSize || len(command) > MaxMessage {
		return fmt.Errorf("%w: %d bytes", ErrBadCommand, len(command))
	}
	if size := binary.BigEndian.Uint32(command[2:]); uint64(size) != uint64(len(command)) {
		return fmt.Errorf("%w: %d bytes, %d announced", ErrBadCommand, len(command), size)
	}
	return nil
}

// explain finds the meaning of a failed exchange.
func (c *Channel) explain(ctx context.Context, err error) error {
	switch {
	case errors.Is(err, ErrBadAnswer):
		return err
	case c.closed.Load():
		return ErrClosed
	case errors.Is(ctx.Err(), context.Canceled):
		return context.Cause(ctx)
	case ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ErrBusy, context.Cause(ctx))
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("%w: no answer within %v", ErrBusy, MaxWait)
	default:
		return fmt.Errorf("%w: %w", ErrGone, err)
	}
}

func (c *Channel) wrap(err error) error { return fmt.Errorf("TPM at %s: %w", c.where, err) }

// Send is Exchange without a context, for [transport.TPM].
func (c *Channel) Send(command []byte) ([]byte, error) {
	return c.Exchange(context.Background(), command)
}

// Bind returns the channel as go-tpm's commands want it, with this context for each exchange.
func (c *Channel) Bind(ctx context.Context) transport.TPM {
	return bound{channel: c, ctx: ctx}
}

// bound is a channel for the time of one operation, which is what the context is for.
type bound struct {
	channel *Channel
	ctx     context.Context
}

// Send makes one exchange.
func (b bound) Send(command []byte) ([]byte, error) { return b.channel.Exchange(b.ctx, command) }

// Close ends the connection and with it an exchange that is under way. It is idempotent.
func (c *Channel) Close() error {
	if c.closed.Swap(true) {
		return nil
	}
	if err := c.conn.Close(); err != nil && !errors.Is(err, os.ErrClosed) && !isClosed(err) {
		return c.wrap(err)
	}
	return nil
}
