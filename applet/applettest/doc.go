// Package applettest runs the conformance suite of package conformance in tests.
//
//	applettest.Run(t, applettest.Backend{
//		Name: "emulator",
//		Open: func(t testing.TB) pcsc.Card { return pcsc.NewDirect(newCard(t)) },
//		Tear: …, // if the backend can cut its power
//	})
//
// It is an adapter: each case of the suite is a subtest, and the dialogues are those of testdata.
package applettest
