package pcsc

import (
	"context"
	"sync"

	"tapbench/pcsc/apdu"
)

// Processor is a card in memory, without a connection: what the emulator offers. A connection
// calls it from one goroutine at a time.
type Processor interface {
	// ATR returns the answer to reset, 2 to 33 bytes. It has no effect on the card.
	ATR() []byte
	// PowerOn and PowerOff give and take power; Reset is a warm reset. Volatile state is lost.
	PowerOn()
	PowerOff()
	Reset()
	// Process answers one C-APDU. An empty answer means that the card lost its power within it.
	Process(command []byte) []byte
}

// Direct is a [Card] that calls a [Processor] without anything between.
type Direct struct {
	processor Processor
	mu        sync.Mutex // guards closed, for Close from another goroutine
	closed    bool
}

var _ Card = (*Direct)(nil)

// NewDirect powers a processor and returns the connection.
func NewDirect(p Processor) *Direct {
	p.PowerOn()
	return &Direct{processor: p}
}

// ATR returns the processor's answer to reset.
func (d *Direct) ATR() []byte { return append([]byte(nil), d.processor.ATR()...) }

// Protocol returns T=1, which has no rules of its own for case 4 commands.
func (d *Direct) Protocol() Protocol { return ProtocolT1 }

// Transmit passes a command to the processor.
func (d *Direct) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	const op = "transmitting"
	if err := d.ready(ctx, op); err != nil {
		return nil, err
	}
	if len(command) < apdu.MinCommand || len(command) > apdu.MaxCommand {
		return nil, &Error{Op: op, Err: ErrBadCommand}
	}
	answer := d.processor.Process(append([]byte(nil), command...))
	switch {
	case ctx.Err() != nil:
		_ = d.Close() // the command may have been carried out: nobody may go on from here
		return nil, &Error{Op: op, Err: ctx.Err()}
	case len(answer) == 0:
		return nil, &Error{Op: op, Err: ErrCardRemoved}
	case len(answer) < 2 || len(answer) > MaxResponse:
		return nil, &Error{Op: op, Err: ErrBadAnswer}
	}
	return answer, nil
}

// Reset resets the processor.
func (d *Direct) Reset(ctx context.Context) error {
	if err := d.ready(ctx, "resetting"); err != nil {
		return err
	}
	d.processor.Reset()
	return nil
}

// Close takes the processor's power away.
func (d *Direct) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if !d.closed {
		d.closed = true
		d.processor.PowerOff()
	}
	return nil
}

func (d *Direct) ready(ctx context.Context, op string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return &Error{Op: op, Err: ErrClosed}
	}
	if err := ctx.Err(); err != nil {
		return &Error{Op: op, Err: err}
	}
	return nil
}
