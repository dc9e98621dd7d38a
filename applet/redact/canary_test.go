package redact_test

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"math/big"
	"slices"
	"strings"
	"testing"

	"tapbench/applet/redact"
)

// The secrets that foreign cards and their users have.
const (
	pan16   = "5413330089020011"
	pan19   = "6304861532970648513"
	track2  = "5413330089020011D25122017639405F"
	track1  = "B5413330089020011^MUSTERFRAU/ERIKA^2512201763940582719"
	holder  = "MUSTERFRAU/ERIKA"
	pin     = "7391"
	longPIN = "739164820557"
	unblock = "90418273"
	secret  = "A7C3195E20D84B6F1192E38D5C740BFA"
	birth   = "19730425"
	iban    = "DE89370400440532013000"
)

// pinBlocks returns the PIN in the codings that cards are sent: ASCII, ASCII with padding, BCD with
// padding, and the blocks of ISO 9564-1 (format 1 with a transaction field, 3 with random digits).
func pinBlocks() [][]byte {
	pinField, account := spell("047391FFFFFFFFFF"), spell("0000333008902001")
	format0 := make([]byte, 8)
	for i := range format0 {
		format0[i] = pinField[i] ^ account[i]
	}
	format3 := spell("347391ABCDEFABCD")
	for i := range format3 {
		format3[i] ^= account[i]
	}
	return [][]byte{
		[]byte(pin), append([]byte(pin), 0xFF, 0xFF, 0xFF, 0xFF), []byte(pin + "\x00\x00\x00\x00"),
		[]byte(longPIN), spell("7391FFFFFFFFFFFF"), format0, spell("1473910A83C5E2F7"),
		spell("247391FFFFFFFFFF"), format3, spell("447391AAAAAAAAAA6C1E93B7D5028F4A"),
	}
}

// foreignDialogue returns a dialogue with cards that aren't ours, with all those secrets in it.
func foreignDialogue() []pair {
	cn16, cn19 := spell(pan16), spell(pan19+"F")
	dialogue := []pair{
		says("00 20 00 01 08 "+hex.EncodeToString([]byte(unblock)), "6A88"), // nothing selected
		selectScheme(),
		says("80 A8 00 00 12 83 10 36004000 000000001000 12345678 0978 00",
			"77 33 82 02 2000 94 04 10010101 57 10 "+track2+
				" 9F10 04 06011203 9F36 02 0042 9F26 08 1122334455667788 9000"),
		record(object(0x5A, cn16), object(0x57, spell(track2)), object(0x5F20, []byte(holder))),
		record(object(0x56, []byte(track1)), object(0x9F1F, []byte("1763940582719"))),
		record(object(0x9F20, spell("1763940582719F")), object(0x5F2B, spell(birth))),
		record(object(0x9F46, slices.Concat(spell(secret), cn16, spell(secret)))),
		// A card that is known by its options alone, with a list that asks for the number.
		says("00 A4 04 00 07 F0A1A2A3A4A501 00", "6F 09 84 07 F0A1A2A3A4A501 9000"),
		says("80 A8 00 00 02 8300 00", "80 06 1980 08010200 9000"),
		record(object(0x8C, spell("5A08 9F3704 DF3008"))), record(object(0x5F53, []byte(iban))),
		record(object(0x9F6B, spell(track2)), object(0x9F0B, []byte(holder))),
		record(object(0x93, slices.Concat(spell(secret), cn16)), object(0x9F2D, cn16)),
		record(object(0xDF8129, cn16), object(0x9F24, []byte("Q"+pan16+"ABC"))),
		says("80 AE 50 00 14 "+pan16+"12345678"+secret[:16]+"00",
			"77 1B 9F27 01 80 9F36 02 0042 9F4B 10 "+secret+"9000"),
		says("00 88 00 00 04 12345678 00", "80 10 "+secret+"9000"),
		says("80 CA 00 5A 00", pan16+"9000"), says("80 CA DF 30 00", pan16+"9000"),
		says("00 B2 01 5C 00", pan16+secret+"9000"),
		says("00 B2 02 5C 00", "5A 08 "+pan16+"9000"),
		says("84 DA 9F 58 10 "+secret, "9000"),
		selectScheme(),
		// Where they may not be, but were seen before.
		record(object(0x9F10, slices.Concat([]byte{6}, cn16, []byte{1, 2})),
			object(0x50, []byte("No. "+pan16)), object(0x9F16, []byte(holder))),
		record(object(0x9F10, spell("0"+pan16+"F")), object(0x9F12, []byte(holder))),
		record(object(0x5A, cn19), object(0x9F10, spell("F"+pan19))),
		record(object(0x50, []byte(pan19)), object(0x9F10, cn19)),
		says("84 24 00 00 0C "+secret[:24], "9000"),
		selectForeign(),
		record(object(0x5A, cn16), object(0x57, spell(track2)), object(0x5F20, []byte(holder))),
		{spell("00 B0 00 00 00"), slices.Concat(cn16, []byte(holder), cn19, spell(secret+"9000"))},
		says("00 B0 00 10 10", secret+"9000"),
		says("00 88 00 00 10 "+secret+"10", secret+"9000"),
		says("10 DB 3F FF 08 "+secret[:16], "9000"), says("00 DB 3F FF 08 "+secret[16:], "9000"),
		says("00 CA 01 00 00", secret[:16]+"6108"), says("00 C0 00 00 08", secret[16:]+"9000"),
		says("0C B0 00 00 10 "+secret, secret+"9000"),
		says("FF 82 20 00 10 "+secret, "9000"),
		says("FF 00 00 00 10 "+secret, secret+"9000"),
		says("80 D8 00 81 10 "+secret, "9000"), says("80 E2 90 00 10 "+secret, "9000"),
	}
	for _, block := range pinBlocks() {
		dialogue = append(dialogue, carrying("00 20 00 80", block),
			carrying("00 2C 00 80", append([]byte(unblock), block...)),
			carrying("00 24 00 80", append(block, block...)))
	}
	return dialogue
}

// carrying returns a command with a data field, and the answer that all is well.
func carrying(header string, data []byte) pair {
	return pair{append(append(spell(header), byte(len(data))), data...), spell("9000")}
}

// codings returns what the bytes look like, whoever writes them.
func codings(b []byte) []string {
	reversed, swapped := slices.Clone(b), slices.Clone(b)
	slices.Reverse(reversed)
	for i, c := range swapped {
		swapped[i] = c<<4 | c>>4
	}
	all := []string{string(b), string(reversed), string(swapped)}
	for _, form := range [][]byte{b, reversed, swapped} {
		digits := hex.EncodeToString(form)
		spaced := strings.TrimSpace(strings.Repeat("%s ", len(form)))
		for i := range form {
			spaced = strings.Replace(spaced, "%s", digits[2*i:2*i+2], 1)
		}
		all = append(all, digits, spaced, strings.ReplaceAll(spaced, " ", ":"))
	}
	backwards := []byte(hex.EncodeToString(b))
	slices.Reverse(backwards)
	all = append(all, string(backwards), new(big.Int).SetBytes(b).String())
	return append(all, inBase64(b)...)
}

// inBase64 returns the characters that b has in base64, whatever stands before and behind.
func inBase64(b []byte) []string {
	var all []string
	for before := range 3 {
		for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
			s := e.EncodeToString(append(make([]byte, before), b...))
			from, to := (8*before+5)/6, (8*(before+len(b)))/6
			all = append(all, s[from:to])
		}
	}
	return all
}

// canaries returns every secret of the dialogue in every coding.
func canaries() map[string][]string {
	all := map[string][]string{}
	digits := func(name, s string) {
		shifted := "0" + s + strings.Repeat("0", 1-len(s)%2)
		even := s[:len(s)/2*2]
		all[name] = append(codings([]byte(s)), codings(spell(even))...)
		all[name] = append(all[name], codings(spell(shifted)[1:len(shifted)/2-1])...)
	}
	digits("PAN of 16 digits", pan16)
	digits("PAN of 19 digits", pan19)
	digits("discretionary data", "763940582719")
	digits("date of birth", birth)
	digits("long PIN", longPIN)
	all["IBAN"] = codings([]byte(iban[4:]))
	digits("unblocking key", unblock)
	all["track 2"] = codings(spell(track2)[8:])
	all["name"] = append(codings([]byte("MUSTERFRAU")), codings([]byte("ERIKA"))...)
	for _, part := range []string{secret[:16], secret[16:]} {
		all["key"] = append(all["key"], codings(spell(part))...)
	}
	for _, block := range pinBlocks() {
		all["PIN"] = append(all["PIN"], codings(block)...)
	}
	return all
}

// TestCanaries: no secret is in a recording, in whatever coding one looks.
func TestCanaries(t *testing.T) {
	dialogue := foreignDialogue()
	file, warnings := recorded(t, redact.Config{Key: [32]byte{1}}, dialogue)
	var bytesOfAll []byte
	for i, s := range steps(t, file) {
		command, whole := s.Command.Bytes()
		answer, wholeAnswer := s.Answer.Bytes()
		if !whole || !wholeAnswer || len(command) != len(dialogue[i].command) ||
			len(answer) != len(dialogue[i].answer) {
			t.Errorf("line %d: not as long as what passed", s.Line)
		}
		bytesOfAll = append(append(bytesOfAll, command...), answer...)
	}
	haystacks := [][]byte{
		bytesOfAll, []byte(file), []byte(warnings), []byte(hex.EncodeToString(bytesOfAll)),
		[]byte(strings.NewReplacer(" ", "", "\n", "", "{", "", "}", "").Replace(file)),
	}
	for name, needles := range canaries() {
		for _, needle := range needles {
			for i, haystack := range haystacks {
				at := bytes.Index(bytes.ToLower(haystack), bytes.ToLower([]byte(needle)))
				if at >= 0 && len(needle) >= 4 {
					t.Errorf("%s: %q is in haystack %d at %d", name, needle, i, at)
				}
			}
		}
	}
}

// TestCanariesAreFound: the search would find them in a recording that holds them.
func TestCanariesAreFound(t *testing.T) {
	file := script(t, foreignDialogue()).String()
	for name, needles := range canaries() {
		if !slices.ContainsFunc(needles, func(needle string) bool {
			return strings.Contains(strings.ToLower(file), strings.ToLower(needle))
		}) {
			t.Errorf("%s isn't in the dialogue", name)
		}
	}
}
