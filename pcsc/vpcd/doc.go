// Package vpcd speaks the protocol of vsmartcard's virtual reader, both ends.
//
// Words: vpcd is the reader's end, in pcscd's driver or in this package; the card's end is
// whatever lies on the reader. Either may open the TCP connection. Being connected is lying on
// the reader: closing the connection, at either end and at any moment, is taking the card away.
//
// A frame is a length and a payload:
//
//	+--------+--------+----------------------+
//	| length, 2 bytes | payload, 0..65535    |   big-endian
//	+--------+--------+----------------------+
//
// The reader speaks and the card answers. A payload of one byte is a control: 00 takes the power
// away, 01 gives it, 02 resets (none of the three is answered), 04 asks for the ATR. Every other
// payload is a C-APDU, its answer an R-APDU. An empty answer says that the card is gone.
//
// The card's end, for a pcscd with virtual readers (tapbench/pcsc/daemon):
//
//	conn, err := d.DialSlot(ctx, 0)
//	if err != nil {
//		return err
//	}
//	return vpcd.Serve(ctx, conn, card)
//
// The reader's end, for a card program that needs no pcscd:
//
//	listener, err := vpcd.Listen(ctx, "127.0.0.1:0")
//	if err != nil {
//		return err
//	}
//	card, err := listener.Accept(ctx) // a pcsc.Card
//
// # Forty-four milliseconds
//
// vpcd 3.3, the one in Debian, writes length and payload separately. Nagle's algorithm holds the
// payload back until the card's kernel has acknowledged the length, and that kernel delays its
// acknowledgement: 44 ms for each APDU. TCP_QUICKACK prevents the delay; the kernel clears it
// again on its own, so both ends here set it around every read. TCP_NODELAY at the card's end does
// nothing for it.
//
// The length field limits APDUs to 65,535 bytes, a little less than ISO/IEC 7816-4 allows. There
// is no encryption and no authentication: use it on loopback only.
//
// Serve's connection and processor belong to Serve; a [Card] belongs to one goroutine at a time,
// but for Close.
//
// Sources: vsmartcard 3.3, virtualsmartcard/src/vpcd; tcp(7).
package vpcd
