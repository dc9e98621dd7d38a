package emvcard_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/iotest"

	"tapbench/applet/emv"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/saved"
	"tapbench/pcsc/apdu"
)

func TestNewRefusesAnImage(t *testing.T) {
	for name, row := range map[string]struct {
		change func(c *image.Card)
		says   string
	}{
		"ATR of one byte": {func(c *image.Card) { c.ATR = []byte{0x3B} }, "ATR of 1 bytes"},
		"ATR too long":    {func(c *image.Card) { c.ATR = make([]byte, 34) }, "expected 2 to 33"},
		"record in file 31": {func(c *image.Card) {
			c.PSE.Records = append(c.PSE.Records, image.Record{SFI: 31, Number: 1, Data: []byte{0x70, 0}})
		}, "record 1 in file 31"},
		"record that stands twice": {func(c *image.Card) {
			a := &c.Applications[0]
			a.Records = append(a.Records, a.Records[0])
		}, "stands twice"},
		"record without bytes": {func(c *image.Card) {
			c.Applications[0].Records = []image.Record{{SFI: 1, Number: 1}}
		}, "has 0 bytes"},
		"record too long": {func(c *image.Card) {
			c.Applications[0].Records = []image.Record{{SFI: 1, Number: 1, Data: make([]byte, 257)}}
		}, "has 257 bytes"},
		"short name":   {func(c *image.Card) { c.Applications[0].AID = []byte("four") }, "AID of 4"},
		"list cut off": {func(c *image.Card) { c.Applications[0].PDOL = []byte{0x9F} }, "PDOL"},
		"list of too much": {func(c *image.Card) {
			c.Applications[0].CDOL1 = []byte("\x9F\x02\xFF")
		}, "CDOL1: values of 255"},
		"log without a list": {func(c *image.Card) {
			c.Applications[0].Log.Format = []byte{0x9A}
		}, "log format"},
		"log in file 10": {func(c *image.Card) { c.Applications[0].Log.SFI = 10 }, "log in file 10"},
		"no scheme":      {func(c *image.Card) { c.Applications[0].Scheme = 0 }, "scheme"},
		"PIN of letters": {func(c *image.Card) { c.Applications[0].PIN.Digits = "abcd" }, "PIN"},
		"no tries":       {func(c *image.Card) { c.Applications[0].PIN.Tries = 0 }, "tries"},
	} {
		t.Run(name, func(t *testing.T) {
			fixture := emvcardtest.New(t, emvcardtest.Contact)
			row.change(&fixture.Image)
			_, err := emvcard.New(emvcard.Config{Image: fixture.Image})
			if !errors.Is(err, emvcard.ErrImage) || !strings.Contains(err.Error(), row.says) {
				t.Errorf("%v, expected ErrImage with %q", err, row.says)
			}
		})
	}
}

// failing is a store that can't be written.
type failing struct{ saved.Memory }

var errFull = errors.New("disk is full")

func (*failing) Commit([]byte) error { return errFull }

func TestCardThatCannotGoOn(t *testing.T) {
	options := apdu.Command{CLA: 0x80, INS: 0xA8, Data: []byte{0x83, 0}}
	for name, cfg := range map[string]emvcard.Config{
		"store": {Store: &failing{}}, "random numbers": {Rand: iotest.ErrReader(errFull)},
	} {
		t.Run(name, func(t *testing.T) {
			fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
				a.Relay = &image.Relay{}
			})
			cfg.Image = fixture.Image
			card, err := emvcard.New(cfg)
			if err != nil {
				t.Fatal(err)
			}
			card.PowerOn()
			d := begin(t, fixture, card)
			selected(d)
			d.wantStatus("GET PROCESSING OPTIONS", options, apdu.SWUnknown)
			d.wantStatus("afterwards", options, apdu.SWINSNotSupported)
			selected(d)
			if got := d.data(emv.TagATC); got != 0 {
				t.Errorf("counter is %d, expected 0", got)
			}
		})
	}
}

func TestCardHidesItsKeys(t *testing.T) {
	fixture := emvcardtest.New(t, emvcardtest.Contact)
	card := fixture.Card(t, nil)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x"} {
		if got := fmt.Sprintf(verb, card); got != "Card(hidden)" {
			t.Errorf("%s prints %.60s", verb, got)
		}
	}
	if !bytes.Equal(card.ATR(), fixture.Image.ATR) {
		t.Errorf("ATR is %X, expected %X", card.ATR(), fixture.Image.ATR)
	}
}
