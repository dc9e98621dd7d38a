package general_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
)

// A test issuer changes a card through the terminal, in each scheme: before and behind the second
// cryptogram, and with a script that the card refuses.
func TestIssuerScripts(t *testing.T) {
	for _, scheme := range cryptogram.Schemes() {
		t.Run(scheme.String(), func(t *testing.T) {
			fixture := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
				a.Scheme = scheme
				a.Objects = []image.Object{{Tag: 0x9F14, Value: []byte{3}, Put: true}}
			})
			desk := bank(fixture)
			send := func(before bool, orders ...issuer.Order) {
				t.Helper()
				script := issuer.Script{Before: before, ID: [4]byte{9}, Orders: orders}
				if err := desk.Send(fixture.App().PAN, fixture.App().Sequence, script); err != nil {
					t.Fatal(err)
				}
			}
			card := fixture.Card(t, nil)
			online := func(pin string) outcome.Outcome {
				t.Helper()
				c := config(fixture)
				c.PINPad = &pad{pins: []string{pin}}
				out, err := pay(t, c, card, host{desk, t}, general.Purchase{Amount: 1000, Online: true})
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			want := func(out outcome.Outcome, result outcome.Result, scripts ...outcome.Script) {
				t.Helper()
				if out.Result != result || cmp.Diff(scripts, out.Scripts) != "" {
					t.Errorf("result %v, expected %v; scripts %s", out.Result, result,
						cmp.Diff(scripts, out.Scripts))
				}
			}
			id, done := [4]byte{9}, apdu.SWNormal

			send(false, issuer.UnblockPIN()) // it is carried out last all the same
			send(true, issuer.ChangePIN("99887766"), issuer.PutData(0x9F14, []byte{0}))
			want(online(emvcardtest.PIN), outcome.Approved,
				outcome.Script{Before: true, ID: id, Commands: 2, Done: 2, SW: done},
				outcome.Script{ID: id, Commands: 1, Done: 1, SW: done})

			send(false, issuer.PutData(0x9F15, []byte{0}), issuer.Block())
			want(online("99887766"), outcome.Approved,
				outcome.Script{ID: id, Commands: 2, Done: 0, SW: apdu.SWReferenceNotFound})

			send(true, issuer.Block())
			want(online("99887766"), outcome.Declined,
				outcome.Script{Before: true, ID: id, Commands: 1, Done: 1, SW: done})
		})
	}
}
