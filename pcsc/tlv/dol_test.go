package tlv_test

import (
	"bytes"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/tlv"
)

func TestParseDOLRefuses(t *testing.T) {
	for _, row := range []struct{ name, raw string }{
		{"a tag without length", "9F 02 06 9A"},
		{"a tag cut short", "9F 02 06 9F"},
		{"a tag of 00", "00 01"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got, err := tlv.ParseDOL(unhex(t, row.raw)); !errors.Is(err, tlv.ErrMalformed) {
				t.Errorf("ParseDOL(%s): got %v, %v, want ErrMalformed", row.raw, got, err)
			}
		})
	}
}

func TestParseDOL(t *testing.T) {
	raw := unhex(t, "9F 02 06 9A 03 DF 81 01 FF 9C 00")
	want := []tlv.DOLEntry{{0x9F02, 6}, {0x9A, 3}, {0xDF8101, 255}, {0x9C, 0}}
	got, err := tlv.ParseDOL(raw)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("ParseDOL (-want +got):\n%s", diff)
	}
	if again := tlv.AppendDOL(nil, got...); !bytes.Equal(again, raw) {
		t.Errorf("AppendDOL: got % X, want % X", again, raw)
	}
	if n := tlv.DOLLen(got); n != 264 {
		t.Errorf("DOLLen: got %d, want 264", n)
	}
}

// TestFill has one row per sentence of EMV 4.3 Book 3, 5.4.
func TestFill(t *testing.T) {
	for _, row := range []struct {
		name  string
		entry tlv.DOLEntry
		value []byte
		known bool
		want  string
	}{
		{
			"an unknown value is 00",
			tlv.DOLEntry{Tag: 0x9F37, Len: 4},
			nil, false, "00 00 00 00",
		},
		{
			"an unknown cn value is 00 too",
			tlv.DOLEntry{Tag: 0x5A, Len: 2},
			nil, false, "00 00",
		},
		{
			"a constructed tag is 00",
			tlv.DOLEntry{Tag: 0xBF0C, Len: 2},
			[]byte{1, 2},
			true, "00 00",
		},
		{
			"a long n value loses its left",
			tlv.DOLEntry{Tag: 0x9F02, Len: 2},
			[]byte{1, 2, 3},
			true, "02 03",
		},
		{
			"a long cn value loses its right",
			tlv.DOLEntry{Tag: 0x5A, Len: 2},
			[]byte{1, 2, 3},
			true, "01 02",
		},
		{
			"a long b value loses its right",
			tlv.DOLEntry{Tag: 0x9F37, Len: 2},
			[]byte{1, 2, 3},
			true, "01 02",
		},
		{
			"a short n value is padded left",
			tlv.DOLEntry{Tag: 0x9F02, Len: 3},
			[]byte{1},
			true, "00 00 01",
		},
		{
			"a short cn value is padded with FF",
			tlv.DOLEntry{Tag: 0x5A, Len: 3},
			[]byte{1},
			true, "01 FF FF",
		},
		{
			"a short b value is padded right",
			tlv.DOLEntry{Tag: 0x9F37, Len: 3},
			[]byte{1},
			true, "01 00 00",
		},
		{
			"an empty cn value is all FF",
			tlv.DOLEntry{Tag: 0x5A, Len: 2},
			nil, true, "FF FF",
		},
		{
			"a value that fits",
			tlv.DOLEntry{Tag: 0x9A, Len: 3},
			[]byte{0x26, 0x11, 0x21},
			true, "26 11 21",
		},
		{
			"a length of 0",
			tlv.DOLEntry{Tag: 0x9A},
			[]byte{1},
			true, "",
		},
		{
			"a negative length, which no list codes",
			tlv.DOLEntry{Tag: 0x9A, Len: -1},
			[]byte{1},
			true, "",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := tlv.Fill([]byte{0xEE}, []tlv.DOLEntry{row.entry}, func(tag tlv.Tag) ([]byte, bool) {
				if tag != row.entry.Tag {
					t.Errorf("asked for %s, want %s", tag, row.entry.Tag)
				}
				return row.value, row.known
			})
			if want := append([]byte{0xEE}, unhex(t, row.want)...); !bytes.Equal(got, want) {
				t.Errorf("Fill: got % X, want % X", got, want)
			}
		})
	}
}
