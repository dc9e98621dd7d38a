// Package seed draws the same bytes each time, so that a test card and what is behind it can be
// made again elsewhere.
//
//	card, err := personalise.Card(personalise.Config{Rand: seed.Reader("ci", seed.Card), …})
//
// A seed is no secret: whoever knows it has every key that was drawn from it. It is for test cards,
// for recordings that others are to replay, and for CI.
package seed
