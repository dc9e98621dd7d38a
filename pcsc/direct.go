package pcsc

import (
	"context"
	"math/bits"
	"sync"
)

// Processor is a card in memory, without a connection: what the emulator offers. A connection
// calls it from one goroutine at a time, and a processor serves one connection at a time.
type Processor interface {
	// ATR returns the answer to reset, 2 to 33 bytes. It has no effect on the card.
	ATR() []byte
	// PowerOn and PowerOff give and take power; Reset is a warm reset. Volatile state is lost.
	PowerOn()
	PowerOff()
	Reset()
	// Process answers one C-APDU of [apdu.MinCommand] bytes or more. The processor may keep and
	// change the slice. An empty answer means that the card lost its power within the command.
	Process(command []byte) []byte
}

// Direct is a [Card] that calls a [Processor] without anything between.
//
//	connected ──Remove, empty answer──▶ removed ──Close──▶ closed
//	    └───────────Close, cancellation within a command─────▲
//
// A command that is under way when the connection ends can't be interrupted: Transmit returns at
// once, the processor finishes in the background, its answer is dropped and its power is taken
// then. [Direct.Done] says when.
type Direct struct {
	processor Processor
	atr       []byte
	protocol  Protocol
	ended     chan struct{} // closed when the connection leaves the state connected
	idle      chan struct{} // closed when the processor has been switched off

	mu   sync.Mutex // guards what follows; Close and Remove come from other goroutines
	why  error      // nil while connected, else ErrCardRemoved or ErrClosed
	busy bool       // the processor works on a command or a reset
}

var _ Card = (*Direct)(nil)

// NewDirect powers a processor and returns the connection, which owns the processor until
// [Direct.Done].
func NewDirect(p Processor) *Direct {
	p.PowerOn()
	atr := append([]byte(nil), p.ATR()...)
	return &Direct{
		processor: p,
		atr:       atr,
		protocol:  offeredProtocol(atr),
		ended:     make(chan struct{}),
		idle:      make(chan struct{}),
	}
}

// ATR returns the answer to reset that the processor gave when it was connected.
func (d *Direct) ATR() []byte { return append([]byte(nil), d.atr...) }

// Protocol returns T=1 if the ATR offers it, otherwise T=0: the choice that pcscd makes where both
// are offered. Direct itself moves whole APDUs under either.
func (d *Direct) Protocol() Protocol { return d.protocol }

// Transmit passes a copy of a command to the processor and returns its answer. An empty answer
// gives [ErrCardRemoved].
func (d *Direct) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	const op = "transmitting"
	if err := CheckCommand(command); err != nil {
		return nil, d.refuse(op, err)
	}
	if err := d.begin(ctx, op); err != nil {
		return nil, err
	}
	command = append([]byte(nil), command...)
	answered := make(chan []byte, 1)
	go func() { // ends with Process; the processor is its alone until finish
		answer := d.processor.Process(command)
		d.finish()
		answered <- answer
	}()
	select {
	case answer := <-answered:
		if len(answer) == 0 {
			d.end(ErrCardRemoved)
			return nil, d.over(op)
		}
		if err := CheckAnswer(answer); err != nil {
			return nil, &Error{Op: op, Err: err}
		}
		return answer, nil
	case <-ctx.Done():
		d.end(ErrClosed)
		return nil, &Error{Op: op, Err: ctx.Err()}
	case <-d.ended:
		return nil, d.over(op)
	}
}

// Reset resets the processor.
func (d *Direct) Reset(ctx context.Context) error {
	if err := d.begin(ctx, "resetting"); err != nil {
		return err
	}
	d.processor.Reset()
	d.finish()
	return nil
}

// Remove takes the card off the reader, from any goroutine: the command that is under way and all
// later calls answer [ErrCardRemoved]. A new connection to the processor puts it back.
func (d *Direct) Remove() { d.end(ErrCardRemoved) }

// Close takes the processor's power away. It doesn't wait for a command that is under way; that
// returns [ErrClosed].
func (d *Direct) Close() error {
	d.end(ErrClosed)
	return nil
}

// Done is closed when the connection is over and the processor has been switched off: from then on
// it may serve another connection.
func (d *Direct) Done() <-chan struct{} { return d.idle }

// begin takes the processor for one call, if the connection still stands.
func (d *Direct) begin(ctx context.Context, op string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.why != nil {
		return &Error{Op: op, Err: d.why}
	}
	if err := ctx.Err(); err != nil {
		return &Error{Op: op, Err: err}
	}
	d.busy = true
	return nil
}

// finish gives the processor back, and switches it off if the connection ended meanwhile.
func (d *Direct) finish() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.busy = false
	if d.why != nil {
		d.switchOff()
	}
}

// end ends the connection; a removed card's connection can still be closed.
func (d *Direct) end(why error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.why != nil {
		if why == ErrClosed { //nolint:errorlint // the two sentinels that this file passes itself
			d.why = why
		}
		return
	}
	d.why = why
	close(d.ended)
	if !d.busy {
		d.switchOff()
	}
}

// switchOff runs once in the life of a connection, with mu held and the processor idle.
func (d *Direct) switchOff() {
	d.processor.PowerOff()
	close(d.idle)
}

// over returns the error of a connection that has ended.
func (d *Direct) over(op string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return &Error{Op: op, Err: d.why}
}

// refuse returns cause for a standing connection; one that has ended answers that instead.
func (d *Direct) refuse(op string, cause error) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.why != nil {
		cause = d.why
	}
	return &Error{Op: op, Err: cause}
}

// offeredProtocol reads from an ATR whether it offers T=1, T=0 or neither. Each TDi names one
// protocol in its low half, and in its high half which interface bytes follow; without a TD1 it is
// T=0 (ISO/IEC 7816-3:2006, 8.2.3).
func offeredProtocol(atr []byte) Protocol {
	if len(atr) < 2 {
		return ProtocolUnknown
	}
	const td = 0x80
	if atr[1]&td == 0 {
		return ProtocolT0
	}
	offered := ProtocolUnknown
	for at := 1; atr[at]&td != 0; {
		at += bits.OnesCount8(atr[at] & 0xF0)
		if at >= len(atr) {
			return ProtocolUnknown
		}
		switch atr[at] & 0x0F {
		case 0:
			offered = max(offered, ProtocolT0)
		case 1:
			offered = max(offered, ProtocolT1)
		}
	}
	return offered
}
