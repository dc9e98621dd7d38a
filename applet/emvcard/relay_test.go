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

func relayFixture(t *testing.T) *emvcardtest.Fixture {
	t.Helper()
	return emvcardtest.New(t, emvcardtest.Contactless, func(a *image.Application) {
		a.AIP[1] |= emv.AIPRelay
		a.Relay = &image.Relay{Min: 10, Max: 200, Transmission: 20}
	})
}

func exchangeOf(entropy string) apdu.Command {
	return apdu.Command{CLA: 0x80, INS: 0xEA, Data: []byte(entropy)}
}

func TestRelayResistanceIsRefused(t *testing.T) {
	fixture := relayFixture(t)
	d := begin(t, fixture, fixture.Card(t, nil))
	selected(d)
	d.wantStatus("before a transaction", exchangeOf("1234"), apdu.SWConditionsNotSatisfied)
	d.wantStatus("too short", exchangeOf("123"), apdu.SWWrongLength)
	d.open()
	for range 3 {
		d.wantStatus("a try", exchangeOf("1234"), apdu.SWNormal)
	}
	d.wantStatus("a fourth try", exchangeOf("1234"), apdu.SWConditionsNotSatisfied)
	d.open()
	d.generate(emv.CIDTC, fixture.App().CDOL1)
	d.wantStatus("after the cryptogram", exchangeOf("1234"), apdu.SWConditionsNotSatisfied)
	without := emvcardtest.New(t, emvcardtest.Contactless)
	d = begin(t, without, without.Card(t, nil))
	d.open()
	d.wantStatus("a card without", exchangeOf("1234"), apdu.SWINSNotSupported)
}

func TestCombinedSignatureHoldsTheLastExchange(t *testing.T) {
	fixture := relayFixture(t)
	d := begin(t, fixture, fixture.Card(t, nil))
	var entropies [][]byte
	for _, tries := range []int{0, 1, 3} {
		d.open()
		var want []byte
		for i := range tries {
			own := []byte{'r', 'e', 'l', byte('0' + i)}
			answer := d.send(0x80, 0xEA, 0, 0, own)
			if !bytes.HasPrefix(answer, []byte{0x80, 0x0A}) || !bytes.HasSuffix(answer,
				[]byte{0, 10, 0, 200, 0, 20}) {
				t.Fatalf("answered % X", answer)
			}
			entropies = append(entropies, answer[2:6])
			want = slices.Concat(own, answer[2:])
		}
		answer := d.generate(emv.CIDTC|0x10, fixture.App().CDOL1)
		plain := encodeObjects(answer, emv.TagCID, emv.TagATC, emv.TagIAD)
		dynamic, err := oda.VerifyCombined(fixture.App().ODA.Public(),
			answer[emv.TagDynamicSignature], d.said[emv.TagUN], answer[emv.TagCID][0],
			append(slices.Clone(d.given), plain)...)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(dynamic.Combined.Relay, want) {
			t.Errorf("%d tries: signed are % X, expected % X", tries, dynamic.Combined.Relay, want)
		}
	}
	for i, entropy := range entropies {
		for _, other := range entropies[:i] {
			if bytes.Equal(entropy, other) {
				t.Errorf("the card's entropy % X came twice", entropy)
			}
		}
	}
}

func encodeObjects(answer map[tlv.Tag][]byte, tags ...tlv.Tag) (out []byte) {
	for _, tag := range tags {
		out = tlv.Append(out, tag, answer[tag])
	}
	return out
}
