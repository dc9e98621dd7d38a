// Package card is "tapbench card": ask a card, send it commands, check it, measure what it can do,
// personalise it, and offer one to a virtual reader.
package card
