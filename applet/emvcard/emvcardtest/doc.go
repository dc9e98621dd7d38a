// Package emvcardtest makes small EMV cards for tests, with keys of a test authority and a test
// issuer that the same process holds.
//
//	fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) { a.PIN = nil })
//	card := fixture.Card(t, nil)           // a pcsc.Processor with power
//	answer := fixture.Session(t, card)     // a pcsc.Session over it
//
// Images for people come from package personalise; these here need none of it.
package emvcardtest
