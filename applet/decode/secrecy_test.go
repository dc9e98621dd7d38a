package decode_test

import (
	"bytes"
	"fmt"
	"slices"
	"testing"

	"tapbench/applet/decode"
)

// kept returns the bytes of a message that may be kept: those of clear fields, tags and lengths.
func kept(fields []decode.Field, message []byte) []byte {
	b := slices.Clone(message)
	for _, f := range fields {
		if !f.Template && f.Secrecy != decode.Clear {
			for i := range b[f.Off : f.Off+f.Len] {
				b[f.Off+i] = 0xEE
			}
		}
	}
	return b
}

// TestSecrets: a secret is in no byte that may be kept, whatever command carries it and whatever
// was selected before.
func TestSecrets(t *testing.T) {
	const (
		secret = "5413330089020011"
		pin    = "241234FFFFFFFFFF"
		key    = "404142434445464748494A4B4C4D4E4F"
	)
	rows := []struct{ name, hidden, command, answer string }{
		{"a command in an unknown application", key, "80 F0 00 00 10 " + key, "9000"},
		{"an unknown instruction", key, "00 99 00 00 10 " + key, key + "9000"},
		{"PIV: management key", key, "00 FF FF FF 13 03 9B 10 " + key, "9000"},
		{"PIV: imported key", key, "00 FE 07 9C 12 01 10 " + key, "9000"},
		{"PUT DATA, odd", key, "00 DB 3F FF 10 " + key, "9000"},
		{"PUT DATA", key, "00 DA 00 C4 10 " + key, "9000"},
		{"UPDATE BINARY", key, "00 D6 00 00 10 " + key, "9000"},
		{"deciphered data", key, "00 2A 80 86 01 00 00", key + "9000"},
		{"READ BINARY", key, "00 B0 00 00 00", key + "9000"},
		{"key in a template", key, "00 CB 3F FF 03 5C 01 7F 00", "7F48 12 92 10 " + key + "9000"},
		{"answer cut off", secret, "00 B2 01 0C 00", "70 50 5A 08 " + secret + "6110"},
		{"PIN in plain text", pin, "00 20 00 80 08 " + pin, "9000"},
		{"PIN with secure messaging", pin, "0C 20 00 80 08 " + pin, "9000"},
		{"PIN on a logical channel", pin, "41 20 00 80 08 " + pin, "9000"},
		{"PIN of older SIM cards", pin, "A0 20 00 01 08 " + pin, "9804"},
		{"PIN of a proprietary class", pin, "80 20 00 01 08 " + pin, "9000"},
		{"PIN in a chain", pin, "10 20 00 01 08 " + pin, "9000"},
		{"PIN with a wrong Lc", pin, "00 20 00 80 09 " + pin, "6700"},
		{"PIN with bytes behind", pin, "00 20 00 80 08 " + pin + "0000", "6700"},
		{"PIN changed", pin, "00 24 00 80 10 " + pin + pin, "9000"},
		{"PIN unblocked", pin, "00 2C 00 80 10 " + pin + pin, "9000"},
		{"PIN in an issuer script", pin, "84 24 00 02 08 " + pin, "9000"},
		{"PIN at the reader", pin, "FF 20 00 80 08 " + pin, "9000"},
		{"key at the reader", key, "FF 82 00 00 10 " + key, "9000"},
		{"PUT KEY", key, "80 D8 00 81 12 88 10 " + key, "9000"},
		{"STORE DATA", key, "80 E2 80 00 10 " + key, "9000"},
		{"secure messaging, command", key, "84 E8 00 00 10 " + key, "9000"},
		{"secure messaging, answer", key, "8C B0 00 00 00", key + "9000"},
		{"PAN", secret, "00 B2 01 0C 00", "70 0A 5A 08 " + secret + "9000"},
		{"PAN without template", secret, "00 B2 01 0C 00", "5A 08 " + secret + "9000"},
		{"PAN in a template that is none", secret, "00 B2 01 0C 00", "70 0B 5A 09 " + secret + "9000"},
		{"PAN after padding", secret, "00 B2 01 0C 00", "0000 70 0A 5A 08 " + secret + "9000"},
		{"PAN by GET DATA", secret, "80 CA 00 5A 00", "5A 08 " + secret + "9000"},
		{"PAN by GET DATA without tag", secret, "80 CA 00 5A 00", secret + "9000"},
		{"PAN in track 2", secret, "80 A8 00 00 02 8300 00", "77 0F 57 0D " + secret +
			"D25122019F 9000"},
		{"PAN in track 2 of another kernel", secret, "00 B2 01 0C 00", "70 10 9F6B 0D " + secret +
			"D25122019F 9000"},
		{"certificate", secret, "00 B2 01 1C 00", "70 0B 9F46 08 " + secret + "9000"},
		{"certificate of the issuer", secret, "00 B2 01 1C 00", "70 0A 90 08 " + secret + "9000"},
		{"signed data", secret, "00 B2 01 1C 00", "70 0A 93 08 " + secret + "9000"},
		{"log", secret, "00 B2 01 5C 00", secret + "9000"},
		{
			"PAN in a proprietary template", secret, "00 A4 04 00 07 A0000000031010 00",
			"6F 14 84 07 A0000000031010 A5 09 DF30 06 " + secret[:12] + "9000",
		},
	}
	for _, before := range []string{
		"", "00A4040007A0000000031010", "00A4040006F00102030405", "00A4040008A000000151000000",
		"00A404000AF054415042454E434801", "00A404000AF054415042454E434802",
		"00A404000E325041592E5359532E4444463031",
	} {
		for _, row := range rows {
			t.Run(fmt.Sprintf("%s after %s", row.name, before), func(t *testing.T) {
				d, p := decode.New(), says(row.command, row.answer)
				if before != "" {
					d.Exchange(spell(before), spell("9000"))
				}
				hidden := spell(row.hidden)[:6]
				x := d.Exchange(p.command, p.answer)
				checkExchange(t, p, x)
				both := slices.Concat(kept(x.Command, p.command), kept(x.Answer, p.answer))
				if bytes.Contains(both, hidden) {
					t.Errorf("%s keeps the secret: % X\n%+v\n%+v", x.Name, both, x.Command, x.Answer)
				}
			})
		}
	}
}
