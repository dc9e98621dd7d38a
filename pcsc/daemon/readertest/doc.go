// Package readertest lays cards on a virtual reader of a private pcscd, for tests that reach them
// as programs do: through the driver, the service and the binding to PC/SC.
//
//	reader := readertest.Start(t, card)
//	connection := reader.Open(t, another)
//
// Where there can be no private pcscd the test is skipped or fails, as package daemontest says. It
// needs cgo, and a TestMain that calls daemon.MaybeHelper. A reader belongs to the test's
// goroutine.
package readertest
