package emvcard_test

import (
	"bytes"
	"slices"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/tlv"
)

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
	d.verifyCombined(answer)
}

// verifyCombined looks at the signature of a cryptogram, and at the cryptogram in it.
func (d *dialogue) verifyCombined(answer map[tlv.Tag][]byte) {
	d.t.Helper()
	var plain []byte
	for _, tag := range []tlv.Tag{emv.TagCID, emv.TagATC, emv.TagIAD} {
		plain = tlv.Append(plain, tag, answer[tag])
	}
	dynamic, err := oda.VerifyCombined(d.fixture.App().ODA.Public(),
		answer[emv.TagDynamicSignature], d.said[emv.TagUN], answer[emv.TagCID][0],
		append(slices.Clone(d.given), plain)...)
	if err != nil {
		d.t.Fatal(err)
	}
	answer[emv.TagCryptogram] = dynamic.Combined.Cryptogram[:]
	d.wantAC(answer)
}

func TestTransactionsUnderT0(t *testing.T) {
	for name, change := range map[string]func(*image.Application){
		"format 1": func(a *image.Application) { a.Format1 = true },
		"format 2": func(*image.Application) {},
	} {
		t.Run(name, func(t *testing.T) {
			fixture := emvcardtest.New(t, emvcardtest.Contact, change)
			fixture.Image.T0 = true
			d := begin(t, fixture, fixture.Card(t, nil))
			d.open()
			for _, r := range fixture.App().Records {
				if got := d.send(0, 0xB2, r.Number, r.SFI<<3|4, nil); !bytes.Equal(got, r.Data) {
					t.Errorf("record %d of file %d: %X", r.Number, r.SFI, got)
				}
			}
			d.verifyCombined(d.generate(emv.CIDARQC|0x10, fixture.App().CDOL1))
		})
	}
}
