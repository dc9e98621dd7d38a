package pcapfile

import (
	"bytes"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// block returns a pcapng block.
func block(order binary.AppendByteOrder, kind uint32, body ...[]byte) []byte {
	content := slices.Concat(body...)
	for len(content)%4 != 0 {
		content = append(content, 0)
	}
	b := order.AppendUint32(nil, kind)
	b = order.AppendUint32(b, uint32(len(content)+12))
	return order.AppendUint32(append(b, content...), uint32(len(content)+12))
}

// words returns numbers of four bytes.
func words(order binary.AppendByteOrder, numbers ...uint32) []byte {
	var b []byte
	for _, n := range numbers {
		b = order.AppendUint32(b, n)
	}
	return b
}

func option(order binary.AppendByteOrder, code uint16, value string) []byte {
	b := order.AppendUint16(order.AppendUint16(nil, code), uint16(len(value)))
	b = append(b, value...)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	return b
}

var (
	little = binary.LittleEndian
	big    = binary.BigEndian
)

func section(order binary.AppendByteOrder, options ...[]byte) []byte {
	version := order.AppendUint16(order.AppendUint16(nil, 1), 0)
	head := slices.Concat(words(order, byteOrderMagic), version, words(order, 1, 1))
	return block(order, blockSection, append([][]byte{head}, options...)...)
}

func iface(order binary.AppendByteOrder, link, snap uint32, options ...[]byte) []byte {
	head := append(order.AppendUint16(order.AppendUint16(nil, uint16(link)), 0), words(order, snap)...)
	return block(order, blockInterface, append([][]byte{head}, options...)...)
}

func pcap(link uint32, records ...[]byte) []byte {
	head := append(words(little, magicMicro), 2, 0, 4, 0)
	head = append(head, words(little, 0, 0, 65535, link)...)
	return slices.Concat(append([][]byte{head}, records...)...)
}

func record(captured, length uint32, data string) []byte {
	return append(words(little, 1, 500, captured, length), data...)
}

// readAll returns the packets of a file, the kinds of what was lost, and the error at its end.
func readAll(file []byte) (packets []Packet, lost []string, err error) {
	r, err := NewReader(bytes.NewReader(file), func(what string) { lost = append(lost, what) })
	if err != nil {
		return nil, lost, err
	}
	for {
		p, err := r.Next()
		if errors.Is(err, io.EOF) {
			return packets, lost, nil
		}
		if err != nil {
			return packets, lost, err
		}
		p.Data = bytes.Clone(p.Data)
		packets = append(packets, p)
	}
}

func TestReaderRefuses(t *testing.T) {
	header := section(little)
	ether := iface(little, 1, 0)
	enhanced := func(id, captured, length uint32, rest ...[]byte) []byte {
		return block(little, blockEnhanced, append([][]byte{
			words(little, id, 0, 0, captured, length),
		}, rest...)...)
	}
	lying := section(little)
	little.PutUint32(lying[len(lying)-4:], 24)
	endless := slices.Concat(header, words(little, blockEnhanced, math.MaxUint32-3))
	crowd := slices.Clone(header)
	for range maxInterfaces + 1 {
		crowd = append(crowd, ether...)
	}
	old := section(little)
	old[12] = 9
	for _, tt := range []struct {
		name string
		file []byte
		want string
	}{
		{"an empty file", nil, "byte 0: 0 bytes"},
		{"a text", []byte("# tapbench-apdu v1\n"), "first bytes 23 20 74 61"},
		{"gzip of nothing", []byte{0x1F, 0x8B, 0}, "gzip header"},
		{"a pcap header cut off", pcap(1)[:20], "byte 0: the file ends after 20 bytes, 24 expected"},
		{
			"another pcap version", append([]byte{0xD4, 0xC3, 0xB2, 0xA1, 1}, make([]byte, 20)...),
			"pcap version 1.0",
		},
		{
			"a record header cut off", pcap(1, []byte{1, 2, 3}),
			"packet 1, byte 24: the file ends after 3 bytes",
		},
		{
			"a record cut off", pcap(1, record(4, 4, "abcd"), record(9, 9, "abc")),
			"packet 2, byte 44: the file ends after 19 bytes, 25 expected",
		},
		{
			"a record as long as memory", pcap(1, record(math.MaxUint32, math.MaxUint32, "")),
			"packet 1, byte 24: packet of 4294967295 bytes",
		},
		{"a record longer than its packet", pcap(1, record(4, 3, "abcd")), "packet of 4 bytes of 3"},
		{
			"a byte order that is none", append(words(little, blockSection, 28), 1, 2, 3, 4),
			"byte order 01 02 03 04",
		},
		{"another pcapng version", old, "pcapng version 9.0"},
		{"two lengths of a block", lying, "block length 28, at its end 24"},
		{
			"a block shorter than its frame", append(slices.Clone(header), words(little, 99, 8)...),
			"byte 28: block of kind 99 has 8 bytes",
		},
		{"a block of an odd length", append(slices.Clone(header), words(little, 99, 13)...), "by fours"},
		{"a block as long as memory", endless, "byte 28: block of 4294967292 bytes, want at most"},
		{
			"an unknown block cut off", append(slices.Clone(header), words(little, 99, 4000)...),
			"byte 28: the file ends, 3988 more bytes expected",
		},
		{
			"a packet of no interface", slices.Concat(header, enhanced(0, 0, 0)),
			"packet 1, byte 28: interface 0 of 0",
		},
		{"a simple packet of no interface", slices.Concat(header,
			block(little, blockSimple, words(little, 0))), "packet 1, byte 28: interface 0 of 0"},
		{
			"a packet longer than its block", slices.Concat(header, ether, enhanced(0, 5, 5, []byte("abcd"))),
			"packet 1, byte 48: packet of 5 bytes of 5, want at most 4",
		},
		{"a simple packet longer than its block", slices.Concat(header, ether,
			block(little, blockSimple, words(little, 9), []byte("abcd"))), "packet of 9 bytes of 9"},
		{"an option beyond its block", slices.Concat(header, ether,
			enhanced(0, 0, 0, []byte{1, 0, 9, 0})), "packet 1, byte 48: option 1 of 9 bytes, 0 are there"},
		{"an option of a section beyond it", section(little, []byte{1, 0, 5, 0}), "option 1 of 5 bytes"},
		{
			"too fine times", slices.Concat(header,
				iface(little, 1, 0, option(little, optResolution, "\x14"))),
			"time resolution",
		},
		{"times out of range", slices.Concat(header,
			iface(little, 1, 0, option(little, optResolution, "\x00")),
			block(little, blockEnhanced, words(little, 0, math.MaxUint32, 0, 0, 0))), "time out of range"},
		{"too many interfaces", crowd, "more than 256 interfaces"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := readAll(tt.file)
			var file *FileError
			if !errors.As(err, &file) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
		})
	}
}

func TestReaderReads(t *testing.T) {
	at := time.Unix(1, 500_000).UTC()
	want := []Packet{{Number: 1, Offset: 24, Link: 264, Time: at, Data: []byte("abc"), Length: 5}}
	ng := func(order binary.AppendByteOrder, resolution string, low uint32, more ...[]byte) []byte {
		return slices.Concat(section(order), block(order, 99, []byte("skip me")),
			iface(order, 264, 0, append(more, option(order, optResolution, resolution))...),
			block(order, blockEnhanced, words(order, 0, 0, low, 3, 5), []byte("abc\x00"),
				option(order, optComment, "one"), option(order, 77, "what"),
				option(order, optComment, "two"), words(order, optEnd)))
	}
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	if _, err := w.Write(pcap(264, record(3, 5, "abc"))); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	nano := pcap(264, record(3, 5, "abc"))
	little.PutUint32(nano, magicNano)
	little.PutUint32(nano[28:], 500_000)
	comments := []string{"one", "two"}
	for _, tt := range []struct {
		name     string
		file     []byte
		ng       bool
		comments []string
	}{
		{"pcap", pcap(264, record(3, 5, "abc")), false, nil},
		{"pcap whose link type has flags", pcap(264|0x1400_0000, record(3, 5, "abc")), false, nil},
		{"pcap in nanoseconds", nano, false, nil},
		{"pcap in gzip", packed.Bytes(), false, nil},
		{"pcapng", ng(little, "\x06", 1_000_500), true, comments},
		{"pcapng, big endian", ng(big, "\x06", 1_000_500), true, comments},
		{"pcapng in nanoseconds", ng(little, "\x09", 1_000_500_000), true, comments},
		{"pcapng in powers of two", ng(little, "\x8B", 2049), true, comments},
		{"pcapng with an offset", ng(little, "\x06", 500,
			option(little, optOffset, "\x01\x00\x00\x00\x00\x00\x00\x00")), true, comments},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, lost, err := readAll(tt.file)
			if err != nil || len(got) != 1 || tt.ng != (len(lost) == 1) {
				t.Fatalf("%v, %v, %v", got, lost, err)
			}
			got[0].Offset = 24
			if strings.Contains(tt.name, "powers of two") {
				got[0].Time = got[0].Time.Round(100 * time.Microsecond)
			}
			want[0].Comments = tt.comments
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestReaderReadsOtherPacketBlocks(t *testing.T) {
	obsolete := block(little, blockObsolete, little.AppendUint16(little.AppendUint16(nil, 0), 7),
		words(little, 0, 1_000_500, 3, 3), []byte("abc"))
	simple := block(little, blockSimple, words(little, 9), []byte("abc\x00"))
	got, _, err := readAll(slices.Concat(section(little, option(little, optComment, "section")),
		iface(little, 101, 3), obsolete, simple, section(big), iface(big, 1, 0)))
	if err != nil {
		t.Fatal(err)
	}
	want := []Packet{
		{
			Number: 1, Offset: 60, Link: 101, Time: time.Unix(1, 500_000).UTC(), Data: []byte("abc"),
			Length: 3,
		},
		{Number: 2, Offset: 96, Link: 101, Data: []byte("abc"), Length: 9},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWriterRefuses(t *testing.T) {
	long := strings.Repeat("x", MaxComment+1)
	if _, err := NewWriter(io.Discard, 1<<16, ""); !errors.Is(err, ErrUnfit) {
		t.Errorf("link type 65,536: %v", err)
	}
	if _, err := NewWriter(io.Discard, 1, long); !errors.Is(err, ErrUnfit) {
		t.Errorf("a comment of 65,536 bytes: %v", err)
	}
	w, err := NewWriter(io.Discard, 1, "")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Unix(1, 0)
	for name, err := range map[string]error{
		"a long comment":   w.Write(nil, now, long),
		"a long packet":    w.Write(make([]byte, MaxPacket+1), now, ""),
		"a time too early": w.Write(nil, time.Unix(-1, 0), ""),
		"a time too late":  w.Write(nil, time.Unix(1<<40, 0), ""),
	} {
		if !errors.Is(err, ErrUnfit) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWriterIsReadAgain(t *testing.T) {
	var file bytes.Buffer
	w, err := NewWriter(&file, 264, "the section")
	if err != nil {
		t.Fatal(err)
	}
	at := time.Unix(9_000_000_000, 123_456_789).UTC()
	if err := w.Write([]byte("abcde"), at, strings.Repeat("x", MaxComment)); err != nil {
		t.Fatal(err)
	}
	r, err := NewReader(&file, func(what string) { t.Error(what) })
	if err != nil {
		t.Fatal(err)
	}
	p, err := r.Next()
	if err != nil || r.Comment() != "the section" || !p.Time.Equal(at) || p.Link != 264 ||
		string(p.Data) != "abcde" || len(p.Comments) != 1 || len(p.Comments[0]) != MaxComment {
		t.Errorf("%+v, %v", p, err)
	}
}

// FuzzFile reads files that are anything. Packets that were read must be read again from a file
// that is written of them.
func FuzzFile(f *testing.F) {
	f.Add(pcap(264, record(3, 5, "abc")))
	f.Add(slices.Concat(section(little), iface(little, 1, 0),
		block(little, blockEnhanced, words(little, 0, 0, 9, 3, 3), []byte("abc"))))
	f.Fuzz(func(t *testing.T, file []byte) {
		packets, _, err := readAll(file)
		var fault *FileError
		if err != nil && (!errors.As(err, &fault) || fault.Offset < 0) {
			t.Fatalf("%T %v", err, err)
		}
		for _, p := range packets {
			var again bytes.Buffer
			w, err := NewWriter(&again, p.Link, "")
			if err == nil {
				err = w.Write(p.Data, p.Time, "")
			}
			if errors.Is(err, ErrUnfit) {
				continue
			}
			got, _, err := readAll(again.Bytes())
			if err != nil || len(got) != 1 || !bytes.Equal(got[0].Data, p.Data) ||
				!got[0].Time.Equal(p.Time) || got[0].Link != p.Link {
				t.Fatalf("%+v became %+v, %v", p, got, err)
			}
		}
	})
}
