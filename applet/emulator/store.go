package emulator

import "tapbench/applet/saved"

// Store keeps a card's state. It belongs to one card.
type Store = saved.Store

// ErrForeign means that a store holds something else than a secure element's state of this version,
// or a damaged one. Nothing was changed. Name another file, or remove it to begin with a new card.
var ErrForeign = saved.ErrForeign
