package pcapfile

import (
	"fmt"
	"math"
	"math/bits"
	"time"
)

// maxInterfaces is how many interfaces a section has at most.
const maxInterfaces = 256

// The options that are read, and the one that ends a list.
const (
	optEnd        = 0
	optComment    = 1
	optResolution = 9
	optOffset     = 14
)

// face is an interface of a section.
type face struct {
	link   int
	snap   uint32 // 0 for no limit
	units  uint64 // of its times, in a second
	offset int64  // of its times, in seconds
}

// readInterface reads an interface description.
func (f *Reader) readInterface() error {
	if len(f.faces) == maxInterfaces {
		return f.fail(fmt.Sprintf("more than %d interfaces", maxInterfaces), nil)
	}
	found := face{
		link: int(f.order.Uint16(f.block[8:])), snap: f.number(12), units: 1_000_000,
	}
	err := f.options(lenIface, func(code uint16, value []byte) {
		switch {
		case code == optResolution && len(value) == 1:
			found.units = unitsOf(value[0])
		case code == optOffset && len(value) == 8:
			found.offset = signed(f.order.Uint64(value))
		}
	})
	if err != nil {
		return err
	}
	if found.units == 0 {
		return f.fail("time resolution finer than 10^-19 or 2^-63 seconds", nil)
	}
	f.faces = append(f.faces, found)
	return nil
}

// signed reads a number as one in two's complement.
func signed(n uint64) int64 {
	s := int64(n & math.MaxInt64)
	if n > math.MaxInt64 {
		s += math.MinInt64
	}
	return s
}

// unitsOf returns how many units of a resolution make a second, or 0 if too many: the resolution is
// a negative power of ten, or of two if its highest bit is set.
func unitsOf(resolution byte) uint64 {
	power := resolution & 0x7F
	if resolution&0x80 != 0 {
		if power > 63 {
			return 0
		}
		return 1 << power
	}
	if power > 19 {
		return 0
	}
	units := uint64(1)
	for range power {
		units *= 10
	}
	return units
}

// time returns the time that a stamp stands for, and whether it lies before the year 36,000.
func (i face) time(stamp uint64) (time.Time, bool) {
	const most = 1 << 40 // seconds
	seconds, rest := stamp/i.units, stamp%i.units
	if seconds > most || i.offset > most || i.offset < -most {
		return time.Time{}, false
	}
	hi, lo := bits.Mul64(rest, uint64(time.Second))
	nanoseconds, _ := bits.Div64(hi, lo, i.units)
	return time.Unix(signed(seconds)+i.offset, signed(nanoseconds)).UTC(), true
}

// readPacket reads an enhanced or an obsolete packet block.
func (f *Reader) readPacket(kind uint32) (Packet, error) {
	f.packets++
	id := f.number(8)
	if kind == blockObsolete {
		id = uint32(f.order.Uint16(f.block[8:]))
	}
	if int64(id) >= int64(len(f.faces)) {
		return Packet{}, f.fail(fmt.Sprintf("interface %d of %d", id, len(f.faces)), nil)
	}
	at, ok := f.faces[id].time(uint64(f.number(12))<<32 | uint64(f.number(16)))
	if !ok {
		return Packet{}, f.fail("time out of range", nil)
	}
	captured, length := f.number(20), f.number(24)
	if err := f.checkCaptured(captured, length, lenEnhanced); err != nil {
		return Packet{}, err
	}
	p := Packet{
		Number: f.packets, Offset: f.start, Link: f.faces[id].link, Time: at,
		Data: f.block[lenEnhanced : lenEnhanced+captured], Length: int(length),
	}
	err := f.options(lenEnhanced+int(captured+3)&^3, func(code uint16, value []byte) {
		if code == optComment {
			p.Comments = append(p.Comments, string(value))
		}
	})
	return p, err
}

// readSimple reads a simple packet block, which is of the first interface and has no time.
func (f *Reader) readSimple() (Packet, error) {
	f.packets++
	if len(f.faces) == 0 {
		return Packet{}, f.fail("interface 0 of 0", nil)
	}
	length := f.number(8)
	captured := length
	if snap := f.faces[0].snap; snap != 0 {
		captured = min(captured, snap)
	}
	if err := f.checkCaptured(captured, length, lenSimple); err != nil {
		return Packet{}, err
	}
	return Packet{
		Number: f.packets, Offset: f.start, Link: f.faces[0].link,
		Data: f.block[lenSimple : lenSimple+captured], Length: int(length),
	}, nil
}

// checkCaptured looks at the lengths of a packet that begins at byte head of its block.
func (f *Reader) checkCaptured(captured, length uint32, head int) error {
	room := len(f.block) - head - lenTrailer
	if captured > MaxPacket || captured > length || int(captured) > room {
		return f.fail(fmt.Sprintf("packet of %d bytes of %d, want at most %d",
			captured, length, min(room, MaxPacket)), nil)
	}
	return nil
}

// options walks the options from byte at of the block on: code, length, value, and padding to four
// bytes. The values alias the block.
func (f *Reader) options(at int, take func(code uint16, value []byte)) error {
	b := f.block[at : len(f.block)-lenTrailer]
	for len(b) > 0 {
		code, n := f.order.Uint16(b), int(f.order.Uint16(b[2:])) // b is some fours of bytes
		if code == optEnd {
			return nil
		}
		padded := 4 + (n+3)&^3
		if padded > len(b) {
			return f.fail(fmt.Sprintf("option %d of %d bytes, %d are there", code, n, len(b)-4), nil)
		}
		take(code, b[4:4+n])
		b = b[padded:]
	}
	return nil
}
