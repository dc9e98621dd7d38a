// Package daemon starts a pcscd of its own with virtual readers: a private PC/SC service beside
// the machine's, invisible to other users, several at once.
//
// Words: a reader is an entry of pcscd's reader configuration, with a friendly name. vpcd, the
// driver, gives each reader two slots, and PC/SC clients see each slot as a reader of its own,
// named "NAME 00 00" and "NAME 00 01". The card's side of slot n is a TCP port that only exists
// in the daemon's network namespace; [Daemon.DialSlot] connects to it from outside. Serving that
// connection (tapbench/pcsc/vpcd) is laying a card on the reader, closing it is taking the card
// away.
//
//	d, err := daemon.Start(ctx, daemon.Config{Driver: "build/vpcd/libifdvpcd.so"})
//	if err != nil {
//		return err
//	}
//	defer d.Stop()
//	// clients: PCSCLITE_CSOCK_NAME=d.Socket()
//	conn, err := d.DialSlot(ctx, 0)
//
// # The warden
//
// pcscd's socket path is compiled in and vpcd listens on every interface, so both need
// namespaces. Start therefore executes the running program once more, in new mount, network and
// process namespaces (as an ordinary user in a new user namespace too). That second process, the
// warden, hides /run and the drivers of USB readers, brings the loopback interface up, runs
// pcscd, and hands out connections to the slots over a socket in the daemon's folder. It is
// process 1 of its namespace: when it ends, the kernel ends pcscd too. It ends when the program
// that started it closes its pipe or dies, however it dies, and takes the folder with it.
//
// A program that calls Start must therefore give the warden a chance before it does anything
// else:
//
//	func main() {
//		if daemon.MaybeHelper() {
//			return
//		}
//		…
//	}
//
// Test binaries do the same in TestMain.
//
// # Without namespaces
//
// Where they are forbidden Start returns [ErrNamespaces]. [System] then offers the machine's own
// pcscd: it says what it would change and how to undo it, and changes nothing without consent.
//
// A Daemon may be used by several goroutines at once.
//
// Sources: pcscd(8) and reader.conf(5) of pcsc-lite 1.9.9, vsmartcard's vpcd 3.3, namespaces(7),
// user_namespaces(7).
package daemon
