package emvcard_test

import (
	"bytes"
	"context"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
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
	atc     [2]byte  // of the last cryptogram
	arqc    cryptogram.AC
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
	answer := objects(d.t, d.send(0x80, 0xAE, p1, 0, values))
	d.atc = [2]byte(answer[emv.TagATC])
	if ac := answer[emv.TagCryptogram]; ac != nil && list[0] != 0x8A {
		d.arqc = cryptogram.AC(ac)
	}
	return answer
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

// ask returns the status word of a command, and what came with it.
func (d *dialogue) ask(c apdu.Command) ([]byte, apdu.SW) {
	d.t.Helper()
	c.Ne = 256
	raw, err := c.Encode()
	if err != nil {
		d.t.Fatal(err)
	}
	answer, err := d.session.Card().Transmit(context.Background(), raw)
	if err != nil {
		d.t.Fatal(err)
	}
	response, err := apdu.ParseResponse(answer)
	if err != nil {
		d.t.Fatal(err)
	}
	return response.Data, response.SW
}

// wantStatus asks for a status word.
func (d *dialogue) wantStatus(name string, c apdu.Command, want apdu.SW) {
	d.t.Helper()
	if _, got := d.ask(c); got != want {
		d.t.Errorf("%s: answered %v, expected %v", name, got, want)
	}
}

// reset loses the session.
func (d *dialogue) reset() {
	d.t.Helper()
	if err := d.session.Card().Reset(context.Background()); err != nil {
		d.t.Fatal(err)
	}
}

// online is what the terminal sends with the second GENERATE AC after an issuer's answer to the
// cryptogram.
func (d *dialogue) online(answer map[tlv.Tag][]byte, code string, update []byte) {
	d.t.Helper()
	app := d.fixture.App()
	auth, err := app.Scheme.IssuerAuth(app.Keys.AC, [2]byte(answer[emv.TagATC]),
		cryptogram.AC(answer[emv.TagCryptogram]), update, nil)
	if err != nil {
		d.t.Fatal(err)
	}
	d.said[emv.TagARC], d.said[emv.TagIssuerAuth] = []byte(code), auth
}

// data returns the value of a counter by GET DATA.
func (d *dialogue) data(tag tlv.Tag) uint16 {
	d.t.Helper()
	value, err := tlv.Find(d.send(0x80, 0xCA, byte(tag>>8), byte(tag), nil), tag)
	if err != nil || len(value) != 2 {
		d.t.Fatalf("GET DATA %v: %X, %v", tag, value, err)
	}
	return uint16(value[0])<<8 | uint16(value[1])
}
