package cursor_test

import (
	"encoding/binary"
	"errors"
	"testing"

	"tapbench/tpm/cursor"
)

var (
	errShort = errors.New("short")
	errOther = errors.New("other")
)

// TestCursor_fails: the first failure stays, and what is read after it is zero.
func TestCursor_fails(t *testing.T) {
	rows := []struct {
		name string
		read func(c *cursor.Cursor) error
		want string
	}{
		{
			"no byte for a U8", func(c *cursor.Cursor) error { c.Take(9); c.U8(); return c.Err() },
			"short: 1 bytes announced, 0 left",
		},
		{
			"too few for a U64", func(c *cursor.Cursor) error { c.Take(2); c.U64(); return c.Err() },
			"short: 8 bytes announced, 7 left",
		},
		{
			"a length near 2^64", func(c *cursor.Cursor) error { c.Take(1<<64 - 1); return c.Err() },
			"short: 18446744073709551615 bytes announced, 9 left",
		},
		{
			"bytes after the end", func(c *cursor.Cursor) error { c.U64(); return c.End("number") },
			"short: 1 bytes after the number",
		},
		{"a failure before another", func(c *cursor.Cursor) error {
			c.Fail(errOther, "number %d", 7)
			c.Take(10)
			return c.End("number")
		}, "other: number 7"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := cursor.New([]byte("123456789"), binary.BigEndian, errShort)
			if err := row.read(&c); err == nil || err.Error() != row.want {
				t.Errorf("got %v, want %s", err, row.want)
			}
			if c.Len() != 0 || c.U8() != 0 || c.U16() != 0 || c.U32() != 0 || c.U64() != 0 {
				t.Error("something is read after the failure")
			}
		})
	}
}

// TestCursor_reads: integers in both orders, and parts that can't be appended into the next one.
func TestCursor_reads(t *testing.T) {
	b := []byte{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17}
	rows := []struct {
		name  string
		order binary.ByteOrder
		u16   uint16
		u32   uint32
		u64   uint64
	}{
		{"big-endian", binary.BigEndian, 0x0203, 0x04050607, 0x08090A0B0C0D0E0F},
		{"little-endian", binary.LittleEndian, 0x0302, 0x07060504, 0x0F0E0D0C0B0A0908},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			c := cursor.New(b, row.order, errShort)
			u8, u16, u32, u64 := c.U8(), c.U16(), c.U32(), c.U64()
			if u8 != 1 || u16 != row.u16 || u32 != row.u32 || u64 != row.u64 {
				t.Errorf("got %X, %X, %X and %X", u8, u16, u32, u64)
			}
			if part := c.Take(1); len(part) != 1 || cap(part) != 1 || part[0] != 16 {
				t.Errorf("part % X with room for %d", part, cap(part))
			}
			if c.Len() != 1 || c.U8() != 17 {
				t.Errorf("%d bytes are left", c.Len())
			}
			if err := c.End("last"); err != nil {
				t.Error(err)
			}
		})
	}
}
