// Package iso14443 reads and writes what a sniffer hears between a contactless reader (PCD) and a
// card (PICC): packets of link type 264, their CRCs, the activation, and the block protocol that
// carries APDUs. A [Listener] makes exchanges of packets, a [Speaker] makes packets of exchanges.
//
// # Packets
//
// Link type 264 (LINKTYPE_ISO_14443) puts four bytes before each frame: version 00, the event, and
// the length of the frame, big endian. Events are frames in either direction, with or without their
// CRC, and the field going on and off; see [Event].
//
// # What is understood
//
//   - ISO/IEC 14443-3:2018, type A: REQA, WUPA, anticollision, SELECT, HLTA; CRC_A. Type B: REQB,
//     WUPB, ATQB, ATTRIB; CRC_B.
//   - ISO/IEC 14443-4:2018: RATS and ATS, PPS, I-blocks with chaining, CID and NAD, R(ACK), R(NAK),
//     S(WTX), S(DESELECT); blocks that are sent again.
//   - The ATR that a PC/SC reader makes up for such a card: PC/SC 2.01.09, part 3, 3.1.3.2.3.
//
// The package computes and nothing else. A [Listener] keeps one exchange, however long the capture.
package iso14443
