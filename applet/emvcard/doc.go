// Package emvcard is an EMV payment card with a triple DES or AES issuer and RSA, as a
// pcsc.Processor: what it holds is an image, how it answers is ../EMV.md.
//
// It knows nothing of the anonymous protocol; that card is the emulator's. The packages below:
// image is a card as data, profile reads what people write about one, personalise makes the one
// from the other.
//
// Sources: EMV 4.3 Books 1 to 3; EMV Contactless Book B 2.6; EMV Contactless Book C-2 2.6 (relay
// resistance).
package emvcard
