package tlv_test

import (
	"bytes"
	"encoding/hex"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/tlv"
)

// unhex decodes spaced hexadecimal.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("test row %q: %v", s, err)
	}
	return b
}

// fci is a directory's file control information with two applications in it.
const fci = "6F 2F 84 0E 32 50 41 59 2E 53 59 53 2E 44 44 46 30 31 " +
	"A5 1D BF 0C 1A 61 0B 4F 06 A0 00 00 00 04 01 87 01 01 " +
	"61 0B 4F 06 A0 00 00 00 03 01 87 01 02"

// record returns a well-formed record of 250 bytes, as READ RECORD answers one: a template with
// card data of the usual lengths.
func record(t testing.TB) []byte {
	t.Helper()
	value := tlv.Append(nil, 0x5A, make([]byte, 8))
	value = tlv.Append(value, 0x5F24, make([]byte, 3))
	value = tlv.Append(value, 0x9F46, make([]byte, 96))
	value = tlv.Append(value, 0x9F47, make([]byte, 1))
	value = tlv.Append(value, 0x8C, make([]byte, 27))
	value = tlv.Append(value, 0xBF0C, tlv.Append(nil, 0x9F4D, make([]byte, 2)))
	value = tlv.Append(value, 0x9F4A, make([]byte, 1))
	value = tlv.Append(value, 0x9F32, make([]byte, 247-len(value)-3))
	b := tlv.Append(nil, 0x70, value)
	if len(b) != 250 {
		t.Fatalf("record of %d bytes, want 250", len(b))
	}
	return b
}

func TestReaderRefuses(t *testing.T) {
	for _, row := range []struct{ name, raw string }{
		{"a tag of two bytes cut short", "9F"},
		{"a tag of four bytes cut short", "DF 81 82"},
		{"a tag of five bytes", "DF 81 82 83 04 00"},
		{"a tag without length", "5A"},
		{"a length of two bytes cut short", "5A 82 01"},
		{"an indefinite length", "70 80 00 00"},
		{"a length field of four bytes", "5A 84 00 00 00 01 AA"},
		{"a value cut short by one byte", "5A 02 AA"},
		{"a length of 16 MiB over nothing", "5A 83 FF FF FF"},
		{"a good object and then half of one", "5A 01 AA 9F"},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := tlv.NewReader(unhex(t, row.raw))
			var err error
			for err == nil {
				_, err = r.Next()
			}
			if !errors.Is(err, tlv.ErrMalformed) {
				t.Errorf("reading %s: got %v, want ErrMalformed", row.raw, err)
			}
			if _, again := r.Next(); !errors.Is(again, tlv.ErrMalformed) {
				t.Errorf("reading on after the error: got %v, want it again", again)
			}
		})
	}
}

func TestReader(t *testing.T) {
	for _, row := range []struct {
		name, raw string
		want      []tlv.Element
	}{
		{"nothing", "", nil},
		{"padding alone", "00 00 00", nil},
		{"an empty value", "5A 00", []tlv.Element{{Tag: 0x5A, Value: []byte{}}}},
		{"padding around and between", "00 5A 01 AA 00 00 9A 01 BB 00", []tlv.Element{
			{Tag: 0x5A, Value: []byte{0xAA}}, {Tag: 0x9A, Value: []byte{0xBB}},
		}},
		{"tags of two and three bytes", "9F 26 01 01 DF 81 01 01 02", []tlv.Element{
			{Tag: 0x9F26, Value: []byte{1}}, {Tag: 0xDF8101, Value: []byte{2}},
		}},
		{"a length coded longer than needed", "5A 82 00 01 AA", []tlv.Element{
			{Tag: 0x5A, Value: []byte{0xAA}},
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			var got []tlv.Element
			r := tlv.NewReader(unhex(t, row.raw))
			for {
				e, err := r.Next()
				if errors.Is(err, io.EOF) {
					break
				}
				if err != nil {
					t.Fatalf("reading %s: %v", row.raw, err)
				}
				got = append(got, e)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Errorf("reading %s (-want +got):\n%s", row.raw, diff)
			}
		})
	}
}

// TestLeft: what is left shrinks by each object and the padding before it, and is 0 at the end and
// after an error.
func TestLeft(t *testing.T) {
	r := tlv.NewReader(unhex(t, "00 5A 01 AA 9F26 00 00 5A 05"))
	for i, want := range []int{10, 6, 3, 0} {
		if got := r.Left(); got != want {
			t.Errorf("after %d objects %d bytes are left, want %d", i, got, want)
		}
		if _, err := r.Next(); (err != nil) != (i > 1) {
			t.Errorf("object %d: %v", i, err)
		}
	}
}

func TestFind(t *testing.T) {
	raw := unhex(t, fci)
	for _, row := range []struct {
		name string
		path []tlv.Tag
		err  error
		want string
	}{
		{"a tag that isn't there", []tlv.Tag{0x6F, 0x50}, tlv.ErrNotFound, ""},
		{"a path through the wrong template", []tlv.Tag{0x6F, 0x61, 0x4F}, tlv.ErrNotFound, ""},
		{"a path into a value that isn't TLV", []tlv.Tag{0x6F, 0x84, 0x99}, tlv.ErrMalformed, ""},
		{
			"the first of two applications",
			[]tlv.Tag{0x6F, 0xA5, 0xBF0C, 0x61, 0x4F},
			nil, "A0 00 00 00 04 01",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			got, err := tlv.Find(raw, row.path...)
			if !errors.Is(err, row.err) {
				t.Fatalf("Find %v: got %v, want %v", row.path, err, row.err)
			}
			if want := unhex(t, row.want); !bytes.Equal(got, want) {
				t.Errorf("Find %v: got % X, want % X", row.path, got, want)
			}
		})
	}
}

func TestLookup(t *testing.T) {
	for _, row := range []struct {
		name, raw string
		ok        bool
		err       error
	}{
		{"behind what isn't TLV", "50 01 41 9F 12", false, tlv.ErrMalformed},
		{"a tag that isn't there", "50 01 41", false, nil},
		{"no bytes", "", false, nil},
		{"the first of two", "50 01 41 87 01 07 87 01 08", true, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			value, ok, err := tlv.Lookup(unhex(t, row.raw), 0x87)
			if ok != row.ok || !errors.Is(err, row.err) || ok && value[0] != 7 {
				t.Errorf("got % X, %v, %v, want %v, %v", value, ok, err, row.ok, row.err)
			}
		})
	}
	raw := unhex(t, "50 01 41")
	if n := testing.AllocsPerRun(100, func() { _, _, _ = tlv.Lookup(raw, 0x87) }); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
}

func TestCheck(t *testing.T) {
	nest := func(levels int) []byte {
		b := []byte{0x5A, 0x00}
		for range levels {
			b = tlv.Append(nil, 0xE1, b)
		}
		return b
	}
	for _, row := range []struct {
		name string
		raw  []byte
		err  error
	}{
		{"an object that is broken inside", unhex(t, "70 03 5A 02 AA"), tlv.ErrMalformed},
		{"nine levels", nest(tlv.MaxDepth + 1), tlv.ErrMalformed},
		{"eight levels", nest(tlv.MaxDepth), nil},
		{"an FCI", unhex(t, fci), nil},
		{"nothing", nil, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := tlv.Check(row.raw); !errors.Is(err, row.err) {
				t.Errorf("Check(% X): got %v, want %v", row.raw, err, row.err)
			}
		})
	}
}

func TestWalkOrderAndStop(t *testing.T) {
	stop := errors.New("seen enough")
	var got []string
	err := tlv.Walk(unhex(t, fci), func(e tlv.Element, depth int) error {
		got = append(got, strings.Repeat(".", depth)+e.Tag.String())
		if e.Tag == 0x87 {
			return stop
		}
		return nil
	})
	if !errors.Is(err, stop) {
		t.Errorf("Walk: got %v, want the visitor's error", err)
	}
	want := []string{"6F", ".84", ".A5", "..BF0C", "...61", "....4F", "....87"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Walk (-want +got):\n%s", diff)
	}
}

func TestWalkDoesNotAllocate(t *testing.T) {
	raw := record(t)
	objects := 0
	count := func(tlv.Element, int) error { objects++; return nil }
	allocs := testing.AllocsPerRun(100, func() {
		if err := tlv.Walk(raw, count); err != nil {
			t.Error(err)
		}
	})
	if allocs != 0 || objects == 0 {
		t.Errorf("walking 250 bytes: %v allocations, %d objects, want 0 and some", allocs, objects)
	}
}

func FuzzReader(f *testing.F) {
	for _, seed := range []string{
		fci, "5A 01 AA", "9F26 00", "DF8101 82 0001 AA", "00 5A 00 00", "70 80 00 00",
		"5A 83 FFFFFF", "E1 08 E2 06 E3 04 E4 02 5A 00",
	} {
		f.Add(unhex(f, seed))
	}
	f.Add(record(f))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var canonical []byte
		r := tlv.NewReader(raw)
		for {
			e, err := r.Next()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				if !errors.Is(err, tlv.ErrMalformed) {
					t.Fatalf("reading % X: %v doesn't wrap ErrMalformed", raw, err)
				}
				if tlv.Check(raw) == nil {
					t.Fatalf("Check accepts % X, Reader says %v", raw, err)
				}
				return
			}
			one := tlv.Append(nil, e.Tag, e.Value)
			again, err := func() (tlv.Element, error) { r := tlv.NewReader(one); return r.Next() }()
			if err != nil {
				t.Fatalf("reading % X, written from % X: %v", one, raw, err)
			}
			if diff := cmp.Diff(e, again); diff != "" {
				t.Fatalf("reading what was written (-want +got):\n%s", diff)
			}
			if e.Tag.Len() > 1 && !e.Tag.Valid() {
				t.Fatalf("tag %s was read but isn't valid", e.Tag)
			}
			canonical = append(canonical, one...)
		}
		if len(canonical) > len(raw) {
			t.Fatalf("canonical form % X is longer than % X", canonical, raw)
		}
		depth := 0
		err := tlv.Walk(raw, func(_ tlv.Element, d int) error { depth = max(depth, d); return nil })
		if err != nil && !errors.Is(err, tlv.ErrMalformed) || depth > tlv.MaxDepth {
			t.Fatalf("walking % X: %v at depth %d", raw, err, depth)
		}
	})
}
