package emvcard_test

import (
	"bytes"
	"testing"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
)

// several is a card with three applications, two of which share the beginning of their name.
func several(t *testing.T) *emvcardtest.Fixture {
	t.Helper()
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	for _, name := range []string{"\xF0TAPBENCH\x11", "\xA0\x00\x00\x09\x99\x01"} {
		a := *fixture.App()
		a.AID, a.FCI = []byte(name), []byte("FCI of "+name)
		fixture.Image.Applications = append(fixture.Image.Applications, a)
	}
	return fixture
}

func TestSelect(t *testing.T) {
	fixture := several(t)
	fixture.Image.Applications[2].Blocked = true
	apps := fixture.Image.Applications
	const first, next = 0x00, 0x02
	type step struct {
		name string
		p2   byte
		fci  []byte
		sw   apdu.SW
	}
	whole, part, other := "\xF0TAPBENCH\x11", "\xF0TAPB", "\xA0\x00\x00\x09\x99"
	for name, steps := range map[string][]step{
		"unknown":              {{"\xF0TAPBENCH\x12", first, nil, apdu.SWFileNotFound}},
		"too short":            {{"\xF0TAP", first, nil, apdu.SWWrongLength}},
		"too long":             {{"1234567890123456X", first, nil, apdu.SWWrongLength}},
		"other occurrence":     {{whole, 0x01, nil, apdu.SWIncorrectP1P2}},
		"longer than its name": {{whole + "\x00", first, nil, apdu.SWFileNotFound}},
		"next without a first": {{part, next, nil, apdu.SWFileNotFound}},
		"whole":                {{whole, first, apps[1].FCI, apdu.SWNormal}},
		"blocked":              {{other, first, apps[2].FCI, apdu.SWFileDeactivated}},
		"directories": {
			{"1PAY.SYS.DDF01", first, fixture.Image.PSE.FCI, apdu.SWNormal},
			{"2PAY.SYS.DDF01", first, fixture.Image.PPSE.FCI, apdu.SWNormal},
		},
		"all of a part": {
			{part, first, apps[0].FCI, apdu.SWNormal},
			{part, next, apps[1].FCI, apdu.SWNormal},
			{part, next, nil, apdu.SWFileNotFound},
			{part, next, nil, apdu.SWFileNotFound},
		},
		"part and then another one": {
			{part, first, apps[0].FCI, apdu.SWNormal},
			{other, next, apps[2].FCI, apdu.SWFileDeactivated},
			{part, first, apps[0].FCI, apdu.SWNormal},
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := begin(t, fixture, fixture.Card(t, nil))
			for _, s := range steps {
				got, sw := d.ask(apdu.Command{INS: 0xA4, P1: 0x04, P2: s.p2, Data: []byte(s.name)})
				if sw != s.sw || !bytes.Equal(got, s.fci) {
					t.Errorf("%q: %X %v, expected %X %v", s.name, got, sw, s.fci, s.sw)
				}
			}
		})
	}
}

func TestRefusedSelectionKeepsTheTransaction(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	d := begin(t, fixture, fixture.Card(t, nil))
	d.open()
	d.wantStatus("unknown name", apdu.Command{INS: 0xA4, P1: 4, Data: []byte("nobody")},
		apdu.SWFileNotFound)
	d.generate(0x40, fixture.App().CDOL1)
}

func TestBlockedCardAnswersEverySelectionAlike(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	fixture.Image.Blocked = true
	d := begin(t, fixture, fixture.Card(t, nil))
	for _, name := range []string{"1PAY.SYS.DDF01", "nobody", string(emvcardtest.AID())} {
		d.wantStatus(name, apdu.Command{INS: 0xA4, P1: 4, Data: []byte(name)}, apdu.SWFunctionNotSupported)
	}
	d.wantStatus("too short", apdu.Command{INS: 0xA4, P1: 4, Data: []byte("1PAY")}, apdu.SWWrongLength)
}

func TestBlockedApplicationDeclines(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
		a.Blocked = true
	})
	d := begin(t, fixture, fixture.Card(t, nil))
	for _, asked := range []byte{0x40, 0x80, 0x00} {
		d.wantStatus("SELECT", apdu.Command{INS: 0xA4, P1: 4, Data: emvcardtest.AID()},
			apdu.SWFileDeactivated)
		d.send(0x80, 0xA8, 0, 0, []byte{0x83, 0})
		if cid := d.generate(asked, fixture.App().CDOL1)[0x9F27]; cid[0] != 0 {
			t.Errorf("asked for %02X: answered %02X, expected an AAC", asked, cid)
		}
	}
}
