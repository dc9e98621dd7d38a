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
// # Another card under the suite
//
// A card comes under the suite as a [Backend]. Open is all that it must have: a connection to a
// card that is SELECTABLE and has no keys, each time another one, or the same one made anew. A card
// in memory is a pcsc.Processor behind pcsc.NewDirect; one on a reader is a connection of package
// pcscd. The suite wants T=1.
//
// Caps say what the way to the card can't do, and what is too slow to be done often; the suite then
// asks less, and never something else. [Platform] says what a Java Card's platform answers in the
// element's place. PROTOCOL.md lists it ("What a platform answers by itself"), and a connection
// puts it right before a case sees it: [Platform.Element]. What PROTOCOL.md doesn't leave to the
// platform stays a finding. Of a card on the desk nothing is known beforehand: [Detect] asks it.
//
// A backend that can cut the power has Tear and Again. Stores says whether it counts the stores of
// bytes, as a card with its transactions does, or whole commits.
//
// # Two faults in one command
//
// Part "precedence" takes a probe of each command of the registry, puts each pair of faults on it
// that it can have, in short and in extended length, and adds those that the card's state brings.
// The first one in PROTOCOL.md's order must give the status word. What is asked is generated: a new
// command needs a probe, and a test fails until it has one.
//
// The suite knows no package testing, so that the shipped program runs it on cards, too: a [T] is
// what it runs on. Tests get one by package applettest; each [TB] that only a host needs can be
// their own testing.T. It shares package message with the servers; the independent witnesses are
// the vectors and, for cards, another implementation.
package conformance
