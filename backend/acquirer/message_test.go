package acquirer

import (
	"bytes"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/pcsc/tlv"
)

// The bytes are written by hand from ISO 8583:1987, 4.3: bits 1, 7, 11, 41, 42 and 70 of the
// bitmap.
func TestSignOnGolden(t *testing.T) {
	bitmap, err := hex.DecodeString("8220000000C000000400000000000000")
	if err != nil {
		t.Fatal(err)
	}
	want := "0800" + string(bitmap) + "1121123456" + "000042" + "POS1    " + "MERTEST1SHOP01 " + "001"
	got, err := NetworkSignOn.message(authorisation(t, message.NewPartyID("MERTEST1")).Key).pack()
	if err != nil || string(got) != want {
		t.Errorf("sign-on: got %q, %v, want %q", got, err, want)
	}
}

func TestUnpackRefuses(t *testing.T) {
	good, err := NetworkSignOn.message(authorisation(t, message.NewPartyID("MERTEST1")).Key).pack()
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct {
		name string
		raw  []byte
	}{
		{"nothing", nil},
		{"half an MTI", good[:2]},
		{"half a bitmap", good[:8]},
		{"cut off in a field", good[:len(good)-1]},
		{"bytes behind the last field", append(bytes.Clone(good), '0')},
		{"field that isn't in use", bytes.Replace(good, []byte{0x82, 0x20}, []byte{0x82, 0x21}, 1)},
		{"third bitmap", bytes.Replace(good, []byte{0x04, 0x00}, []byte{0x84, 0x00}, 1)},
		{"length with a sign", []byte("0100\x40\x00\x00\x00\x00\x00\x00\x00+9999999999")},
		{"length above the maximum", []byte("0100\x40\x00\x00\x00\x00\x00\x00\x0020" +
			strings.Repeat("9", 20))},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, err := unpack(test.raw); !errors.Is(err, ErrFormat) {
				t.Errorf("unpack(%q): got error %v, want %v", test.raw, err, ErrFormat)
			}
		})
	}
	if _, err := unpack(good); err != nil {
		t.Errorf("unpack(%q): %v", good, err)
	}
}

// An error that quotes a field quotes a PAN one day.
func TestUnpackNamesNoValue(t *testing.T) {
	raw := []byte("0100\x40\x00\x00\x00\x00\x00\x00\x00" + canary)
	_, err := unpack(raw)
	if err == nil || strings.Contains(fmt.Sprintf("%+v %#v", err, err), canary[4:15]) {
		t.Errorf("unpack: got error %v", err)
	}
	m, err := authorisation(t, message.NewPartyID("MERTEST1")).message()
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s"} {
		if text := fmt.Sprintf(verb, m); strings.Contains(text, canary[4:15]) {
			t.Errorf("%s shows %s", verb, text)
		}
	}
}

func TestAuthorisationRoundTrip(t *testing.T) {
	party := message.NewPartyID("MERTEST1")
	want := authorisation(t, party)
	want.Party = party
	m, err := want.message()
	if err != nil {
		t.Fatal(err)
	}
	raw, err := m.pack()
	if err != nil {
		t.Fatal(err)
	}
	if n := len(m.fields[fieldICC]); n > maxICCLen {
		t.Errorf("field 55 has %d bytes", n)
	}
	back, err := unpack(raw)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parseAuthorisation(back, party)
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("authorisation: %v", err)
	}
	r := reversal(want)
	if m, err = r.message(); err != nil {
		t.Fatal(err)
	}
	if raw, err = m.pack(); err != nil {
		t.Fatal(err)
	}
	if back, err = unpack(raw); err != nil {
		t.Fatal(err)
	}
	if got, err := parseReversal(back, party); err != nil || got != r {
		t.Errorf("reversal: got %v, %v, want %v", got, err, r)
	}
	if bytes.Contains(raw, []byte(canary)) {
		t.Error("the reversal holds the PAN")
	}
}

func TestParseAuthorisationRefuses(t *testing.T) {
	set := func(id int, value string) func(isoMessage) {
		return func(m isoMessage) { m.fields[id] = value }
	}
	icc := func(change func(*ICC)) func(isoMessage) {
		return func(m isoMessage) {
			d, err := parseICC([]byte(m.fields[fieldICC]))
			if err != nil {
				t.Fatal(err)
			}
			change(&d)
			raw, err := d.encode()
			if err != nil {
				t.Fatal(err)
			}
			m.fields[fieldICC] = string(raw)
		}
	}
	tests := []struct {
		name   string
		change func(m isoMessage)
	}{
		{"no PAN", func(m isoMessage) { delete(m.fields, fieldPAN) }},
		{"no field 55", func(m isoMessage) { delete(m.fields, fieldICC) }},
		{"field without a place", set(fieldCode, "00")},
		{"PAN with a wrong check digit", set(fieldPAN, canary[:18]+"0")},
		{"PAN of 16 digits", set(fieldPAN, "4242424242424242")},
		{"processing code of a refund", set(fieldProcessing, "200000")},
		{"entry mode of a stripe", set(fieldEntryMode, "902")},
		{"condition code of mail order", set(fieldCondition, "08")},
		{"amount with a letter", set(fieldAmount, "00000000125x")},
		{"amount with a sign", set(fieldAmount, "+00000001250")},
		{"unknown currency", set(fieldCurrency, "999")},
		{"STAN 0", set(fieldSTAN, "000000")},
		{"STAN with a space", set(fieldSTAN, " 00042")},
		{"transmission in month 13", set(fieldTransmission, "1321123456")},
		{"local time 24:00:00", set(fieldLocalTime, "240000")},
		{"terminal not printable", set(fieldTerminal, "POS1\x00   ")},
		{"amount not that of field 55", set(fieldAmount, "000000001251")},
		{"currency not that of field 55", set(fieldCurrency, "840")},
		{"merchant not that of field 55", set(fieldMerchant, "MERTEST2SHOP01 ")},
		{"date not that of field 55", set(fieldLocalDate, "1122")},
		{"date in field 55 is none", func(m isoMessage) {
			icc(func(d *ICC) { d.Terminal.Date = [3]byte{0x26, 0x02, 0x30} })(m)
			m.fields[fieldLocalDate] = "0230"
		}},
		{"field 55 empty", set(fieldICC, "")},
		{"field 55 malformed", set(fieldICC, "\x9F")},
		{"field 55 with a further object", func(m isoMessage) {
			m.fields[fieldICC] = string(tlv.Append([]byte(m.fields[fieldICC]), 0x50, []byte("X")))
		}},
		{"field 55 with an object twice", func(m isoMessage) {
			m.fields[fieldICC] = string(tlv.Append([]byte(m.fields[fieldICC]), emv.TagCID, []byte{0x80}))
		}},
		{"field 55 in another order", func(m isoMessage) {
			raw := m.fields[fieldICC]
			m.fields[fieldICC] = raw[4:] + raw[:4]
		}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := authorisation(t, message.NewPartyID("MERTEST1")).message()
			if err != nil {
				t.Fatal(err)
			}
			test.change(m)
			_, err = parseAuthorisation(m, message.PartyID{})
			if !errors.Is(err, ErrFormat) {
				t.Errorf("got error %v, want %v", err, ErrFormat)
			}
		})
	}
}

func TestParseReversalRefuses(t *testing.T) {
	for name, original := range map[string]string{
		"another message type": "02000000421121123456" + originalTail,
		"STAN 0":               "01000000001121123456" + originalTail,
		"no date":              "01000000421321123456" + originalTail,
		"an institution":       "01000000421121123456" + "1" + originalTail[1:],
		"too short":            "0100000042",
	} {
		m, err := reversal(authorisation(t, message.NewPartyID("MERTEST1"))).message()
		if err != nil {
			t.Fatal(err)
		}
		m.fields[fieldOriginal] = original
		if _, err := parseReversal(m, message.PartyID{}); !errors.Is(err, ErrFormat) {
			t.Errorf("%s: got error %v, want %v", name, err, ErrFormat)
		}
	}
}

func TestParseAuthorisationAnswerRefuses(t *testing.T) {
	q := authorisation(t, message.NewPartyID("MERTEST1"))
	tests := []struct {
		name   string
		change map[int]string
	}{
		{"another STAN", map[int]string{fieldSTAN: "000043"}},
		{"another time", map[int]string{fieldTransmission: "1121123457"}},
		{"another terminal", map[int]string{fieldTerminal: "POS2    "}},
		{"another amount", map[int]string{fieldAmount: "000000001251"}},
		{"no amount", map[int]string{fieldAmount: ""}},
		{"unknown code", map[int]string{fieldCode: "77"}},
		{"approval without reference number", map[int]string{fieldRRN: ""}},
		{"reference number with a space", map[int]string{fieldRRN: "63260000004 "}},
		{"approval without its code", map[int]string{fieldApproval: ""}},
		{"approval without issuer authentication", map[int]string{fieldICC: ""}},
		{"issuer authentication too short", map[int]string{fieldICC: "\x91\x01\x00"}},
		{"decline with an approval code", map[int]string{fieldCode: "51"}},
		{"PAN in the answer", map[int]string{fieldPAN: canary}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			m, err := approval().message(q)
			if err != nil {
				t.Fatal(err)
			}
			for id, value := range test.change {
				if value == "" {
					delete(m.fields, id)
				} else {
					m.fields[id] = value
				}
			}
			if _, err := parseAuthorisationAnswer(m, q); !errors.Is(err, ErrFormat) {
				t.Errorf("got error %v, want %v", err, ErrFormat)
			}
		})
	}
}

func TestAnswerFields(t *testing.T) {
	q := authorisation(t, message.NewPartyID("MERTEST1"))
	m, err := approval().message(q)
	if err != nil {
		t.Fatal(err)
	}
	a, err := parseAuthorisationAnswer(m, q)
	if err != nil || !cmp.Equal(a, approval()) {
		t.Errorf("approval: %v, %s", err, cmp.Diff(approval(), a))
	}
	// What an answer may hold is closed: nothing in it can name a bank, an account or a handle.
	want := map[int]string{
		fieldAmount: "000000001250", fieldTransmission: "1121123456", fieldSTAN: "000042",
		fieldRRN: "632600000042", fieldApproval: "A1B2C3", fieldCode: "00", fieldTerminal: "POS1    ",
		fieldMerchant: "MERTEST1SHOP01 ", fieldCurrency: "978",
		fieldICC: "\x91\x08\x01\x02\x03\x04\x00\x82\x00\x00",
	}
	if !maps.Equal(m.fields, want) {
		t.Errorf("fields: %s", cmp.Diff(want, m.fields))
	}
}

func TestCodes(t *testing.T) {
	seen := make(map[string]bool)
	for _, row := range Codes() {
		code := row.Code
		text := code.String()
		if !code.known() || seen[text] || len(code) != 2 || code.ARC() != [2]byte{code[0], code[1]} {
			t.Errorf("code %q: %q", string(code), text)
		}
		if code.Approved() != emv.Approves(code.CSU()) {
			t.Errorf("code %s: its CSU says the opposite", code)
		}
		seen[text] = true
	}
	if Code("77").known() || Code("").Approved() {
		t.Error("an unknown code is known, or approves")
	}
}

func TestKeySum(t *testing.T) {
	k := authorisation(t, message.NewPartyID("MERTEST1")).Key
	other := k
	other.Party[7] = '2'
	for name, changed := range map[string]Key{
		"party":    other,
		"merchant": {k.Party, Merchant{'X'}, k.Terminal, k.STAN, k.Sent},
		"terminal": {k.Party, k.Merchant, Terminal{'X'}, k.STAN, k.Sent},
		"STAN":     {k.Party, k.Merchant, k.Terminal, 43, k.Sent},
		"stamp":    {k.Party, k.Merchant, k.Terminal, k.STAN, NewStamp(time.Unix(0, 0))},
	} {
		if changed.Sum() == k.Sum() {
			t.Errorf("another %s has the same sum", name)
		}
	}
}

func TestICCCryptogram(t *testing.T) {
	d := authorisation(t, message.NewPartyID("MERTEST1")).ICC
	key := emv.MasterKey{1, 2, 3}
	sk := emv.SessionKey(key, d.ATC)
	want := emv.Cryptogram(sk, d.Terminal.Encode(), d.AIP[:], []byte{0, 1}, d.IAD)
	if got := d.Cryptogram(key); got != want {
		t.Errorf("Cryptogram: got % X, want % X", got, want)
	}
	auth := d.IssuerAuth(key, CodeInsufficientFunds)
	if emv.Approves([4]byte(auth[4:])) {
		t.Errorf("IssuerAuth of a decline approves: % X", auth)
	}
	tap := d.TapMessage(emv.PAN{})
	if tap.ATC != [2]byte{0, 1} || tap.Merchant != d.Terminal.Merchant {
		t.Errorf("TapMessage: got %v", tap)
	}
}

// What is read as a request and written again is the same message; and what can be described shows
// no PAN.
func FuzzMessage(f *testing.F) {
	for _, sample := range samples(f) {
		m, err := sample.build()
		if err != nil {
			f.Fatal(err)
		}
		raw, err := m.pack()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
		f.Add(raw[:len(raw)/2])
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		words, describing := Describe(raw)
		m, err := unpack(raw)
		if err != nil {
			if !errors.Is(describing, ErrFormat) {
				t.Errorf("Describe: got %v, unpack %v", describing, err)
			}
			return
		}
		if again, err := m.pack(); err != nil || !bytes.Equal(again, raw) {
			t.Errorf("packing gives %q, %v", again, err)
		}
		if pan := m.fields[fieldPAN]; len(pan) == maxPANLen && strings.Contains(words, pan) {
			t.Errorf("the words show the PAN: %s", words)
		}
		sameAgain(t, m, parseAuthorisation)
		sameAgain(t, m, parseReversal)
		sameAgain(t, m, parseRefund)
		sameAgain(t, m, parseAdvice)
		sameAgain(t, m, parseReconcile)
	})
}

// sameAgain reads a request and, if it is one, writes it again.
func sameAgain[Q interface{ message() (isoMessage, error) }](
	t *testing.T, m isoMessage, parse func(isoMessage, message.PartyID) (Q, error),
) {
	t.Helper()
	q, err := parse(m, message.PartyID{})
	if err != nil {
		return
	}
	back, err := q.message()
	if err != nil || back.mti != m.mti || !maps.Equal(back.fields, m.fields) {
		t.Errorf("%T: got another message, %v", q, err)
	}
}

func TestMerchantsAndTerminals(t *testing.T) {
	for _, bad := range []string{"", "sixteen letters!", "tab\tin it", "Ümlaut"} {
		if _, err := NewMerchant(bad); !errors.Is(err, ErrFormat) {
			t.Errorf("NewMerchant(%q): got error %v", bad, err)
		}
	}
	if _, err := NewTerminal("ninechars"); !errors.Is(err, ErrFormat) {
		t.Errorf("NewTerminal(ninechars): got error %v", err)
	}
	m, err := NewMerchant("SHOP")
	if err != nil || string(m[:]) != "SHOP           " || m.String() != "SHOP" {
		t.Errorf("NewMerchant(SHOP): got %q, %v", m, err)
	}
}
