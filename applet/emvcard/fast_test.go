package emvcard_test

import (
	"bytes"
	"slices"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// fastFixture is a card without contacts that answers all at once.
func fastFixture(t *testing.T, change func(*image.Application)) *emvcardtest.Fixture {
	t.Helper()
	return emvcardtest.New(t, emvcardtest.Contactless, func(a *image.Application) {
		a.FastDDA = true
		a.PDOL = []byte("\x9F\x66\x04\x9F\x02\x06\x9F\x37\x04\x5F\x2A\x02")
		if change != nil {
			change(a)
		}
	})
}

func TestFastDDA(t *testing.T) {
	one, asks := byte(1), []byte{0x20, 0, 0, 0}
	for name, row := range map[string]struct {
		change     func(*image.Application)
		qualifiers []byte
		want       []byte // types, one transaction after the other
	}{
		"offline":       {nil, asks, []byte{emv.CIDTC, emv.CIDTC}},
		"online wanted": {nil, []byte{0x20, 0x80, 0, 0}, []byte{emv.CIDARQC, emv.CIDARQC}},
		"a limit exceeded": {
			func(a *image.Application) { a.Risk.Lower = &one }, asks,
			[]byte{emv.CIDTC, emv.CIDARQC, emv.CIDARQC},
		},
		"blocked": {
			func(a *image.Application) { a.Blocked = true }, asks, []byte{emv.CIDAAC},
		},
		"another kernel's":  {nil, []byte{0x40, 0, 0, 0}, nil},
		"a card without it": {func(a *image.Application) { a.FastDDA = false }, asks, nil},
	} {
		t.Run(name, func(t *testing.T) {
			fixture := fastFixture(t, row.change)
			card := fixture.Card(t, nil)
			d := begin(t, fixture, card)
			d.said[0x9F66] = row.qualifiers
			if row.want == nil {
				if answer := objects(t, d.open()); len(answer) != 2 {
					t.Errorf("answered %d objects, expected AIP and AFL", len(answer))
				}
				return
			}
			for _, want := range row.want {
				d.fast(want)
			}
		})
	}
}

// fast makes a whole transaction and looks at cryptogram and signature.
func (d *dialogue) fast(want byte) {
	d.t.Helper()
	_, _ = d.ask(apdu.Command{INS: 0xA4, P1: 4, Data: emvcardtest.AID()})
	values := d.said.fill(d.t, d.fixture.App().PDOL)
	answer := objects(d.t, d.send(0x80, 0xA8, 0, 0,
		tlv.Append(nil, emv.TagCommandTemplate, values)))
	wantType(d.t, "fast", answer, want)
	covered := d.said
	d.said = terminal{}
	for _, tag := range []tlv.Tag{emv.TagAmount, emv.TagUN, emv.TagCurrency} {
		d.said[tag] = covered[tag]
	}
	d.wantAC(answer)
	d.said = covered
	d.wantStatus("a cryptogram more", apdu.Command{
		CLA: 0x80, INS: 0xAE, Data: d.said.fill(d.t, d.fixture.App().CDOL1),
	}, apdu.SWConditionsNotSatisfied)
	signed, own := answer[emv.TagDynamicSignature], answer[0x9F69]
	if want == emv.CIDAAC {
		if signed != nil || own != nil {
			d.t.Error("an AAC is signed")
		}
		return
	}
	dynamic, err := oda.VerifyDynamic(d.fixture.App().ODA.Public(), signed, slices.Concat(
		d.said[emv.TagUN], d.said[emv.TagAmount], d.said[emv.TagCurrency], own))
	if err != nil {
		d.t.Fatal(err)
	}
	if !bytes.Equal(dynamic.Number, answer[emv.TagATC]) {
		d.t.Errorf("dynamic number is %X, expected the ATC", dynamic.Number)
	}
}

func TestDynamicSignature(t *testing.T) {
	for name, format1 := range map[string]bool{"format 1": true, "format 2": false} {
		t.Run(name, func(t *testing.T) {
			fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
				a.Format1 = format1
			})
			d := begin(t, fixture, fixture.Card(t, nil))
			d.open()
			un := []byte{1, 2, 3, 4}
			answer := d.send(0, 0x88, 0, 0, un)
			path := []tlv.Tag{emv.TagFormat2, emv.TagDynamicSignature}
			if format1 {
				path = []tlv.Tag{emv.TagFormat1}
			}
			signed, err := tlv.Find(answer, path...)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := oda.VerifyDynamic(fixture.App().ODA.Public(), signed, un); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestFormat1Cryptogram(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
		a.Format1 = true
	})
	d := begin(t, fixture, fixture.Card(t, nil))
	options, err := tlv.Find(d.open(), emv.TagFormat1)
	if want := slices.Concat(fixture.App().AIP[:], fixture.App().AFL); err != nil ||
		!bytes.Equal(options, want) {
		t.Errorf("options are %X, expected %X", options, want)
	}
	list := d.said.fill(t, fixture.App().CDOL1)
	answer, err := emv.ParseACAnswer(d.send(0x80, 0xAE, emv.CIDTC, 0, list))
	if err != nil {
		t.Fatal(err)
	}
	d.wantAC(map[tlv.Tag][]byte{
		emv.TagATC: {0, 1}, emv.TagIAD: answer.IAD, emv.TagCryptogram: answer.AC[:],
	})
}

func TestSignatureOfTheSecondCryptogram(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	d := begin(t, fixture, fixture.Card(t, nil))
	first := d.pay(emv.CIDARQC)
	d.online(first, "00", []byte{0, 0x82, 0, 0})
	d.said[emv.TagUN] = []byte{9, 9, 9, 9}
	d.verifyCombined(d.generate(emv.CIDTC|0x10, fixture.App().CDOL2))
	// An AAC isn't signed, whoever asks for it.
	d.said[emv.TagIssuerAuth] = nil
	d.pay(emv.CIDARQC)
	if answer := d.generate(0x10, fixture.App().CDOL2); answer[emv.TagDynamicSignature] != nil {
		t.Error("an AAC is signed")
	}
}
