// Package capture carries traces to and from packet captures: pcap and pcapng files of ISO 14443
// (link type 264) and of GSMTAP (UDP port 4729 in IPv4). [NewReader] reads either,
// [NewISO14443Writer] and [NewGSMTAPWriter] write pcapng, which Wireshark and tshark dissect.
//
//	reader, err := capture.NewReader(file, capture.ReaderOptions{})
//	step, err := reader.Next() // until io.EOF
//
//	writer, err := capture.NewISO14443Writer(file, header, capture.WriterOptions{})
//	err = writer.Write(step)
//	err = writer.Close()
//
// Both keep a list of what the other side can't hold; see Losses.
//
// # Times
//
// A trace knows no wall-clock time. What it reads of one are durations: of an exchange, and of the
// pauses between; all are whole microseconds from the first packet on. A GSMTAP packet has one time
// only, which is that of the answer; so a pause is the time since the packet before, and holds the
// exchange. Written files begin at 1970-01-01 00:00:00 UTC unless they are told otherwise.
//
// # Comments
//
// Packets have no place for what is marked in a trace, for names of failures, tears, or the header.
// pcapng has comments, and Wireshark shows them. A comment that begins with the first line of a
// trace is one:
//
//   - The comment of the section is the header.
//   - The comment of a packet holds steps that the packets don't say, and last, if need be, an
//     exchange as it is to stand in the trace. That one must agree with the bytes of the packets;
//     if it doesn't, the packets are right.
//
// So what is written can be read again whole, while other programs see plain packets. Bytes that
// weren't kept are zeros there.
//
// Memory is that of one exchange, however long the capture. The package opens no files and reads no
// clock.
package capture
