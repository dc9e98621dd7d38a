package pcapfile

import (
	"encoding/binary"
	"fmt"
)

// maxBlock is the longest block of a kind that is read, in bytes.
const maxBlock = 1 << 20

// The kinds of blocks that are read (draft-ietf-opsawg-pcapng, section 4).
const (
	blockInterface = 1
	blockObsolete  = 2 // a packet, laid out as the enhanced one but for its interface
	blockSimple    = 3
	blockEnhanced  = 6
	blockSection   = magicNG
)

// The lengths of what surrounds a block, and of the blocks up to their packets or options.
const (
	lenFrame    = 8 // kind and length
	lenTrailer  = 4
	lenSection  = 24
	lenIface    = 16
	lenSimple   = 12
	lenEnhanced = 28
)

// byteOrderMagic stands behind the length of a section header, in the order of its section.
const byteOrderMagic = 0x1A2B3C4D

// readFirstSection reads the block that a pcapng file begins with.
func (f *Reader) readFirstSection() error {
	kind, err := f.nextKnown()
	if err == nil {
		err = f.readMeta(kind)
	}
	return err
}

// nextBlock returns the next packet of a pcapng file.
func (f *Reader) nextBlock() (Packet, error) {
	for {
		kind, err := f.nextKnown()
		if err != nil {
			return Packet{}, err
		}
		switch kind {
		case blockSimple:
			return f.readSimple()
		case blockEnhanced, blockObsolete:
			return f.readPacket(kind)
		default:
			if err := f.readMeta(kind); err != nil {
				return Packet{}, err
			}
		}
	}
}

// readMeta reads a section header or an interface.
func (f *Reader) readMeta(kind uint32) error {
	if kind == blockSection {
		return f.readSection()
	}
	return f.readInterface()
}

// nextKnown reads blocks until one is of a kind that is read, and returns its kind.
func (f *Reader) nextKnown() (uint32, error) {
	for {
		if err := f.begin(lenFrame); err != nil {
			return 0, err
		}
		if err := f.readOrder(); err != nil {
			return 0, err
		}
		kind, length := f.number(0), f.number(4)
		least, known := leastLength(kind)
		if length%4 != 0 || int64(length) < int64(least) {
			return 0, f.fail(fmt.Sprintf("block of kind %d has %d bytes, want %d or more, by fours",
				kind, length, least), nil)
		}
		if known && length > maxBlock {
			return 0, f.fail(fmt.Sprintf("block of %d bytes, want at most %d", length, maxBlock), nil)
		}
		if err := f.finish(length, known); err != nil {
			return 0, err
		}
		if known {
			return kind, nil
		}
		f.lose("blocks of other kinds than sections, interfaces and packets")
	}
}

// readOrder reads the byte order of a section header.
func (f *Reader) readOrder() error {
	if binary.BigEndian.Uint32(f.block) != blockSection { // it reads the same both ways
		return nil
	}
	if err := f.more(4); err != nil {
		return err
	}
	switch magic := f.block[lenFrame:]; {
	case binary.LittleEndian.Uint32(magic) == byteOrderMagic:
		f.order = binary.LittleEndian
	case binary.BigEndian.Uint32(magic) == byteOrderMagic:
		f.order = binary.BigEndian
	default:
		return f.fail(fmt.Sprintf("byte order % X", magic), nil)
	}
	return nil
}

// leastLength returns the least length of a block, and whether its kind is read.
func leastLength(kind uint32) (least int, known bool) {
	switch kind {
	case blockSection:
		return lenSection + lenTrailer, true
	case blockInterface:
		return lenIface + lenTrailer, true
	case blockSimple:
		return lenSimple + lenTrailer, true
	case blockEnhanced, blockObsolete:
		return lenEnhanced + lenTrailer, true
	default:
		return lenFrame + lenTrailer, false
	}
}

// finish reads the rest of a block, or passes over it, and looks at its second length.
func (f *Reader) finish(length uint32, keep bool) error {
	if left := int64(length) - int64(len(f.block)) - lenTrailer; keep {
		if err := f.more(int(left)); err != nil {
			return err
		}
	} else if err := f.skip(left); err != nil {
		return err
	}
	if err := f.more(lenTrailer); err != nil {
		return err
	}
	if again := f.number(len(f.block) - lenTrailer); again != length {
		return f.fail(fmt.Sprintf("block length %d, at its end %d", length, again), nil)
	}
	return nil
}

// readSection reads a section header.
func (f *Reader) readSection() error {
	major, minor := f.order.Uint16(f.block[12:]), f.order.Uint16(f.block[14:])
	if major != 1 || minor != 0 && minor != 2 { // 1.2 is 1.0 too, says the draft
		return f.fail(fmt.Sprintf("pcapng version %d.%d, want 1.0", major, minor), nil)
	}
	f.faces, f.comment = f.faces[:0], ""
	return f.options(lenSection, func(code uint16, value []byte) {
		if code == optComment {
			f.comment = string(value)
		}
	})
}
