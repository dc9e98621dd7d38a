package emvcard_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// hostile is a terminal that sends what it likes, as it likes.
type hostile struct {
	t       testing.TB
	fixture *emvcardtest.Fixture
	card    *emvcard.Card
	said    terminal
	seen    map[apdu.SW]bool
	atc     [2]byte // of the last cryptogram
	ac      cryptogram.AC
	last    []byte                // command
	script  *cryptogram.Messaging // of the last cryptogram; nil: no script yet
}

func newHostile(t testing.TB, fixture *emvcardtest.Fixture) *hostile {
	t.Helper()
	return &hostile{
		t: t, fixture: fixture, card: fixture.Card(t, nil), said: purchase(), seen: map[apdu.SW]bool{},
	}
}

// raw sends bytes.
func (h *hostile) raw(command []byte) apdu.Response {
	h.t.Helper()
	h.last = command
	answer, err := apdu.ParseResponse(h.card.Process(append([]byte(nil), command...)))
	if err != nil {
		h.t.Fatalf("%X: %v", command, err)
	}
	h.seen[answer.SW] = true
	h.remember(answer)
	return answer
}

// remember keeps the cryptogram that scripts are keyed by.
func (h *hostile) remember(answer apdu.Response) {
	if ac, err := tlv.Find(answer.Data, emv.TagFormat2, emv.TagCryptogram); err == nil && len(ac) == 8 {
		atc, _ := tlv.Find(answer.Data, emv.TagFormat2, emv.TagATC)
		h.ac, h.atc, h.script = cryptogram.AC(ac), [2]byte(atc), nil
	}
}

func (h *hostile) send(header [4]byte, data []byte) apdu.Response {
	h.t.Helper()
	command, err := apdu.Command{
		CLA: header[0], INS: header[1], P1: header[2], P2: header[3], Data: data, Ne: 256,
	}.Encode()
	if err != nil {
		h.t.Fatal(err)
	}
	return h.raw(command)
}

// secure sends a script's command with a MAC that is right, or right but for a bit.
func (h *hostile) secure(header [4]byte, data []byte, flip byte) apdu.Response {
	h.t.Helper()
	app := h.fixture.App()
	if h.script == nil {
		h.script = app.Scheme.Messaging(app.Keys, h.atc, h.ac, 0)
	}
	raw, err := h.script.Seal(cryptogram.Message{
		CLA: header[0], INS: header[1], P1: header[2], P2: header[3], Data: data,
		Secret: header[1] == 0x24 && len(data) > 0,
	})
	if err != nil {
		h.t.Fatal(err)
	}
	raw[len(raw)-1] ^= flip
	return h.raw(raw)
}

func (h *hostile) fill(list []byte) []byte {
	entries, err := tlv.ParseDOL(list)
	if err != nil {
		h.t.Fatal(err)
	}
	return tlv.Fill(nil, entries, func(tag tlv.Tag) ([]byte, bool) {
		value, known := h.said[tag]
		return value, known
	})
}

// word sends what a row's word says; see hostileRows.
func (h *hostile) word(word string) apdu.Response {
	h.t.Helper()
	app := h.fixture.App()
	name, value, _ := strings.Cut(word, ":")
	kinds := map[string]byte{"AAC": 0, "TC": emv.CIDTC, "ARQC": emv.CIDARQC, "CDA": emv.CIDTC | 0x10}
	switch name {
	case "select":
		return h.send([4]byte{0x00, 0xA4, 0x04, 0x00}, app.AID)
	case "gpo":
		return h.send([4]byte{0x80, 0xA8}, tlv.Append(nil, emv.TagCommandTemplate, h.fill(app.PDOL)))
	case "ac1":
		return h.send([4]byte{0x80, 0xAE, kinds[value]}, h.fill(app.CDOL1))
	case "ac2":
		return h.send([4]byte{0x80, 0xAE, kinds[value]}, h.fill(app.CDOL2))
	case "dda":
		return h.send([4]byte{0x00, 0x88}, h.said[emv.TagUN])
	case "verify":
		block, err := cryptogram.PINBlock(value)
		if err != nil {
			h.t.Fatal(err)
		}
		return h.send([4]byte{0x00, 0x20, 0x00, 0x80}, block[:])
	case "again":
		return h.raw(h.last)
	case "amount":
		h.said[emv.TagAmount] = unhex(h.t, value)
	case "code":
		h.said[emv.TagARC] = []byte(value)
	case "reset":
		h.card.Reset()
	case "script", "forged":
		flip := map[string]byte{"forged": 1}[name]
		raw := unhex(h.t, value)
		return h.secure([4]byte(raw), raw[4:], flip)
	default:
		return h.raw(unhex(h.t, name))
	}
	return apdu.Response{SW: apdu.SWNormal}
}

func unhex(t testing.TB, digits string) []byte {
	t.Helper()
	b, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// counters are what a terminal can see of a card's state.
func (h *hostile) counters() string {
	h.t.Helper()
	h.card.Reset()
	selected := h.word("select").SW
	atc := h.word("80CA9F3600").Data
	tries := h.word("80CA9F1700").Data
	const head = 3 // tag and length
	return fmt.Sprintf("%s %X %X", selected.String(),
		atc[min(head, len(atc)):], tries[min(head, len(tries)):])
}

// hostileRow is one attack: words with what answers each (a status word, 9000 unless it is said, or
// the kind of a cryptogram), and what is seen of the card's state in the end: the answer to SELECT,
// transaction counter, PIN tries.
//
//	select gpo ac1:TC ac2:AAC dda   what an honest terminal sends
//	verify:1234                     VERIFY with a PIN in clear
//	amount:000000001234 code:Y3     9F02 and 8A from now on; no command
//	script:801E0000 forged:801E0000 a header and data, secured, with a MAC that is right or isn't
//	again reset                     the last command once more; a warm reset
//	00B2010C00                      any other bytes
type hostileRow struct {
	name, words, left string
}

func TestHostileTerminals(t *testing.T) {
	for name, row := range hostileTables() {
		for _, r := range row.rows {
			t.Run(name+"/"+r.name, func(t *testing.T) {
				row.run(t, r)
			})
		}
	}
}

// hostileTable is rows for one card.
type hostileTable struct {
	fixture func(t testing.TB) *emvcardtest.Fixture
	rows    []hostileRow
}

// run returns the status words that were seen.
func (table hostileTable) run(t testing.TB, r hostileRow) map[apdu.SW]bool {
	t.Helper()
	h := newHostile(t, table.fixture(t))
	for i, field := range strings.Fields(r.words) {
		word, want, _ := strings.Cut(field, "=")
		if want == "" {
			want = "9000"
		}
		if got := said(h.word(word), want); !fits(got, want) {
			t.Fatalf("word %d, %s: got %s, want %s", i+1, word, got, want)
		}
	}
	if r.left != "" {
		if got := h.counters(); got != r.left {
			t.Errorf("left: got %s, want %s", got, r.left)
		}
		if got := h.honest(); got != "9000" && !strings.HasPrefix(r.left, "6") {
			t.Errorf("an honest payment afterwards: %s", got)
		}
	}
	return h.seen
}

// honest pays once; it returns the status word that ended it.
func (h *hostile) honest() string {
	h.said = purchase()
	sw := apdu.SWNormal
	for _, word := range []string{"select", "gpo", "ac1:ARQC"} {
		if sw = h.word(word).SW; sw != apdu.SWNormal {
			break
		}
	}
	return sw.String()
}

// fits compares a status word with one whose dots stand for any digit.
func fits(got, want string) bool {
	for i := range want {
		if want[i] != '.' && want[i] != got[i] {
			return false
		}
	}
	return len(got) == len(want)
}

// said is an answer's status word, or the kind of its cryptogram where a kind is wanted.
func said(answer apdu.Response, want string) string {
	kinds := map[string]byte{"AAC": 0, "TC": emv.CIDTC, "ARQC": emv.CIDARQC}
	cid, err := tlv.Find(answer.Data, emv.TagFormat2, emv.TagCID)
	if _, isKind := kinds[want]; !isKind || err != nil || len(cid) != 1 {
		return answer.SW.String()
	}
	for name, kind := range kinds {
		if cid[0] == kind {
			return name
		}
	}
	return "no kind"
}
