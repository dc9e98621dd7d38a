// Package trace is "tapbench trace": record, show, compare, replay, serve, check and convert
// dialogues with cards.
package trace
