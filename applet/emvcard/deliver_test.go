package emvcard_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/pcsc/apdu"
)

// exchange sends raw bytes and returns data and status word.
func exchange(t *testing.T, card *emvcard.Card, digits string) ([]byte, apdu.SW) {
	t.Helper()
	raw, err := hex.DecodeString(digits)
	if err != nil {
		t.Fatal(err)
	}
	response, err := apdu.ParseResponse(card.Process(raw))
	if err != nil {
		t.Fatal(err)
	}
	return response.Data, response.SW
}

const selectApp = "00A404000AF054415042454E434810"

func TestT0CommandsWithDataAreFetchedBehind(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	fixture.Image.T0 = true
	fci := fixture.App().FCI
	for name, selecting := range map[string]string{
		"as a card gets it": selectApp, "with an Le": selectApp + "00",
	} {
		t.Run(name, func(t *testing.T) {
			card := fixture.Card(t, nil)
			data, sw := exchange(t, card, selecting)
			if n, ok := sw.Waiting(); len(data) > 0 || !ok || n != len(fci) {
				t.Fatalf("answered %X %v, expected 61%02X", data, sw, len(fci))
			}
			want := apdu.SW(0x6C00 | len(fci))
			for _, le := range []string{"00", "FF"} {
				if data, sw = exchange(t, card, "00C00000"+le); sw != want || len(data) > 0 {
					t.Errorf("Le %s: answered %X %v, expected %v", le, data, sw, want)
				}
			}
			part, sw := exchange(t, card, "00C0000002")
			if n, ok := sw.Waiting(); !ok || n != len(fci)-2 {
				t.Errorf("a part is followed by %v", sw)
			}
			rest, sw := exchange(t, card, "00C00000"+hex.EncodeToString([]byte{byte(len(fci) - 2)}))
			if got := append(part, rest...); !bytes.Equal(got, fci) || sw != apdu.SWNormal {
				t.Errorf("fetched %X %v, expected %X", got, sw, fci)
			}
			if _, sw = exchange(t, card, "00C0000000"); sw != apdu.SWConditionsNotSatisfied {
				t.Errorf("with nothing waiting: %v", sw)
			}
		})
	}
}

func TestT0CommandsWithoutDataNameTheirLe(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	fixture.Image.T0 = true
	record := fixture.App().Records[0].Data
	card := fixture.Card(t, nil)
	_, _ = exchange(t, card, selectApp)
	want := apdu.SW(0x6C00 | len(record))
	for _, le := range []string{"00", "01", "FF"} {
		if data, sw := exchange(t, card, "00B2010C"+le); sw != want || len(data) > 0 {
			t.Errorf("Le %s: answered %X %v, expected %v", le, data, sw, want)
		}
	}
	le := hex.EncodeToString([]byte{byte(len(record))})
	if data, sw := exchange(t, card, "00B2010C"+le); sw != apdu.SWNormal || !bytes.Equal(data, record) {
		t.Errorf("answered %X %v, expected the record", data, sw)
	}
}

func TestT0WarningIsFollowedByItsData(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	fixture.Image.T0, fixture.App().Blocked = true, true
	card := fixture.Card(t, nil)
	if data, sw := exchange(t, card, selectApp); sw != apdu.SWFileDeactivated || len(data) > 0 {
		t.Errorf("answered %X %v, expected 6283", data, sw)
	}
	le := hex.EncodeToString([]byte{byte(len(fixture.App().FCI))})
	if data, sw := exchange(t, card, "00C00000"+le); sw != apdu.SWNormal ||
		!bytes.Equal(data, fixture.App().FCI) {
		t.Errorf("fetched %X %v, expected the FCI", data, sw)
	}
}

func TestAnswerLongerThanLeWaits(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contactless)
	card := fixture.Card(t, nil)
	fci := fixture.App().FCI
	part, sw := exchange(t, card, selectApp+"05")
	if n, ok := sw.Waiting(); !ok || n != len(fci)-5 || !bytes.Equal(part, fci[:5]) {
		t.Errorf("answered %X %v", part, sw)
	}
	if rest, sw := exchange(t, card, "00C0000000"); sw != apdu.SWNormal || !bytes.Equal(rest, fci[5:]) {
		t.Errorf("fetched %X %v, expected %X", rest, sw, fci[5:])
	}
	_, _ = exchange(t, card, selectApp)
	_, _ = exchange(t, card, "80CA9F3600")
	if _, sw := exchange(t, card, "00C0000000"); sw != apdu.SWConditionsNotSatisfied {
		t.Errorf("another command leaves what waits: %v", sw)
	}
}
