package decode

import "tapbench/pcsc/apdu"

// Decoder follows one dialogue.
type Decoder struct {
	exchange Exchange
}

// New returns a decoder at the beginning of a dialogue, with nothing selected.
func New() *Decoder { return &Decoder{} }

// Reset forgets what a reset card has forgotten.
func (d *Decoder) Reset() { *d = Decoder{} }

// Exchange reads a C-APDU and its R-APDU, which is nil where none came.
func (d *Decoder) Exchange(command, answer []byte) *Exchange {
	d.exchange = Exchange{}
	if n := len(answer); n >= 2 {
		d.exchange.Status = apdu.SW(uint16(answer[n-2])<<8 | uint16(answer[n-1]))
	}
	_ = command
	return &d.exchange
}
