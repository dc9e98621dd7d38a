// Package reader is "tapbench reader": list PC/SC readers, watch them, and wait for a card.
package reader
