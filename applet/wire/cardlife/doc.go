// Package cardlife is the life of one virtual card as a table: the states that it can be in, what
// the element answers to each command in each of them, and the state that follows. PROTOCOL.md's
// table is written from it, and the conformance suite visits each of its cells.
//
// A state is what slot and arming say of one card; it survives a power cut. How far a tap has come
// isn't part of it: a row of a tap's begins with SELECT. The element has no clock and hears nothing
// of the TSM's books, so the states that only others know ([Beyond]) are no columns of the table.
package cardlife
