package capture

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc/trace/capture/gsmtap"
	"tapbench/pcsc/trace/capture/iso14443"
	"tapbench/pcsc/trace/capture/pcapfile"
)

// foreign writes a pcap file as other programs do: classic, in microseconds, without comments. Each
// line has the time in microseconds and the packet: for link type 264 an event and a frame, else a
// sub-type of GSMTAP and a payload.
func foreign(t testing.TB, link int, text string) []byte {
	t.Helper()
	file := binary.LittleEndian.AppendUint32(nil, 0xA1B2C3D4)
	file = append(file, 2, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 0, 0)
	file = binary.LittleEndian.AppendUint32(file, uint32(link))
	for line := range strings.Lines(strings.TrimSpace(text)) {
		at, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		wait, err := time.ParseDuration(at)
		if err != nil {
			t.Fatal(err)
		}
		b, err := hex.DecodeString(strings.ReplaceAll(rest, " ", ""))
		if err != nil {
			t.Fatal(err)
		}
		packet := packetOf(t, link, b)
		for _, n := range []int{
			1_700_000_000 + int(wait/time.Second), int(wait % time.Second / time.Microsecond),
			len(packet), len(packet),
		} {
			file = binary.LittleEndian.AppendUint32(file, uint32(n))
		}
		file = append(file, packet...)
	}
	return file
}

func packetOf(t testing.TB, link int, b []byte) (packet []byte) {
	t.Helper()
	var err error
	if link == iso14443.LinkType {
		p := iso14443.Packet{Event: iso14443.Event(b[0]), Frame: b[1:]}
		packet, err = iso14443.AppendPacket(nil, p)
	} else {
		packet, err = gsmtap.Append(nil, gsmtap.SubType(b[0]), b[1:])
	}
	if err != nil {
		t.Fatal(err)
	}
	if link == gsmtap.LinkIPv4 {
		packet = packet[14:]
	}
	return packet
}

// pysim is what a SIM tracer shows of a phone and its card: TPDUs, each with its answer.
const pysim = `0s 01 3B 9F 96 80 1F C7 80 31 A0 73 BE 21 13 67 43 20 07 18 00 00 01 A5
120ms 02 FF 10 96 79
121ms 03 FF 10 96 79
130ms 00 A0 A4 00 00 02 3F 00 9F 17
150ms 00 A0 C0 00 00 17 00 00 00 00 3F 00 01 00 00 00 00 00 09 13 00 04 00 83 8A 83 8A 00 90 00
160ms 04 A0 B0 00 00 02
170ms 00 A0 B0 00 00 02 11 22 12 34
1170ms 01 3B 9F 96 80 1F C7 80 31 A0 73 BE 21 13 67 43 20 07 18 00 00 01 A5
1180ms 00 A0 20 00 01 08 31 32 33 34 FF FF FF FF 90 00
`

func TestReaderReadsGSMTAPOfOthers(t *testing.T) {
	want := `# tapbench-apdu v1
atr: 3B 9F 96 80 1F C7 80 31 A0 73 BE 21 13 67 43 20 07 18 00 00 01 A5
> A0 A4 00 00 02 3F 00
< 9F 17
> A0 C0 00 00 17
< 00 00 00 00 3F 00 01 00 00 00 00 00 09 13 00 04 00 83 8A 83 8A 00 90 00
reset
> A0 20 00 01 08 31 32 33 34 FF FF FF FF
< 90 00
`
	lost := []string{
		"GSMTAP packets with a PPS: 2, the first at packet 2",
		"GSMTAP packets of other sub-types than APDU, ATR and PPS: 1, the first at packet 6",
		"GSMTAP packets in which no command ends: 1, the first at packet 7",
	}
	for _, link := range []int{gsmtap.LinkEthernet, gsmtap.LinkIPv4} {
		got, lostThere, err := read(t, foreign(t, link, pysim))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, unpaused(got)); diff != "" {
			t.Errorf("trace (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(lost, lostThere); diff != "" {
			t.Errorf("lost (-want +got):\n%s", diff)
		}
	}
}

// unpaused takes the pauses out of a trace.
func unpaused(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "idle ") {
			out.WriteString(line)
		}
	}
	return out.String()
}

// sniffed is what a sniffer of the air shows: a polling reader, a card, a tap.
const sniffed = `0s FC
5ms FE 26
10ms FE 26
10100us FF 04 00
10200us FE 93 20
10300us FF 08 11 22 33 08
10400us FA 93 70 08 11 22 33 08
10500us FB 20
10600us FA E0 80
10700us FB 05 78 80 80 02
11ms FA 02 00 A4 04 00
11500us FB 02 90 00
12ms FD
`

func TestReaderReadsISO14443OfOthers(t *testing.T) {
	got, lost, err := read(t, foreign(t, iso14443.LinkType, sniffed))
	if err != nil {
		t.Fatal(err)
	}
	want := `# tapbench-apdu v1
atr: 3B 80 80 01 01
protocol: T=1
> 00 A4 04 00
< 90 00
took 500 us
`
	if diff := cmp.Diff(want, unpaused(got)); diff != "" {
		t.Errorf("trace (-want +got):\n%s", diff)
	}
	if len(lost) > 0 {
		t.Errorf("lost %q", lost)
	}
}

func TestReaderLeavesTimesOut(t *testing.T) {
	file := foreign(t, iso14443.LinkType, sniffed)
	r, err := NewReader(bytes.NewReader(file), ReaderOptions{Untimed: true})
	if err != nil {
		t.Fatal(err)
	}
	s, err := r.Next()
	if err != nil || s.Took != 0 || s.Command == nil {
		t.Errorf("%+v, %v", s, err)
	}
}

func TestReaderRefuses(t *testing.T) {
	whole := foreign(t, gsmtap.LinkEthernet, "0s 00 00 A4 04 00 90 00")
	cut := bytes.Clone(whole)
	binary.LittleEndian.PutUint32(cut[32:], 50) // captured
	dns := bytes.Clone(whole)
	dns[24+16+14+20+3] = 53
	for _, tt := range []struct {
		name string
		file []byte
		want string
		is   error
	}{
		{
			"another link type", foreign(t, 195, "0s 00 00"),
			"packet 1, byte 24: link type 195 isn't read; 264 (ISO 14443) is, and for GSMTAP 1", nil,
		},
		{"no packet", foreign(t, 1, "0s 00")[:24], "no dialogue with a card in it", ErrNothing},
		{"packets of others", dns, "no dialogue with a card in it", ErrNothing},
		{
			"a packet that was cut short", cut[:24+16+50],
			"packet 1, byte 24: only 50 of 64 bytes were captured", nil,
		},
		{
			"a damaged packet", foreign(t, iso14443.LinkType, "0s FE 26\n1s 00 26"),
			"packet 2, byte 45: reading: not an ISO 14443 packet: byte 1: event 00", nil,
		},
		{
			"a damaged message", bytes.Replace(whole, []byte{2, 4, 4}, []byte{3, 4, 4}, 1),
			"packet 1, byte 24: reading: damaged GSMTAP packet: byte 42: version 3", nil,
		},
		{"a file cut off", whole[:50], "packet 1, byte 24: the file ends after 26 bytes", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := read(t, tt.file)
			var file *pcapfile.FileError
			if !errors.As(err, &file) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("%v, want %q", err, tt.want)
			}
			if tt.is != nil && !errors.Is(err, tt.is) {
				t.Errorf("%v isn't %v", err, tt.is)
			}
		})
	}
}

func TestReaderKeepsWhatCameBeforeAFault(t *testing.T) {
	file := foreign(t, gsmtap.LinkEthernet, "0s 00 00 A4 04 00 90 00\n1s 00 00 A4 04 00 6A 82")
	text, _, err := read(t, file[:len(file)-1])
	if err == nil || !strings.Contains(text, "< 90 00") {
		t.Errorf("%q, %v", text, err)
	}
}

// commented writes a capture with one exchange, 00 A4 04 00 and 90 00, under a comment.
func commented(t testing.TB, link int, section, comment string) []byte {
	t.Helper()
	var file bytes.Buffer
	w, err := pcapfile.NewWriter(&file, link, section)
	if err != nil {
		t.Fatal(err)
	}
	packets := [][]byte{packetOf(t, gsmtap.LinkEthernet, []byte{0, 0, 0xA4, 4, 0, 0x90, 0})}
	if link == iso14443.LinkType {
		packets = [][]byte{
			packetOf(t, link, []byte{0xFA, 0x02, 0x00, 0xA4, 0x04, 0x00}),
			packetOf(t, link, []byte{0xFB, 0x02, 0x90, 0x00}),
		}
	}
	for _, p := range packets {
		if err := w.Write(p, time.Unix(0, 0), comment); err != nil {
			t.Fatal(err)
		}
		comment = ""
	}
	return file.Bytes()
}

func TestReaderHoldsCommentsAgainstPackets(t *testing.T) {
	const (
		magic    = "# tapbench-apdu v1\n"
		exchange = "> 00 A4 04 00\n< 90 00\n"
	)
	for _, tt := range []struct{ name, comment, steps, lost string }{
		{"somebody's words", "look here", exchange, "comments: 1"},
		{"no trace", magic + "jump", exchange, "comments that are damaged traces: 1"},
		{"a header", magic + "expect: denied", exchange, "comments that are damaged traces: 1"},
		{
			"two exchanges", magic + exchange + strings.TrimSpace(exchange), exchange,
			"comments that are damaged traces: 1",
		},
		{
			"another command", magic + "> 00 A4 04 01\n< 90 00", exchange,
			"comments that contradict their packets: 1",
		},
		{
			"another answer", magic + "> 00 A4 04 00\n< 90 01", exchange,
			"comments that contradict their packets: 1",
		},
		{
			"a longer answer", magic + "> 00 A4 04 00\n< [any 1] 90 00", exchange,
			"comments that contradict their packets: 1",
		},
		{"a mark", magic + "> 00 A4 04 00\n< (sw 90 00)", "> 00 A4 04 00\n< (sw 90 00)\n", ""},
		{
			"an event and a mark", magic + "tear 1\n> 00 A4 04 00\n< (sw 90 00)",
			"tear 1\n> 00 A4 04 00\n< (sw 90 00)\n", "",
		},
	} {
		for _, link := range []int{iso14443.LinkType, gsmtap.LinkEthernet} {
			got, lost, err := read(t, commented(t, link, strings.TrimSpace(magic), tt.comment))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(magic+tt.steps, got); diff != "" {
				t.Errorf("%s, %d (-want +got):\n%s", tt.name, link, diff)
			}
			if lines := strings.Join(lost, "\n"); !strings.HasPrefix(lines, tt.lost) ||
				(tt.lost == "") != (lines == "") {
				t.Errorf("%s, %d: lost %q, want %q", tt.name, link, lines, tt.lost)
			}
		}
	}
}

func TestReaderTakesOneReaderOfMany(t *testing.T) {
	file := foreign(t, gsmtap.LinkEthernet, "0s 00 00 A4 04 00 90 00\n1s 00 00 A4 04 00 6A 82")
	file[len(file)-6-16+3] = 1 // the slot
	text, lost, err := read(t, file)
	if err != nil || strings.Contains(text, "6A 82") || len(lost) != 1 ||
		!strings.HasPrefix(lost[0], "GSMTAP packets of another sender or reader than the first: 1") {
		t.Errorf("%q, %q, %v", text, lost, err)
	}
}
