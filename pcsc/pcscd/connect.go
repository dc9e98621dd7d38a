//go:build cgo

package pcscd

import (
	"bytes"
	"context"
	"fmt"
	"strings"

	"github.com/ebfe/scard"

	"tapbench/pcsc"
)

// Connect connects to the card on a reader and powers it if need be. It may have to wait for
// another program's transaction. Errors are *pcsc.Errors that wrap pcsc.ErrNoReader,
// pcsc.ErrNoCard, pcsc.ErrSharing, pcsc.ErrComm (the card doesn't answer), pcsc.ErrNoService,
// pcsc.ErrClosed or the context's error; nothing is left connected then.
func (c *Client) Connect(ctx context.Context, reader string, options ConnectOptions) (
	pcsc.Card, error,
) {
	var connected *card
	err := c.within(ctx, func(ctx context.Context) (err error) {
		connected, err = connect(ctx, reader, options)
		return err
	})
	if err != nil {
		return nil, &pcsc.Error{Op: "connecting", Reader: reader, Err: err}
	}
	return connected, nil
}

// connect connects in the background, so that ctx can end the wait for it.
func connect(ctx context.Context, reader string, options ConnectOptions) (*card, error) {
	if reader == "" || strings.ContainsRune(reader, 0) {
		return nil, fmt.Errorf("%w: %q is no name", pcsc.ErrNoReader, reader)
	}
	type outcome struct {
		card *card
		err  error
	}
	outcomes := make(chan outcome, 1)
	go func() {
		card, err := connectNow(reader, options)
		outcomes <- outcome{card, err}
	}()
	select {
	case o := <-outcomes:
		return o.card, o.err
	case <-ctx.Done():
		go func() {
			if o := <-outcomes; o.card != nil {
				o.card.release()
			}
		}()
		return nil, ctx.Err()
	}
}

// connectNow connects; it may block.
func connectNow(reader string, options ConnectOptions) (*card, error) {
	sc, line, err := process.hold()
	if err != nil {
		return nil, serviceMeaning(err)
	}
	c := &card{
		reader:      reader,
		context:     sc,
		line:        line,
		share:       scard.ShareShared,
		disposition: scard.LeaveCard,
	}
	if options.Exclusive {
		c.share = scard.ShareExclusive
	}
	if options.Exclusive || options.Transaction {
		c.disposition = scard.ResetCard
	}
	if c.handle, err = sc.Connect(reader, c.share, scard.ProtocolAny); err != nil {
		_ = sc.Release()
		line.close()
		return nil, meaning(err)
	}
	if err := c.greet(); err != nil {
		c.release()
		return nil, err
	}
	if options.Transaction {
		if err := c.handle.BeginTransaction(); err != nil {
			c.release()
			return nil, meaning(err)
		}
		c.transaction = true
	}
	return c, nil
}

// greet reads the ATR and the protocol after a connect or a reset. The binding panics when it is to
// transmit over any other protocol.
func (c *card) greet() error {
	var protocol pcsc.Protocol
	switch active := c.handle.ActiveProtocol(); active {
	case scard.ProtocolT0:
		protocol = pcsc.ProtocolT0
	case scard.ProtocolT1:
		protocol = pcsc.ProtocolT1
	default:
		return fmt.Errorf("%w: the card speaks protocol %d, neither T=0 nor T=1",
			pcsc.ErrNotSupported, active)
	}
	status, err := c.handle.Status()
	if err != nil {
		return meaning(err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.protocol, c.atr = protocol, bytes.Clone(status.Atr)
	return nil
}
