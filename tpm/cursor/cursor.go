package cursor

import (
	"encoding/binary"
	"fmt"
)

// A Cursor walks over bytes. [New] makes one.
type Cursor struct {
	rest   []byte
	order  binary.ByteOrder
	format error
	err    error
}

// New returns a cursor at the first byte of b, whose integers have that order. Bytes that are
// missing, or left at the [Cursor.End], are an error of the kind format.
func New(b []byte, order binary.ByteOrder, format error) Cursor {
	return Cursor{rest: b, order: order, format: format}
}

// Err returns the first failure, or nil.
func (c *Cursor) Err() error { return c.err }

// Len returns how many bytes are left: none after a failure.
func (c *Cursor) Len() int { return len(c.rest) }

// Fail makes an error of that kind the failure, unless there was one before.
func (c *Cursor) Fail(kind error, format string, args ...any) {
	if c.err == nil {
		c.err = fmt.Errorf("%w: %s", kind, fmt.Sprintf(format, args...))
	}
	c.rest = nil
}

// Take returns the next n bytes, which alias what the cursor walks over; nil when there are fewer.
func (c *Cursor) Take(n uint64) []byte {
	if n > uint64(len(c.rest)) {
		c.Fail(c.format, "%d bytes announced, %d left", n, len(c.rest))
		return nil
	}
	out := c.rest[:n:n]
	c.rest = c.rest[n:]
	return out
}

// U8 returns the next byte.
func (c *Cursor) U8() byte {
	if b := c.Take(1); b != nil {
		return b[0]
	}
	return 0
}

// U16 returns the next 2 bytes as an integer.
func (c *Cursor) U16() uint16 {
	if b := c.Take(2); b != nil {
		return c.order.Uint16(b)
	}
	return 0
}

// U32 returns the next 4 bytes as an integer.
func (c *Cursor) U32() uint32 {
	if b := c.Take(4); b != nil {
		return c.order.Uint32(b)
	}
	return 0
}

// U64 returns the next 8 bytes as an integer.
func (c *Cursor) U64() uint64 {
	if b := c.Take(8); b != nil {
		return c.order.Uint64(b)
	}
	return 0
}

// End checks that nothing is left after what was read, and returns the first failure.
func (c *Cursor) End(what string) error {
	if c.err == nil && len(c.rest) > 0 {
		c.Fail(c.format, "%d bytes after the %s", len(c.rest), what)
	}
	return c.err
}
