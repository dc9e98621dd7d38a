// Package wire is the registry of every constant that crosses the interface between a secure
// element and its host: application IDs, commands, status words, data object tags, life cycle
// states, message types and lengths.
//
// It is the only place where such a value is written by hand. `go generate ./applet/wire` writes
// the Java Card constants (Wire.java) and the tables of PROTOCOL.md from it, and a test compares.
// The generator reads the const declarations of this package, so each value is a typed constant
// with one doc comment. Lengths are in bytes.
//
// Sources: ISO/IEC 7816-4:2013; ISO/IEC 7816-5:2004; EMV Contact Book 1 and 3, version 4.3; EMV
// Contactless Book B, version 2.6 (PPSE); GlobalPlatform Card Specification 2.3.1.
package wire

//go:generate go run ./gen
