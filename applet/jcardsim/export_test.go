package jcardsim

import (
	"io"

	"tapbench/pcsc/link"
)

// What the tests of this package see of the pipe.

// ErrPipe is what a damaged answer gives.
var ErrPipe = errPipe

// Receive reads one answer.
func Receive(from io.Reader) ([]byte, error) { return (&pipe{out: from}).receive() }

// ParseTransmitted splits the answer to a command.
func ParseTransmitted(raw []byte, state int) (answer, fields []byte, err error) {
	return parseTransmitted(raw, state)
}

// ParseWork adds operations.
func ParseWork(raw []byte) (link.Work, error) { return parseWork(raw) }
