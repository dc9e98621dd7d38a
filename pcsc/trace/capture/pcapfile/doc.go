// Package pcapfile reads pcap and pcapng files, also compressed with gzip, and writes pcapng. It
// knows files and packets, and nothing of what the packets hold.
//
// # What is read
//
//   - pcap 2.4 (pcap-savefile(5)), microseconds and nanoseconds, both byte orders.
//   - pcapng 1.0 (draft-ietf-opsawg-pcapng): sections of both byte orders, interfaces with their
//     time resolution and offset, enhanced, simple and obsolete packets, comments. Blocks of other
//     kinds are passed over and counted.
//
// # What a file can't do
//
// All lengths must agree: those at both ends of a block, of the packet in it, and of the options
// behind that. A packet has at most [MaxPacket] bytes, a block 1 MiB, a section 256 interfaces, and
// no more is ever set aside; memory is that of one block. Each error is a [*FileError], which says
// at which packet and byte. Offsets count the bytes of the file, or of what it unpacks to if it is
// compressed.
package pcapfile
