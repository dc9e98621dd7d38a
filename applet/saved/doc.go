// Package saved is a secure element's state as bytes, whichever twin runs it: what the emulator
// saves the applet loads, and the other way round.
//
//	raw := saved.Encode(fields)              // fields: in the order of the emulator's walk
//	fields, err := saved.Decode(raw, length) // ErrForeign, bound.ErrBound
//
// The bytes are "TAPBSE" || version [2] || fields || SHA-256 over all before. The fields have a
// fixed length, big-endian, private keys among them in clear: no field says how long another one
// is. Which fields there are is for the elements to know; another set of them is another version.
package saved
