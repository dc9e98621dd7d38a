package redact_test

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/decode"
	"tapbench/applet/redact"
	"tapbench/pcsc/trace"
)

// TestRedact: what of an exchange is plain, what varies, and what is a stand-in.
func TestRedact(t *testing.T) {
	for _, row := range []struct {
		name            string
		first, then     pair
		command, answer string
	}{
		{
			"an application that nobody knows, a template", selectForeign(),
			says("00 B2 01 0C 00", "70 08 5A 04 01020304 81 00 9000"),
			"00B2010C00", "70085A04 {pan 4} 81009000",
		},
		{
			"an application that nobody knows, bytes", selectForeign(),
			says("00 B0 00 00 04", "5A0201029000"), "00B0000004", "{data 4} 9000",
		},
		{
			"a PIN to an application that nobody knows", selectForeign(),
			says("00 20 00 01 04 31323334", "6982"), "0020000104 {pin 4}", "6982",
		},
		{
			"a PIN to a payment application", selectScheme(),
			says("00 20 00 80 08 241234FFFFFFFFFF", "63C2"), "0020008008 {pin 8}", "63C2",
		},
		{
			"secure messaging", selectScheme(),
			says("84 1E 00 00 04 AABBCCDD", "9000"), "841E000004 {secured 4}", "9000",
		},
		{
			"a key", says("00 A4 04 00 08 A000000151000000 00", "9000"),
			says("80 D8 00 81 06 01880102 0304 00", "01 9000"),
			"80D8008106 {key 6} 00", "{key 1} 9000",
		},
		{
			"no answer", selectForeign(),
			pair{command: spell("00 20 00 01 04 31323334")},
			"0020000104 {pin 4}", "",
		},
		{
			"bytes that aren't a command", selectForeign(), says("00 20 00 01 09 31323334", "6700"),
			"00200001 {pin 5}", "6700",
		},
		{
			"a record of a scheme's card", selectScheme(),
			record(
				object(0x57, spell("5413330089020011D25122019F")),
				object(0x5A, spell("5413330089020011")), object(0x5F20, []byte("DOE/JANE")),
				object(0x5F24, spell("251231")), object(0x9F46, spell("010203040506")),
			),
			"00B2010C00",
			"7033570D {track 13} 5A08 {pan 8} 5F2008 {name 8} 5F24032512319F4606 {signed 6} 9000",
		},
		{
			"what varies", selectScheme(),
			says("80 A8 00 00 12 83 10 36004000 000000001000 12345678 0978 00",
				"77 14 82 02 2000 9F36 02 0042 9F26 08 1122334455667788 9000"),
			"80A8000012831036004000000000001000 (un 12345678) 097800",
			"7714820220009F3602 (atc 0042) 9F2608 (cryptogram 1122334455667788) 9000",
		},
		{
			"PAN and track of the test IIN", selectScheme(),
			record(object(0x5A, spell("9999990000000006")),
				object(0x57, spell("9999990000000006D25122019F"))),
			"00B2010C00", "70195A089999990000000006570D9999990000000006D25122019F9000",
		},
		{
			"the test IIN with a wrong check digit", selectScheme(),
			record(object(0x5A, spell("9999990000000007"))), "00B2010C00",
			"700A5A08 {pan 8} 9000",
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := fixed()
			r.Redact(row.first.command, row.first.answer)
			command, answer := r.Redact(row.then.command, row.then.answer)
			got := []string{text(command), text(answer)}
			if diff := cmp.Diff([]string{row.command, row.answer}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestFields: whatever a decoder says, no byte gets lost, and what no field covers is hidden.
func TestFields(t *testing.T) {
	message := spell("00112233445566778899")
	kept := func(start, off, n int) decode.Field {
		return decode.Field{Start: start, Off: off, Len: n, Secrecy: decode.Clear}
	}
	for _, row := range []struct {
		name   string
		fields []decode.Field
		want   string
	}{
		{"none", nil, "{data 10}"},
		{"a gap in the middle", []decode.Field{kept(0, 0, 4), kept(6, 6, 4)}, "00112233 {data 2} 66778899"},
		{"a gap at the end", []decode.Field{kept(0, 2, 4)}, "001122334455 {data 4}"},
		{"beyond the end", []decode.Field{kept(0, 0, 4), kept(4, 4, 7)}, "00112233 {data 6}"},
		{"a negative length", []decode.Field{kept(0, 4, -1)}, "{data 10}"},
		{"backwards", []decode.Field{kept(4, 4, 2), kept(0, 0, 2)}, "{data 4} 4455 {data 4}"},
		{
			"one over the other", []decode.Field{
				{Start: 0, Off: 2, Len: 4}, kept(2, 2, 6),
			}, "0011 {data 4} 6677 {data 2}",
		},
		{
			"a template with a gap", []decode.Field{
				{Start: 0, Off: 2, Len: 8, Template: true}, kept(2, 3, 2),
			}, "0011223344 {data 5}",
		},
		{"an empty value", []decode.Field{kept(0, 0, 8), {Start: 8, Off: 10}}, "00112233445566778899"},
	} {
		t.Run(row.name, func(t *testing.T) {
			if got := text(fixed().Fields(message, row.fields)); got != row.want {
				t.Errorf("%s, not %s", got, row.want)
			}
		})
	}
}

// TestKeys: the same key gives the same stand-ins, another key others, and no key a fresh one.
func TestKeys(t *testing.T) {
	secret := record(object(0x5A, spell("5413330089020011")), object(0x9F46, spell("0102030405060708")))
	redacted := func(c redact.Config) []byte {
		r := redact.New(c)
		first := selectScheme()
		r.Redact(first.command, first.answer)
		_, answer := r.Redact(secret.command, secret.answer)
		b, _ := answer.Bytes()
		return b
	}
	one, other := redact.Config{Key: [32]byte{1}}, redact.Config{Key: [32]byte{2}}
	if !bytes.Equal(redacted(one), redacted(one)) {
		t.Error("the same key: other stand-ins")
	}
	if bytes.Equal(redacted(one), redacted(other)) {
		t.Error("another key: the same stand-ins")
	}
	if bytes.Equal(redacted(redact.Config{}), redacted(redact.Config{})) {
		t.Error("no key: the same stand-ins")
	}
}

// TestReset: a reset card has forgotten which application was selected.
func TestReset(t *testing.T) {
	r := fixed()
	first, get := selectScheme(), says("00 B2 01 0C 00", "70 05 9F36 02 0042 9000")
	r.Redact(first.command, first.answer)
	_, before := r.Redact(get.command, get.answer)
	if got, want := text(before), "70059F3602"; got[:4] != want[:4] {
		t.Errorf("before the reset: %s", got)
	}
	r.Reset()
	_, after := r.Redact(get.command, get.answer)
	if len(standIns(after, "data")) == 0 {
		t.Errorf("after the reset: %s", text(after))
	}
}

// TestOwnDialogue: of taps with a card and with tokens of ours nothing is replaced; before them,
// one key and the name under which the user is registered.
func TestOwnDialogue(t *testing.T) {
	r := fixed()
	dialogue, tap := ownDialogue(t)
	labels := map[string]int{}
	for i, p := range dialogue {
		command, answer := r.Redact(p.command, p.answer)
		for _, part := range trace.Join(command, answer) {
			if part.Mark != trace.StandIn {
				continue
			}
			labels[part.Label]++
			if i >= tap {
				t.Errorf("% X: stand-in %s", p.command, part.Label)
			}
		}
	}
	if diff := cmp.Diff(map[string]int{"key": 1, "name": 1}, labels); diff != "" {
		t.Error(diff)
	}
}
