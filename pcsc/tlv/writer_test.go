package tlv_test

import (
	"bytes"
	"testing"

	"tapbench/pcsc/tlv"
)

func TestAppendWritesTheShortestLength(t *testing.T) {
	for _, row := range []struct {
		length int
		field  string
	}{
		{0, "00"},
		{127, "7F"},
		{128, "81 80"},
		{255, "81 FF"},
		{256, "82 01 00"},
		{65535, "82 FF FF"},
		{65536, "83 01 00 00"},
		{1 << 24, "84 01 00 00 00"},
	} {
		got := tlv.Append([]byte{0xEE}, 0x9F26, make([]byte, row.length))
		want := append([]byte{0xEE, 0x9F, 0x26}, unhex(t, row.field)...)
		if !bytes.HasPrefix(got, want) || len(got) != len(want)+row.length {
			t.Errorf("%d bytes: got % X…, %d in all, want % X…", row.length, got[:8], len(got), want)
		}
	}
}

func TestAppendJoinsParts(t *testing.T) {
	got := tlv.Append(nil, 0x70, []byte{1}, nil, []byte{2, 3})
	if want := unhex(t, "70 03 01 02 03"); !bytes.Equal(got, want) {
		t.Errorf("got % X, want % X", got, want)
	}
}

func TestTag(t *testing.T) {
	for _, row := range []struct {
		tag         tlv.Tag
		text        string
		length      int
		valid       bool
		constructed bool
		class       tlv.Class
	}{
		{0, "00", 1, false, false, tlv.ClassUniversal},
		{0x9F, "9F", 1, false, false, tlv.ClassContext},
		{0x5A01, "5A01", 2, false, false, tlv.ClassApplication},
		{0x9F81, "9F81", 2, false, false, tlv.ClassContext},
		{0x9F2601, "9F2601", 3, false, false, tlv.ClassContext},
		{0x04, "04", 1, true, false, tlv.ClassUniversal},
		{0x5A, "5A", 1, true, false, tlv.ClassApplication},
		{0x70, "70", 1, true, true, tlv.ClassApplication},
		{0x9F26, "9F26", 2, true, false, tlv.ClassContext},
		{0xBF0C, "BF0C", 2, true, true, tlv.ClassContext},
		{0xDF8101, "DF8101", 3, true, false, tlv.ClassPrivate},
		{0xFF818203, "FF818203", 4, true, true, tlv.ClassPrivate},
	} {
		if row.tag.String() != row.text || row.tag.Len() != row.length {
			t.Errorf("%s: String %s, Len %d", row.text, row.tag, row.tag.Len())
		}
		if row.tag.Valid() != row.valid || row.tag.Constructed() != row.constructed {
			t.Errorf("%s: valid %t, constructed %t", row.text, row.tag.Valid(), row.tag.Constructed())
		}
		if row.tag.Class() != row.class {
			t.Errorf("%s: class %d, want %d", row.text, row.tag.Class(), row.class)
		}
	}
}
