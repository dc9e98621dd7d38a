//go:build cgo

package pcscd

import (
	"errors"
	"fmt"
	"time"

	"github.com/ebfe/scard"
)

// BaselineLink times a bare loop over the binding: it connects to the card on the reader, sends
// command n times and returns how long each exchange took. It is what tapbench's own layers are
// measured against and uses none of them. It talks to the service that the process talks to. The
// answers aren't looked at, but for having a status word.
func BaselineLink(readerName string, command []byte, n int) (durations []time.Duration, err error) {
	switch {
	case readerName == "":
		return nil, errors.New("measuring the bare link: no reader named")
	case len(command) < 4:
		return nil, errors.New("measuring the bare link: the command has no header")
	case n < 1:
		return nil, fmt.Errorf("measuring the bare link: %d exchanges", n)
	}
	context, err := scard.EstablishContext()
	if err != nil {
		return nil, fmt.Errorf("measuring the bare link: %w", err)
	}
	defer func() { err = errors.Join(err, context.Release()) }()
	card, err := context.Connect(readerName, scard.ShareShared, scard.ProtocolAny)
	if err != nil {
		return nil, fmt.Errorf("measuring the bare link: connecting: %w", err)
	}
	defer func() { err = errors.Join(err, card.Disconnect(scard.LeaveCard)) }()
	if p := card.ActiveProtocol(); p != scard.ProtocolT0 && p != scard.ProtocolT1 {
		return nil, fmt.Errorf("measuring the bare link: protocol %d", p)
	}
	durations = make([]time.Duration, n)
	for i := range durations {
		start := time.Now()
		answer, err := card.Transmit(command)
		durations[i] = time.Since(start)
		if err != nil {
			return nil, fmt.Errorf("measuring the bare link: exchange %d: %w", i+1, err)
		}
		if len(answer) < 2 {
			return nil, fmt.Errorf("measuring the bare link: exchange %d: no status word", i+1)
		}
	}
	return durations, nil
}
