// Package golden holds what is known of kinds of cards: for each the result of "tapbench card
// check" on it, as the program compares another card's with it. The program has them on board.
package golden
