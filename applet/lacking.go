package applet

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"

	"tapbench/applet/wire"
)

// LackingError means that the card's platform lacks algorithms that a command needs. Nothing was
// changed. It wraps [ErrAlgorithm].
type LackingError struct {
	// Missing are the algorithms that the card lacks, of those that commands need. 0: the card
	// doesn't say.
	Missing wire.Algorithm
	// Off is what can't be done with this card.
	Off string
	err error
}

// Error names the algorithms and what is off.
func (e *LackingError) Error() string {
	missing := e.Missing.String()
	if e.Missing == 0 {
		missing = "an algorithm"
	}
	return fmt.Sprintf("the card lacks %s: it can't %s: %v", missing, e.Off, e.err)
}

// Unwrap returns what the command ended with.
func (e *LackingError) Unwrap() error { return e.err }

// named asks the card which algorithms it lacks, if that is why a command failed.
func (c *Client) named(ctx context.Context, ins wire.INS, err error) error {
	if !errors.Is(err, ErrAlgorithm) {
		return err
	}
	const length = 10 // DF01
	lacking := &LackingError{Off: "be personalised", err: err}
	if ins == wire.InsOpenAccount {
		lacking.Off = "open bank accounts"
	}
	raw, dataErr := c.data(ctx, "reading the capability", uint16(wire.DataCapability), length)
	if dataErr != nil {
		return lacking
	}
	has := wire.Algorithm(binary.BigEndian.Uint16(raw[length-2:]))
	lacking.Missing = wire.Algorithms() &^ has &^ wire.AlgorithmCMAC
	return lacking
}
