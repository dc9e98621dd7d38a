// Package pcscd reaches readers and cards through the machine's PC/SC service, or through a private
// one (tapbench/pcsc/daemon). It is the only package that imports ebfe/scard.
//
// Words: the service is pcscd; a reader is what the service lists, one for each slot; a context
// (SCARDCONTEXT) is one conversation with the service, and everything that may block has one of its
// own here, because the library serialises what shares one.
//
//	client, err := pcscd.Open(ctx, pcscd.Options{})
//	if err != nil {
//		return err
//	}
//	defer client.Close()
//	reader, err := client.WaitCard(ctx)
//	if err != nil {
//		return err
//	}
//	card, err := client.Connect(ctx, reader.Name, pcscd.ConnectOptions{})
//
// # One service for each process
//
// libpcsclite reads PCSCLITE_CSOCK_NAME once in a process's life and keeps the answer. So the first
// [Open] decides which service this process talks to; a later Open that names another socket is
// refused with pcsc.ErrNotSupported. Open sets the variable in this process's environment, and so
// its children talk to the same service.
//
// # Sharing, transactions, what a close leaves
//
// A shared connection lets other programs send commands between ours, and reset the card
// (pcsc.ErrCardReset at our next command). ConnectOptions.Exclusive keeps them out: their
// connecting fails, ours fails with pcsc.ErrSharing while theirs lasts.
// ConnectOptions.Transaction lets them connect and makes them wait: the transaction begins with the
// connection, which waits for another's transaction to end, and ends with it.
//
// Closing a shared connection leaves the card as it is, so that others can go on; closing an
// exclusive or transacted one resets it, so that nobody finds what we had unlocked.
//
// # Cancellation
//
// PC/SC can't interrupt an exchange. When the context of a Transmit ends first, or another
// goroutine closes the card, the socket over which the library talks for this connection is shut
// down: the exchange fails at once and the connection is unusable. To the service the program has
// left: when the card has answered, it ends the connection and leaves the card as a close does. (On
// other systems than Linux the exchange first ends by itself.) Waiting for readers and cards is
// cancelled through the SCARDCONTEXT that waits. A cancellation that comes before the library has
// begun to wait is lost there, so that every wait lasts a second at most and is repeated.
//
// # The binding's panics
//
// ebfe/scard panics on an empty command, on a protocol that is neither T=0 nor T=1, on an empty
// list of readers and on a reader without a name; each is checked before. It hands the library the
// address of a reader's name that it keeps alive by name only: two waits for one reader would free
// each other's memory, so that each wait here uses names of its own.
//
// A Client may be used by several goroutines at once; a card belongs to one, but for Close.
//
// Built without cgo, every function returns an error that wraps pcsc.ErrNotSupported.
//
// Sources: pcsc-lite 1.9.9 (winscard.h, pcscd(8)); PC/SC Part 5 v2.01.01 for share modes,
// transactions and dispositions.
package pcscd
