// Package jcardsim runs the Java Card applet (applet/javacard) on jCardSim in a Java virtual
// machine of its own, and offers its cards as processors.
//
//	cfg, err := jcardsim.Built("build/applet")   // ErrNotBuilt: run scripts/applet.sh
//	machine, err := jcardsim.Start(ctx, cfg)     // ErrNoJava, ErrOldJava, ErrMachine
//	card, err := machine.Open(jcardsim.CardConfig{Store: store})
//	link := pcsc.NewDirect(card)                 // or offer it to a virtual reader through vpcd
//	err = machine.Close()
//
// Words: the bridge is the Java side (src/bridge); a run is one process of the machine, which may
// have several. Machine and caller speak over one pipe, a request and its answer at a time: a
// request is operation [1] || card [4] || length [2] || data, an answer length [2] || data. The
// machine ends with its input, and so with whoever started it, in whichever way that ends.
//
// A card is a secure element, or with [CardConfig].Contactless a contactless EMV card, blank at
// first (applet/EMV.md). Which one a state is shows by its length.
//
// A [Card] keeps its state in a store, as an emulator's card does and in the same form (package
// saved): what a command changed is committed before its answer leaves. A machine that is gone, or
// says what isn't an answer, is a card without power; the next PowerOn or Reset starts another run,
// and the card has the state that was committed last.
//
// It models no card's speed, memory or lack of an algorithm, and protects no key: jCardSim doesn't,
// either. [Machine.Record], [Card.Tear] and their like need the tearing agent ([Recorded], [Torn])
// and are for tests.
//
// Sources: applet/PROTOCOL.md; Java Card 3.0.5, as jCardSim 3.0.6 has it.
package jcardsim
