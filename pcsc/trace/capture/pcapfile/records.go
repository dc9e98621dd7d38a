package pcapfile

import (
	"fmt"
	"time"
)

// The lengths of a pcap file's header and of a record's (pcap-savefile(5)).
const (
	pcapHeader   = 24
	recordHeader = 16
)

// readHeader reads the header of a pcap file.
func (f *Reader) readHeader() error {
	if err := f.begin(pcapHeader); err != nil {
		return err
	}
	f.units = time.Microsecond
	if f.number(0) == magicNano {
		f.units = time.Nanosecond
	}
	if major, minor := f.order.Uint16(f.block[4:]), f.order.Uint16(f.block[6:]); major != 2 ||
		minor != 4 {
		return f.fail(fmt.Sprintf("pcap version %d.%d, want 2.4", major, minor), nil)
	}
	f.link = int(f.number(20) & 0xFFFF) // above are the length of a checksum and flags
	return nil
}

// nextRecord reads the next record of a pcap file.
func (f *Reader) nextRecord() (Packet, error) {
	f.packets++
	if err := f.begin(recordHeader); err != nil {
		return Packet{}, err
	}
	captured, length := f.number(8), f.number(12)
	if captured > MaxPacket || captured > length {
		return Packet{}, f.fail(fmt.Sprintf("packet of %d bytes of %d, want at most %d",
			captured, length, MaxPacket), nil)
	}
	seconds, fraction := int64(f.number(0)), int64(f.number(4))
	if err := f.more(int(captured)); err != nil {
		return Packet{}, err
	}
	return Packet{
		Number: f.packets, Offset: f.start, Link: f.link,
		Time: time.Unix(seconds, fraction*int64(f.units)).UTC(),
		Data: f.block[recordHeader:], Length: int(length),
	}, nil
}
