package emvcard_test

import (
	"bytes"
	"context"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// terminal is what the tests' terminal says: what isn't named is zeros.
type terminal map[tlv.Tag][]byte

func (w terminal) fill(t *testing.T, list []byte) []byte {
	t.Helper()
	entries, err := tlv.ParseDOL(list)
	if err != nil {
		t.Fatal(err)
	}
	return tlv.Fill(nil, entries, func(tag tlv.Tag) ([]byte, bool) { v, ok := w[tag]; return v, ok })
}

func purchase() terminal {
	return terminal{
		emv.TagAmount: {0, 0, 0, 0, 0x12, 0x34}, emv.TagCurrency: {0x09, 0x78},
		emv.TagUN: {0xA1, 0xB2, 0xC3, 0xD4}, emv.TagDate: {0x26, 0x11, 0x21},
		emv.TagCountry: {0x02, 0x76},
	}
}

// dialogue is a session that a test drives command by command.
type dialogue struct {
	t       *testing.T
	fixture *emvcardtest.Fixture
	session *pcsc.Session
	said    terminal
	given   [][]byte // what the card signs besides its answer
}

func begin(t *testing.T, fixture *emvcardtest.Fixture, card pcsc.Processor) *dialogue {
	t.Helper()
	return &dialogue{t: t, fixture: fixture, session: fixture.Session(t, card), said: purchase()}
}

// send returns what a command is answered; another status word than 9000 ends the test.
func (d *dialogue) send(cla, ins, p1, p2 byte, data []byte) []byte {
	d.t.Helper()
	answer, err := d.session.Exchange(context.Background(), apdu.Command{
		CLA: cla, INS: ins, P1: p1, P2: p2, Data: data, Ne: 256,
	})
	if err != nil || answer.SW != apdu.SWNormal {
		d.t.Fatalf("%02X%02X%02X%02X: %v, %v", cla, ins, p1, p2, answer.SW, err)
	}
	return answer.Data
}

func (d *dialogue) open() []byte {
	d.t.Helper()
	d.send(0x00, 0xA4, 0x04, 0x00, emvcardtest.AID())
	values := d.said.fill(d.t, d.fixture.App().PDOL)
	d.given = [][]byte{values}
	return d.send(0x80, 0xA8, 0, 0, tlv.Append(nil, emv.TagCommandTemplate, values))
}

// generate asks for a cryptogram with the data of a list.
func (d *dialogue) generate(p1 byte, list []byte) map[tlv.Tag][]byte {
	d.t.Helper()
	values := d.said.fill(d.t, list)
	d.given = append(d.given, values)
	return objects(d.t, d.send(0x80, 0xAE, p1, 0, values))
}

// objects returns what template 77 holds.
func objects(t *testing.T, answer []byte) map[tlv.Tag][]byte {
	t.Helper()
	out := map[tlv.Tag][]byte{}
	err := tlv.Walk(answer, func(e tlv.Element, depth int) error {
		if depth == 1 {
			out[e.Tag] = e.Value
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// wantAC computes the cryptogram of an answer as its issuer does.
func (d *dialogue) wantAC(answer map[tlv.Tag][]byte) {
	d.t.Helper()
	app := d.fixture.App()
	ac, err := app.Scheme.Compute(app.Keys.AC, cryptogram.Data{
		Terminal: d.said.fill(d.t, []byte("\x9F\x02\x06\x9F\x03\x06\x9F\x1A\x02\x95\x05"+
			"\x5F\x2A\x02\x9A\x03\x9C\x01\x9F\x37\x04")),
		AIP: app.AIP, ATC: [2]byte(answer[emv.TagATC]), IAD: answer[emv.TagIAD],
	})
	if err != nil {
		d.t.Fatal(err)
	}
	if !bytes.Equal(ac[:], answer[emv.TagCryptogram]) {
		d.t.Errorf("cryptogram is %X, expected %X", answer[emv.TagCryptogram], ac)
	}
}

func TestOfflineTransactionsUntilALimit(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contactless)
	d := begin(t, fixture, fixture.Card(t, nil))
	for i, want := range []byte{emv.CIDTC, emv.CIDTC, emv.CIDTC, emv.CIDARQC, emv.CIDARQC} {
		d.open()
		answer := d.generate(emv.CIDTC, fixture.App().CDOL1)
		if got := answer[emv.TagCID][0]; got != want {
			t.Errorf("transaction %d: type %02X, expected %02X", i+1, got, want)
		}
		d.wantAC(answer)
	}
}

func TestCombinedSignatureVerifies(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contactless)
	d := begin(t, fixture, fixture.Card(t, nil))
	d.open()
	answer := d.generate(emv.CIDTC|0x10, fixture.App().CDOL1)
	if answer[emv.TagCryptogram] != nil {
		t.Error("the cryptogram stands outside of the signature")
	}
	var plain []byte
	for _, tag := range []tlv.Tag{emv.TagCID, emv.TagATC, emv.TagIAD} {
		plain = tlv.Append(plain, tag, answer[tag])
	}
	dynamic, err := oda.VerifyCombined(fixture.App().ODA.Public(), answer[emv.TagDynamicSignature],
		d.said[emv.TagUN], answer[emv.TagCID][0], append(d.given, plain)...)
	if err != nil {
		t.Fatal(err)
	}
	answer[emv.TagCryptogram] = dynamic.Combined.Cryptogram[:]
	d.wantAC(answer)
}
