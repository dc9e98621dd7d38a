// Package pcsc is the room of readers and cards: what every card connection of
// tapbench promises, whatever carries it.
//
// A [Card] is a connection to one card: through pcscd ([tapbench/pcsc/pcscd]), in memory ([Direct],
// for a [Processor] such as the emulator), from a recording ([tapbench/pcsc/trace]) or from a
// script ([tapbench/pcsc/pcsctest], which also holds every Card to its contract). A [Session]
// drives a Card as ISO/IEC 7816-4 means it: it follows 61xx and 6Cxx, splits long commands into
// chains and turns a refusing status word into an *apdu.StatusError.
//
//	session := pcsc.NewSession(card)
//	defer session.Close()
//	response, err := session.Exchange(ctx, apdu.Command{INS: 0xA4, P1: 0x04, Data: aid, Ne: 256})
//	if errors.Is(err, apdu.SWFileNotFound) { … }
//
// Three kinds of failure never mix: a transport failure is an *[Error] that wraps one of this
// package's sentinels, a card's refusal is an *apdu.StatusError, and a decline is a result of the
// rooms above. A Card and a Session belong to one goroutine at a time.
//
// The room's other packages:
//
//   - apdu, tlv, atr: what cards and readers say, byte by byte.
//   - pcscd, daemon, vpcd, relay: readers by PC/SC, a pcscd of our own, its virtual reader, and what
//     stands between a program and a card.
//   - link: what a command takes on a real card.
//   - trace: recordings; trace/serve plays one as a card, trace/logs reads other programs' logs,
//     trace/capture packet captures (trace/capture/gsmtap, trace/capture/iso14443,
//     trace/capture/pcapfile).
//
// Sources: ISO/IEC 7816-3:2006, ISO/IEC 7816-4:2005, PC/SC Part 3 v2.01.09.
package pcsc
