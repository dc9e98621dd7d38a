// Package pcsctest is the contract of pcsc.Card as tests: one suite for everything that is a Card,
// and a card in memory that gives the suite something to ask for.
//
//	func TestCard(t *testing.T) {
//		pcsctest.TestCard(t, pcsctest.Backend{Name: "mine", Open: open})
//	}
//
// # The contract card
//
// [Card] is a pcsc.Processor with commands made for testing connections. Class 80; a link of a
// chain has class 90. n is P1-P2, high byte first.
//
//	00 A4 04 00  SELECT         data: AID; F0 and "tapbench" is known, others give 6A82
//	00 C0 00 00  GET RESPONSE   6985 if nothing waits; an Le above what waits gives 6Cxx
//	80 10  ECHO    data: 1 byte or more, chained if longer than Lc codes; answer: the same bytes, as
//	               many as Ne allows, then 61xx
//	80 20  EXACT   answers n bytes 00 01 02 …; any other Ne gives 6Cxx. n is 1 to 256
//	80 22  PIECES  answers 61xx; GET RESPONSE then fetches the n bytes 00 01 02 …
//	80 24  ENDLESS answers 61xx, and so does every GET RESPONSE after it, with n bytes of 00
//	80 30  COUNT   P1: 00 read, 01 add one to both, 02 set the persistent one to 0. P2: 00.
//	               answer: volatile counter, persistent counter, 2 bytes each
//	80 40  NOTHING answers with no byte at all, as a card does that loses its power
//	80 42  FLOOD   answers with one byte more than any R-APDU has
//	80 44  STUB    answers with one byte
//	80 46  STATUS  answers with the status word n
//	80 50  WAIT    doesn't answer before [Card.Release]
//
// Errors, in the order of checking: 6E00 class, 6881 logical channel, 6882 secure messaging, 6884
// chaining where there is none, 6883 another command within a chain (which ends it), 6D00
// instruction, 6A86 P1-P2, 6700 length, also for length fields that don't account for the bytes.
// A write to the persistent counter can be torn, see [Card.Tear].
//
// # Dialogues
//
// What the contract card answers is written down in testdata/vectors/pcsc, one file for one
// scenario, in the grammar of tapbench/pcsc/trace. [TestCard] replays all of them on every backend
// that has the contract card behind it.
//
// # Deviations
//
// A [Deviant] is any other card that departs from its ways where one-line rules say so: it answers
// something else, edits the objects of its answer, lets lengths lie, doesn't end its 61xx, answers
// differently the second time, or is gone. [ParseDeviation] tells how the lines are written. It
// knows no application's commands and objects but by their bytes.
//
//	80A8: drop 94          the answer to 80 A8 lacks its object 94
//	80AE #2: sw 6985       the second 80 AE is refused
//
// This package is for tests: it takes *testing.T and stops it. Everything belongs to the test's
// goroutine, except where a method says otherwise.
package pcsctest
