// Package conformance is the conformance suite of the secure element: what PROTOCOL.md says, asked
// of whatever answers APDUs.
//
//	conformance.Run(t, conformance.Backend{
//		Name: "emulator",
//		Open: func(t conformance.TB) pcsc.Card { return pcsc.NewDirect(newCard(t)) },
//		Tear: …, // if the backend can cut its power
//	})
//
// Words: a stage is how far a card has come through phases 0 to 4; a [Host] takes a card from stage
// to stage, playing wallet, CA, bank and TSM, and checks each answer's length, signatures and
// fields. A probe is one well-formed command whose data is wrong, so that it changes nothing;
// faults are put on it, one or two at a time, to see which one the card names.
//
// The suite knows no package testing, so that the shipped program runs it on cards, too: a [T] is
// what it runs on. Tests get one by package applettest; each [TB] that only a host needs can be
// their own testing.T. It shares package message with the servers; the independent witnesses are
// the vectors and, for cards, another implementation.
package conformance
