package capture

import (
	"errors"

	"tapbench/pcsc/trace/capture/pcapfile"
)

// ErrNothing means that a file is sound and holds no dialogue with a card.
var ErrNothing = errors.New("no dialogue with a card in it")

// at says at which packet an error is.
func at(p pcapfile.Packet, what string, err error) error {
	return &pcapfile.FileError{Packet: p.Number, Offset: p.Offset, What: what, Err: err}
}
