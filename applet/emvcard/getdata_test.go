package emvcard_test

import (
	"encoding/hex"
	"strings"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
)

func TestGetData(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
		a.Objects = []image.Object{{Tag: 0x5F50, Value: []byte("A")}, {Tag: 0x9F7F, Value: []byte{}}}
	})
	d := begin(t, fixture, fixture.Card(t, nil))
	d.requested()
	for tag, want := range map[uint16]string{
		0x9F36: "9F36020001", 0x9F13: "9F13020000", 0x9F17: "9F170103", 0x5F50: "5F500141",
		0x9F4F: "9F4F0E" + "9A039F21039F02065F2A029F3602", 0x9F7F: "9F7F00", 0x9F14: "", 0x0082: "",
	} {
		sw, data := d.answer(0x80, 0xCA, byte(tag>>8), byte(tag), nil)
		if got := strings.ToUpper(hex.EncodeToString(data)); got != want || (want == "") != (sw == 0x6A88) {
			t.Errorf("%04X: %s, %v, expected %s", tag, got, sw, want)
		}
	}
	d.want(apdu.SWINSNotSupported, 0x00, 0xCA, 0x9F, 0x36, nil)
	d.want(apdu.SWSecureMessagingNotSupported, 0x84, 0xCA, 0x9F, 0x36, nil)
	d.want(apdu.SWWrongLength, 0x80, 0xCA, 0x9F, 0x36, []byte{0})
}

func TestGetDataOfACardWithout(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contactless)
	d := begin(t, fixture, fixture.Card(t, nil))
	d.open()
	for _, tag := range []byte{0x17, 0x4F} {
		d.want(apdu.SWReferenceNotFound, 0x80, 0xCA, 0x9F, tag, nil)
	}
	d.want(apdu.SWINSNotSupported, 0, 0x84, 0, 0, nil)
	d.want(apdu.SWINSNotSupported, 0x84, 0x24, 0, 0, make([]byte, 8))
	d.want(apdu.SWINSNotSupported, 0x04, 0xDA, 0x9F, 0x14, make([]byte, 9))
}

func TestGetChallenge(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	d := begin(t, fixture, fixture.Card(t, nil))
	d.open()
	first, second := d.send(0, 0x84, 0, 0, nil), d.send(0, 0x84, 0, 0, nil)
	if len(first) != 8 || string(first) == string(second) {
		t.Errorf("challenges % X, % X", first, second)
	}
	d.want(apdu.SWIncorrectP1P2, 0, 0x84, 0, 1, nil)
	d.want(apdu.SWWrongLength, 0, 0x84, 0, 0, []byte{8})
}

func TestLogKeepsTheLastOnes(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
		a.Risk = image.Risk{}
	})
	card := fixture.Card(t, nil)
	d := begin(t, fixture, card)
	d.send(0, 0xA4, 4, 0, emvcardtest.AID())
	d.want(apdu.SWRecordNotFound, 0, 0xB2, 1, 11<<3|4, nil)
	for i := range byte(5) {
		d.said[emv.TagAmount] = []byte{0, 0, 0, 0, 0, i + 1}
		d.open()
		asked, want := emv.CIDTC, emv.CIDTC
		if i == 2 {
			asked, want = emv.CIDAAC, emv.CIDAAC // a decline is no entry
		}
		if got := d.generate(asked, fixture.App().CDOL1)[emv.TagCID][0]; got != want {
			t.Fatalf("transaction %d: %02X", i+1, got)
		}
		if i == 1 {
			card.Reset()
		}
	}
	d.send(0, 0xA4, 4, 0, emvcardtest.AID())
	for n, want := range map[byte]string{
		1: "261121" + "000000" + "000000000005" + "0978" + "0005",
		2: "261121" + "000000" + "000000000004" + "0978" + "0004",
		3: "261121" + "000000" + "000000000002" + "0978" + "0002",
	} {
		if got := hex.EncodeToString(d.send(0, 0xB2, n, 11<<3|4, nil)); got != want {
			t.Errorf("entry %d: %s, expected %s", n, got, want)
		}
	}
	d.want(apdu.SWRecordNotFound, 0, 0xB2, 4, 11<<3|4, nil)
}

func TestExternalAuthenticate(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	for name, tt := range map[string]struct {
		damage byte
		sw     apdu.SW
		second byte
	}{
		"wrong": {1, apdu.SWWarningChanged, emv.CIDAAC},
		"right": {0, apdu.SWNormal, emv.CIDTC},
	} {
		t.Run(name, func(t *testing.T) {
			d := begin(t, fixture, fixture.Card(t, nil))
			d.open()
			d.want(apdu.SWConditionsNotSatisfied, 0, 0x82, 0, 0, make([]byte, 8))
			arqc := d.generate(emv.CIDARQC, fixture.App().CDOL1)
			d.want(apdu.SWIncorrectP1P2, 0, 0x82, 1, 0, make([]byte, 7))
			d.want(apdu.SWWrongLength, 0, 0x82, 0, 0, make([]byte, 7))
			d.want(apdu.SWWrongLength, 0, 0x82, 0, 0, make([]byte, 17))
			app := fixture.App()
			csu := emv.CSUApproved()
			given, err := app.Scheme.IssuerAuth(app.Keys.AC, [2]byte(arqc[emv.TagATC]),
				[8]byte(arqc[emv.TagCryptogram]), csu[:], nil)
			if err != nil {
				t.Fatal(err)
			}
			given[0] ^= tt.damage
			d.want(tt.sw, 0, 0x82, 0, 0, given)
			d.want(apdu.SWConditionsNotSatisfied, 0, 0x82, 0, 0, given)
			second := d.generate(emv.CIDTC, app.CDOL2)
			if got := second[emv.TagCID][0]; got != tt.second {
				t.Errorf("the second cryptogram is %02X, expected %02X", got, tt.second)
			}
			next := d.requested()[emv.TagIAD][4:]
			if got := next[1]&0x08 != 0; got != (tt.damage != 0) {
				t.Errorf("CVR % X", next)
			}
		})
	}
}
