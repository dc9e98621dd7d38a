// Package profile reads card profiles: what a card is to be, before any key is drawn, in JSON that
// people write. Package personalise makes a card of one.
//
//	p, err := profile.Builtin("interop")  // or Read, of somebody's own file
//	for _, a := range p.Applications { … }
//
// The format is strict: a field that nobody knows, that is out of its bounds, or that another field
// contradicts is a [*FieldError] that names it. [ShapeOf] is the one description of the format:
// the reader goes by it, and gen writes the JSON schema and the table of docs/profiles.md from it.
//
// A profile may hold a PIN and an account number; both are for tests. It holds no key.
//
// Sources: EMV 4.3 Book 1 (selection), Book 2 (keys), Book 3, 7 and annex C (data objects); EMV
// Contactless Book B 2.6 (PPSE); RFC 8259 (JSON).
package profile

//go:generate go run ./gen
