// Package emulator is the reference secure element: PROTOCOL.md in Go, in the shape of a card, so
// that the Java Card applet can be held against it byte by byte.
//
//	store, err := emulator.OpenFile(path) // or none: the state then lives in memory
//	card, err := emulator.New(emulator.Config{Store: store})
//	link := pcsc.NewDirect(card)          // or offer it to a virtual reader through vpcd
//
// Words: the state is what stays without power; a command changes a copy of it, and the dispatcher
// commits the copy in one step before the answer leaves. The session is what power keeps alive:
// selected application, challenge, the host's proof, chain, waiting answer, stage of the tap. To
// tear is to cut the power at a commit.
//
// As on a card there is no clock, HPKE is built from SHA-256 and ECDH alone, and memory has its
// final size from the start. Unlike a card it has the curve's operations from Go's library, whose
// signatures take their nonces from Go's own random source. A Card belongs to one goroutine, as
// pcsc.Processor says.
//
// It doesn't model time, cost or the NFC link, and protects its file by permissions only: keys lie
// in it in clear. Whoever needs a secure element needs another one.
//
// Sources: PROTOCOL.md; RFC 9180 (HPKE), RFC 5869 (HKDF), RFC 2104 (HMAC).
package emulator
