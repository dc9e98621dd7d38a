// Package terminal is "tapbench terminal": the merchant's point of sale, which takes payments by
// the bench's cards and by EMV cards, gives them back, and settles.
package terminal
