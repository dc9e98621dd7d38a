package general_test

import (
	"slices"
	"testing"

	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// A card in a device that verifies its holder is believed over the air, and nobody is asked for a
// PIN; on contacts its CVM list counts.
func TestDeviceVerifiesItsHolder(t *testing.T) {
	device := func(a *image.Application) {
		a.PIN = &image.PIN{Digits: emvcardtest.PIN, Tries: 3, CDCVM: true}
		a.AIP[0] |= 0x02
	}
	fast := func(a *image.Application) {
		device(a)
		a.FastDDA, a.PDOL = true, append([]byte{0x9F, 0x66, 4}, a.PDOL...)
	}
	for name, tt := range map[string]struct {
		kind   emvcardtest.Kind
		way    entry.Way
		change func(*image.Application)
		want   bool
	}{
		"contactless": {emvcardtest.Contactless, entry.Contactless, device, true},
		"fast DDA":    {emvcardtest.Contactless, entry.Contactless, fast, true},
		"contact":     {emvcardtest.Contact, entry.Contact, device, false},
	} {
		fixture := emvcardtest.New(t, tt.kind, tt.change)
		c := config(fixture)
		c.PINPad, c.Way = nil, tt.way
		out, err := pay(t, c, fixture.Card(t, nil), host{bank(fixture), t},
			general.Purchase{Amount: 1000})
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		said := slices.ContainsFunc(out.Notes, func(r outcome.Reason) bool {
			return r.Text == "the card's device has verified its holder"
		})
		if said != tt.want || (out.CVM == rules.CVMResults{1, 0, 2}) != tt.want {
			t.Errorf("%s: CVM results % X, notes %v", name, out.CVM, out.Notes)
		}
		const verified = 0x04 // card verification results, byte 1: a PIN was verified
		if out.First == nil || out.First.IAD[4]&verified == 0 {
			t.Errorf("%s: the issuer doesn't learn of it: %+v", name, out.First)
		}
	}
}
