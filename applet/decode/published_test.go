package decode_test

import (
	"encoding/hex"
	"strings"
)

// example is a dialogue of up to three exchanges, made by hand from the structures of a standard.
type example struct {
	name              string
	first, then, last pair
}

// spell returns the bytes of hexadecimal digits with spaces.
func spell(s string) []byte {
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		panic(err) // the example is written wrongly
	}
	return b
}

func says(command, answer string) pair { return pair{spell(command), spell(answer)} }

// The selections that examples begin with. The PDOL asks for 9F66 04, 9F02 06, 9F37 04, 5F2A 02.
const (
	selectVisa = "00 A4 04 00 07 A0000000031010 00"
	visaFCI    = "6F 20 84 07 A0000000031010 A5 15 50 04 54455354" +
		" 9F38 0C 9F66 04 9F02 06 9F37 04 5F2A 02 9000"
	selectForeign = "00 A4 04 00 06 F00102030405 00"
	foreignFCI    = "6F 08 84 06 F00102030405 9000"
	selectISD     = "00 A4 04 00 08 A000000151000000 00"
	isdFCI        = "6F 10 84 08 A000000151000000 A5 04 9F65 01 FF 9000"
)

// published returns the examples.
func published() []example {
	return append(payments(), others()...)
}

func payments() []example {
	selected := says(selectVisa, visaFCI)
	cdol := says("00 B2 02 0C 00", "70 18 8C 0B 9F02 06 95 05 9F37 04 9F36 02 8D 09 8A 02 9F37 04"+
		" 91 0A 95 05 9000")
	return []example{
		{
			"GPO with a PDOL, format 2 with track 2 and a cryptogram", selected,
			says("80 A8 00 00 12 83 10 36004000 000000001000 12345678 0978 00",
				"77 30 82 02 2000 94 04 10010101 57 0D 5413330089020011D25122019F"+
					" 9F10 04 06011203 9F36 02 0042 9F26 08 1122334455667788 9000"),
			says("00 B2 01 14 00", "70 16 5A 08 5413330089020011 5F20 04 412F4220 9F6C 02 8040 9000"),
		},
		{
			"GPO without data, format 1", says(selectVisa, "6F 09 84 07 A0000000031010 9000"),
			says("80 A8 00 00 02 83 00 00", "80 06 1980 08010100 9000"),
			says("80 A8 00 00 02 83 00 00", "6985"),
		},
		{
			"GENERATE AC by the CDOL of the card, format 1", selected, cdol,
			says("80 AE 90 00 11 000000001000 0000008000 AABBCCDD 0001 00",
				"80 12 80 0001 1122334455667788 06010A03A40000 9000"),
		},
		{
			"PIN, and the PIN try counter", selected,
			says("00 20 00 80 08 241234FFFFFFFFFF", "63C2"),
			says("80 CA 9F17 00", "9F17 01 02 9000"),
		},
		{
			"issuer script under secure messaging", selected,
			says("84 24 00 00 0C 0102030405060708 AABBCCDD", "9000"),
			says("84 1E 00 00 04 AABBCCDD", "9000"),
		},
		{
			"certificates from which the PAN can be recovered", selected,
			says("00 B2 01 1C 00", "70 10 9F46 04 01020304 90 04 05060708 8F 01 92 9000"),
			says("00 88 00 00 04 01020304 00", "80 04 0A0B0C0D 9000"),
		},
		{
			"the same list without TLV, a template that isn't one, padding", selected,
			says("80 AE 80 00 03 010203 00", "77 03 9F2705 9000"),
			says("00 B2 01 0C 00", "00 00 70 05 00 9F36 01 07 00 9000"),
		},
	}
}

func others() []example {
	return []example{
		{
			"an application that nobody knows", says(selectForeign, foreignFCI),
			says("00 CA 00 5A 00", "5A 04 01020304 9000"),
			says("00 20 00 01 04 31323334", "6982"),
		},
		{
			"file control parameters", says("00 A4 00 04 02 3F00 00",
				"62 17 82 01 38 83 02 3F00 84 05 A000000001 8A 01 05 85 04 01020304 9000"),
			says("00 B0 00 00 04", "01020304 9000"),
			says("00 A4 02 0C 02 EF01", "9000"),
		},
		{
			"a secure channel", says(selectISD, isdFCI),
			says("80 50 00 00 08 0102030405060708 00",
				"00000102030405060708 010370 1112131415161718 2122232425262728 000001 9000"),
			says("84 82 03 00 10 3132333435363738 4142434445464748", "9000"),
		},
		{
			"registry, deletion, keys", says(selectISD, isdFCI),
			says("80 F2 40 00 02 4F00 00",
				"E3 10 4F 05 A000000001 9F70 01 07 C5 03 000000 6310"),
			says("80 D8 00 81 06 01880102 0304 00", "01 9000"),
		},
		{
			"installation", says(selectISD, isdFCI),
			says("80 E6 0C 00 17 05 A000000001 05 A000000001 05 A000000002 01 00 02 C900 00", "00 9000"),
			says("80 E4 00 00 07 4F 05 A000000001 00", "00 9000"),
		},
		{
			"a reader's own commands", says("FF CA 00 00 00", "04112233 9000"),
			says("FF 82 20 00 06 FFFFFFFFFFFF", "9000"),
			says("FF 00 00 00 02 D402", "D503 9000"),
		},
		{
			"an answer in two pieces", says(selectForeign, "6104"),
			says("00 C0 00 00 04", "6F 08 84 06 6106"),
			says("00 C0 00 00 06", "F00102030405 9000"),
		},
		{
			"dynamic authentication", says("00 A4 04 00 05 A000000308", "9000"),
			says("00 87 07 9B 04 7C 02 81 00 00", "7C 0A 81 08 0102030405060708 9000"),
			says("00 70 00 00 01", "01 9000"),
		},
		{
			"bytes that aren't a command", says("00A40400 05 A0", "6700"),
			says("00 A4", ""), says("00 84 00 00 08", "0102030405060708 9000"),
		},
		{
			"older classes and chains that break", says("A0 20 00 01 08 31323334FFFFFFFF", "9804"),
			says("10 DA 00 FF 02 0102", "6884"),
			says("00 DB 3F FF 03 5C0100", "9000"),
		},
	}
}
