package decode_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/decode"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

func TestDescribe(t *testing.T) {
	for _, row := range []struct {
		name  string
		tag   tlv.Tag
		value string
		want  string
	}{
		{"nothing", 0x9F02, "", ""},
		{"amount that isn't BCD", 0x9F02, "00000000000A", ""},
		{"amount of another length", 0x9F02, "1250", ""},
		{"date that is none", 0x9A, "261332", ""},
		{"currency that is none", 0x5F2A, "0000", ""},
		{"text with a control character", 0x50, "410A", ""},
		{"file locator cut short", 0x94, "080103", ""},
		{"list cut short", 0x9F38, "9F02", ""},
		{"issuer application data of others", 0x9F10, "0110A040002A0000", ""},
		{
			"issuer application data of version 10", 0x9F10, "06010A03A40010",
			"key 1, cryptogram version 10; first cryptogram: ARQC; " +
				"offline PIN verification performed; script commands carried out before: 1",
		},
		{
			"issuer application data of version 18", 0x9F10, "06011203600000",
			"key 1, cryptogram version 18; second cryptogram: TC; " +
				"first cryptogram: ARQC",
		},
		{
			"issuer application data of the common core definitions", 0x9F10,
			"0FA602A43080010000000000000000" + "00" + "0F" + strings.Repeat("00", 15),
			"key 2, common core definitions, AES; first cryptogram: ARQC; " +
				"DDA performed; PIN tries left: 3; lower offline transaction count limit exceeded; " +
				"unable to go online",
		},
		{
			"the same with triple DES", 0x9F10,
			"0FA502A43080010000000000000000" + "00" + "0F" + strings.Repeat("00", 15),
			"key 2, common core definitions, triple DES; first cryptogram: ARQC; " +
				"DDA performed; PIN tries left: 3; lower offline transaction count limit exceeded; " +
				"unable to go online",
		},
		{"PAN with a wrong check digit", 0x5A, "5413330089020012", "8 bytes, hidden"},
		{"PAN that is too short", 0x5A, "1230", "2 bytes, hidden"},
		{"track without a PAN", 0x57, "D25120", "3 bytes, hidden"},
		{"name", 0x5F20, "412F42", "3 bytes, hidden"},
		{"certificate", 0x9F46, "00", "1 byte, hidden"},
		{"element on no list", 0x9F7C, "0102", "2 bytes, hidden"},
		{"PAN", 0x5A, "5413330089020011", "ends in 0011, the rest is hidden"},
		{"PAN of 19 digits", 0x5A, "9999993029732724101F", "ends in 4101, the rest is hidden"},
		{"track 2", 0x57, "5413330089020011D25122019F", "ends in 0011, the rest is hidden"},
		{
			"track 1", 0x56, fmt.Sprintf("%X", "B5413330089020011^A/B^2512"),
			"ends in 0011, the rest is hidden",
		},
		{"amount", 0x9F02, "000000001250", "12.50"},
		{"binary amount", 0x81, "000004E2", "1250"},
		{"date", 0x9A, "261121", "2026-11-21"},
		{"time", 0x9F21, "235959", "23:59:59"},
		{"currency", 0x5F2A, "0978", "EUR"},
		{"country", 0x9F1A, "0276", "DE"},
		{"text", 0x50, "54415020", `"TAP"`},
		{"counter", 0x9F36, "0102", "258"},
		{"sequence number", 0x5F34, "01", "01"},
		{"list", 0x9F38, "9F0206DF7F01", "9F02[6] amount authorised, DF7F[1]"},
		{
			"file locators", 0x94, "0801030010020201",
			"SFI 1, records 1 to 3; SFI 2, record 2 (1 signed)",
		},
		{"CVM list", 0x8E, "000003E8000007D0420344031F00", "X is 10.00, Y is 20.00; " +
			"enciphered PIN verified online, if the terminal supports it, else the next rule; " +
			"enciphered PIN verified by ICC, if the terminal supports it, else the next rule; " +
			"no CVM required, always"},
		{"CVM results", 0x9F34, "1F0002", "no CVM required, always: successful"},
		{"terminal type", 0x9F35, "22", "offline with online capability, attended, merchant"},
		{"transaction type", 0x9C, "20", "refund"},
		{"priority", 0x87, "81", "priority 1, cardholder confirmation required"},
		{"no bit set", 0x95, "0000000000", "none"},
		{"bits", 0x95, "8000008000", "offline data authentication was not performed; " +
			"transaction exceeds floor limit"},
		{"cryptogram information", 0x9F27, "89", "ARQC; advice required; service not allowed"},
		{"application", 0x84, "A0000000041010", "Mastercard"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := decode.Describe(decode.Element(row.tag), spell(row.value)); got != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestBits(t *testing.T) {
	if got := decode.Bits(0x5A, []byte{0xFF}); got != nil {
		t.Errorf("a PAN has bits: %v", got)
	}
	if got := decode.Bits(0x9F27, []byte{1, 2}); got != nil {
		t.Errorf("CID of two bytes has bits: %v", got)
	}
	want := []decode.Bit{
		{Byte: 1, Bit: 8, Text: "reserved", Set: true},
		{Byte: 1, Bit: 7, Text: "SDA supported"},
		{Byte: 1, Bit: 6, Text: "DDA supported"},
		{Byte: 1, Bit: 5, Text: "cardholder verification is supported", Set: true},
		{Byte: 1, Bit: 4, Text: "terminal risk management is to be performed"},
		{Byte: 1, Bit: 3, Text: "issuer authentication is supported"},
		{Byte: 1, Bit: 2, Text: "on device cardholder verification is supported"},
		{Byte: 1, Bit: 1, Text: "CDA supported", Set: true},
	}
	if diff := cmp.Diff(want, decode.Bits(0x82, []byte{0x91})); diff != "" {
		t.Errorf("AIP (-want +got):\n%s", diff)
	}
	for _, tag := range []tlv.Tag{0x82, 0x95, 0x9B, 0x9F07, 0x9F0D, 0x9F33, 0x9F40, 0x9F66, 0x9F6C} {
		beyond := decode.Bits(tag, make([]byte, 20))
		whole := decode.Bits(tag, make([]byte, 5))
		if len(whole) == 0 || len(whole) != len(beyond) {
			t.Errorf("%s: %d bits in 5 bytes, %d in 20", tag, len(whole), len(beyond))
		}
	}
}

func TestStatusText(t *testing.T) {
	for sw, want := range map[apdu.SW]string{
		0x1234: "", 0x9000: "normal", 0x6A82: "file or application not found",
		0x6C10: "wrong Le, 16 bytes available", 0x6110: "16 more bytes to fetch",
		0x6310: "more data available",
		0x63C2: "counter is 2, after a wrong PIN the tries that are left",
	} {
		if got := decode.StatusText(sw); got != want {
			t.Errorf("%s: got %q, want %q", sw, got, want)
		}
	}
}

// TestElements: the list of what may be kept, as a whole.
func TestElements(t *testing.T) {
	b := &strings.Builder{}
	for tag := tlv.Tag(1); tag < 0x1_0000; tag++ {
		f := decode.Element(tag)
		if !tag.Valid() || f.Name == "" || tag.Constructed() {
			continue
		}
		keep := f.Secrecy.Label()
		if keep == "" {
			keep = "kept"
		}
		fmt.Fprintf(b, "%-4s %-7s %-11s %s\n", tag, keep, f.Variation.Label(), f.Name)
	}
	golden(t, "elements.txt", b.String())
}

// TestUnlisted: an element that has no name may not be kept.
func TestUnlisted(t *testing.T) {
	for tag := tlv.Tag(1); tag < 0x2_0000; tag++ {
		f := decode.Element(tag)
		if f.Name == "" && f.Secrecy == decode.Clear {
			t.Errorf("%s has no name but is kept", tag)
		}
	}
}
