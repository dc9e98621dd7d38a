// Package gsmtap reads and writes GSMTAP packets that carry what passed between a reader and a
// card: UDP port 4729 in IPv4, one packet for each command with its answer.
//
// # Packets
//
// GSMTAP has no standard; libosmocore's gsmtap.h defines it. The header has 16 bytes:
//
//	0      version, 2
//	1      length of the header in words of 4 bytes, 4 or more
//	2      type, 4 for a SIM
//	3      time slot; senders put the number of a reader's slot here
//	4..11  radio channel, signal, noise, frame number: nothing for a SIM
//	12     sub-type: 0 a command with its answer, 1 an ATR, 2 and 3 a PPS, 4 to 7 pieces of a TPDU
//	13..15 antenna, sub-slot, reserved
//
// # Where the command ends
//
// The packet doesn't say. [Split] reads the length fields of ISO/IEC 7816-4:2005, 5.1: each of the
// seven forms of a command (cases 1, 2, 3 and 4, short and extended) that fits into the payload
// leaves an answer behind it, and the answer must have a valid SW1 and no more data than the
// command asks for. If more than one form is left:
//
//  1. An answer whose SW1 is 61 or 64 to 6F carries no data: the form that leaves none wins.
//  2. The instruction decides between bytes that were sent and bytes that were received, where
//     ISO/IEC 7816-4 gives it one direction (VERIFY sends, READ RECORD receives).
//  3. Otherwise the first in this order wins: short with data and Le, short with data, short with
//     Le, header alone, extended with data, extended with data and Le, extended with Le.
//
// The package computes and nothing else.
package gsmtap
