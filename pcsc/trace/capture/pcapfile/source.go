package pcapfile

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// MaxPacket is the longest packet in bytes: libpcap's MAXIMUM_SNAPLEN.
const MaxPacket = 262_144

// source reads blocks and records whole.
type source struct {
	in      *bufio.Reader
	order   binary.ByteOrder
	at      int64 // offset of the next byte
	start   int64 // offset of the block at hand
	packets int   // begun so far
	block   []byte
}

// begin starts a new block with its first n bytes. It returns io.EOF if there are none.
func (s *source) begin(n int) error {
	s.start, s.block = s.at, s.block[:0]
	err := s.more(n)
	if errors.Is(err, io.ErrUnexpectedEOF) && s.at == s.start {
		return io.EOF
	}
	return err
}

// more reads n more bytes of the block; n was found to be within bounds.
func (s *source) more(n int) error {
	have := len(s.block)
	if cap(s.block)-have < n {
		s.block = append(make([]byte, 0, have+n), s.block...)
	}
	s.block = s.block[:have+n]
	got, err := io.ReadFull(s.in, s.block[have:])
	s.at += int64(got)
	switch {
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return s.fail(fmt.Sprintf("the file ends after %d bytes, %d expected", have+got, have+n),
			io.ErrUnexpectedEOF)
	case err != nil:
		return s.fail("reading", err)
	}
	return nil
}

// skip passes over n bytes of the block.
func (s *source) skip(n int64) error {
	got, err := io.CopyN(io.Discard, s.in, n)
	s.at += got
	switch {
	case errors.Is(err, io.EOF):
		return s.fail(fmt.Sprintf("the file ends, %d more bytes expected", n-got),
			io.ErrUnexpectedEOF)
	case err != nil:
		return s.fail("reading", err)
	}
	return nil
}

func (s *source) fail(what string, err error) error {
	return &FileError{Packet: s.packets, Offset: s.start, What: what, Err: err}
}

// number reads a number of 4 bytes of the block at hand.
func (s *source) number(at int) uint32 { return s.order.Uint32(s.block[at:]) }
