// Package link predicts what a command takes on a real card, from what the card does and from the
// bytes that pass.
package link
