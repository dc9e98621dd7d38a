// Package decode says what a command and its answer are, in the field's words: which command it is,
// which application it is for, and which data element lies at which byte.
//
//	d := decode.New()
//	x := d.Exchange(command, answer)      // valid until the next call
//	for _, f := range x.Answer {
//		value := answer[f.Off : f.Off+f.Len]
//		fmt.Println(strings.Repeat("  ", f.Depth), f.Tag, f.Name, decode.Describe(f, value))
//	}
//
// A [Decoder] follows one dialogue: it remembers what was selected on which logical channel and the
// DOLs that the card has sent, so that data without tags gets its names. Whatever it can't read it
// leaves as bytes; it has no errors, since bytes that nobody understands are bytes to be shown.
//
// What is shown, what is hidden, what is compared and what is timed all rest on this one reading.
//
// # Fields
//
// The fields of a message stand in the order of its bytes, and each byte belongs to one field:
// either to its value, or to its tag and length. CLA, INS, P1, P2, Lc, Le and SW1-SW2 are fields
// too. A template's fields follow it, one deeper, and fill it.
//
// A chain of commands, and an answer that GET RESPONSE fetches, are put together, but fields are
// always those of the message at hand: what lies in another piece is cut off, and an element on
// both sides of a cut is in both. While more is to come our own messages, whose layout is fixed,
// are read as far as they have come; all else is bytes until the last piece, which is read with
// those before it.
//
// An application that isn't known by its name is a payment application if the card's directory
// lists it, if its FCI has a PDOL, a priority or a log, or if it answers GET PROCESSING OPTIONS.
//
// # What may be kept
//
// [Field.Secrecy] is a list of what may be kept, by data element: what isn't on it is [Unknown].
// Of an application that the decoder doesn't know ([Exchange.Known]) it keeps the header, the
// status word and what SELECT answers about names and files; PINs, keys and secure messaging are
// told by CLA and INS whatever the application, even in a command that is malformed. An element is
// judged by what it is, not by its value: that a PAN is one of the bench's own is for the reader of
// the fields to see.
//
// A Decoder belongs to one goroutine; all functions are safe for concurrent use. Decoding allocates
// nothing once the buffers have grown, unless the bytes aren't what they claim to be. Words are
// made when they are asked for.
//
// Sources: ISO/IEC 7816-4:2005, 7816-8:2004, 7816-9:2004; EMV 4.3 Books 1, 3 and 4; EMV Contactless
// Books A, C-2 and C-3, 2.6; GlobalPlatform Card Specification 2.3.1 and Amendment D 1.1.1; PC/SC
// part 3, 2.01.09; PROTOCOL.md.
package decode
