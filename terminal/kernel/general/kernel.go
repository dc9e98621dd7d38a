package general

import (
	"context"

	"tapbench/pcsc"
)

// Pay takes a purchase from a card that has just been connected. See the package for errors. The
// card stays connected.
func (k *Kernel) Pay(
	ctx context.Context, card pcsc.Card, host Host, p Purchase,
) (Outcome, error) {
	return Outcome{}, terminate("EMV 4.3 Book 3", "not there yet", nil)
}
