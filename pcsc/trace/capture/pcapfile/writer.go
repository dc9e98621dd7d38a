package pcapfile

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"time"
)

// MaxComment is the longest comment in bytes: an option's length has two bytes.
const MaxComment = math.MaxUint16

// ErrUnfit means that something can't be written into a pcapng file. Nothing was written of it.
var ErrUnfit = errors.New("doesn't fit into a pcapng file")

// application is the name that a file gives for the program that wrote it.
const application = "tapbench"

// optApplication names the program in a section header.
const optApplication = 4

// Writer writes a pcapng file of one section with one interface, little endian, with times in
// nanoseconds. It names neither the machine nor its user.
type Writer struct {
	w     io.Writer
	block []byte
}

// NewWriter writes the header: the link type, 0 to 65,535, and the section's comment, if any. The
// error wraps [ErrUnfit], or is what w returned.
func NewWriter(w io.Writer, link int, comment string) (*Writer, error) {
	if link < 0 || link > math.MaxUint16 || len(comment) > MaxComment {
		return nil, fmt.Errorf("%w: link type %d, comment of %d bytes", ErrUnfit, link, len(comment))
	}
	f := &Writer{w: w}
	f.begin(blockSection)
	f.numbers(byteOrderMagic, 1, math.MaxUint32, math.MaxUint32) // version 1.0, length unsaid
	f.option(optComment, comment)
	f.option(optApplication, application)
	f.endOptions()
	f.end()
	header := append([]byte(nil), f.block...)
	f.begin(blockInterface)
	f.numbers(uint32(link), MaxPacket)
	f.option(optResolution, "\x09")
	f.endOptions()
	f.end()
	_, err := w.Write(append(header, f.block...))
	return f, err
}

// Write writes a packet with its comment, if any, in one call of the writer below. The error wraps
// [ErrUnfit] if the packet or the comment is too long, or the time lies before 1970 or after 2262;
// otherwise it is what the writer below returned.
func (f *Writer) Write(data []byte, at time.Time, comment string) error {
	if len(data) > MaxPacket || len(comment) > MaxComment {
		return fmt.Errorf("%w: packet of %d bytes, comment of %d", ErrUnfit, len(data), len(comment))
	}
	if s := at.Unix(); s < 0 || s > math.MaxInt64/int64(time.Second)-1 {
		return fmt.Errorf("%w: time %s", ErrUnfit, at.UTC().Format(time.RFC3339))
	}
	stamp := uint64(at.UnixNano())
	length := uint32(len(data) & math.MaxUint32)
	f.begin(blockEnhanced)
	f.numbers(0, uint32(stamp>>32), uint32(stamp&math.MaxUint32), length, length)
	f.padded(data)
	if comment != "" {
		f.option(optComment, comment)
		f.endOptions()
	}
	f.end()
	_, err := f.w.Write(f.block)
	return err
}

func (f *Writer) begin(kind uint32) {
	f.block = f.block[:0]
	f.numbers(kind, 0)
}

// numbers appends numbers of 4 bytes.
func (f *Writer) numbers(numbers ...uint32) {
	for _, n := range numbers {
		f.block = binary.LittleEndian.AppendUint32(f.block, n)
	}
}

// padded appends bytes and fills them up to a multiple of four.
func (f *Writer) padded(b []byte) {
	f.block = append(f.block, b...)
	for len(f.block)%4 != 0 {
		f.block = append(f.block, 0)
	}
}

// option appends an option, unless its value is empty.
func (f *Writer) option(code uint16, value string) {
	if value != "" {
		f.block = binary.LittleEndian.AppendUint16(f.block, code)
		f.block = binary.LittleEndian.AppendUint16(f.block, uint16(len(value)&math.MaxUint16))
		f.padded([]byte(value))
	}
}

func (f *Writer) endOptions() { f.numbers(optEnd) }

// end appends the length and writes it behind the kind, too.
func (f *Writer) end() {
	length := uint32((len(f.block) + lenTrailer) & math.MaxUint32)
	f.numbers(length)
	binary.LittleEndian.PutUint32(f.block[4:], length)
}
