// Package applettest is the conformance suite of the secure element: what PROTOCOL.md says, asked
// of whatever answers APDUs.
//
//	applettest.Run(t, applettest.Backend{
//		Name: "emulator",
//		Open: func(t testing.TB) pcsc.Card { return pcsc.NewDirect(newCard(t)) },
//		Tear: …, // if the backend can cut its power
//	})
//
// Words: a stage is how far a card has come through phases 0 to 4; a [Host] takes a card from stage
// to stage, playing wallet, CA, bank and TSM, and checks each answer's length, signatures and
// fields. A probe is one well-formed command whose data is wrong, so that it changes nothing;
// faults are put on it, one or two at a time, to see which one the card names.
//
// The suite is for tests only. It shares package message with the servers; the independent
// witnesses are the vectors and, for cards, another implementation.
package applettest
