// Package cursor reads integers and counted parts off the front of a byte slice, as the TCG's
// structures and the kernel's lists are laid out.
//
//	in := cursor.New(b, binary.BigEndian, ErrEvidence)
//	kind, name := in.U16(), in.Take(uint64(in.U16()))
//	if err := in.End("name"); err != nil {
//
// The first failure stays, and what is read after it is zero: a parser reads a whole structure and
// asks once. Nothing is allocated, whatever length the bytes claim.
//
// Functions are pure; a [Cursor] belongs to one goroutine.
package cursor
