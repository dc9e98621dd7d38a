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
)

// A test issuer changes a card through the terminal, in each scheme: before and behind the second
// cryptogram, and with a script that the card refuses.
func TestIssuerScripts(t *testing.T) {
	for scheme := cryptogram.VersionCVN10; scheme <= cryptogram.VersionCCD; scheme++ {
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
			online := func(pin string) general.Outcome {
				t.Helper()
				c := config(fixture)
				c.PINPad = &pad{pins: []string{pin}}
				out, err := pay(t, c, card, host{desk, t}, general.Purchase{Amount: 1000, Online: true})
				if err != nil {
					t.Fatal(err)
				}
				return out
			}
			want := func(out general.Outcome, result general.Result, scripts ...general.Script) {
				t.Helper()
				if out.Result != result || cmp.Diff(scripts, out.Scripts) != "" {
					t.Errorf("result %v, expected %v; scripts %s", out.Result, result,
						cmp.Diff(scripts, out.Scripts))
				}
			}
			id, done := [4]byte{9}, apdu.SWNormal

			send(true, issuer.ChangePIN("99887766"), issuer.PutData(0x9F14, []byte{0}))
			send(false, issuer.UnblockPIN())
			want(online(emvcardtest.PIN), general.Approved,
				general.Script{Before: true, ID: id, Commands: 2, Done: 2, SW: done},
				general.Script{ID: id, Commands: 1, Done: 1, SW: done})

			send(false, issuer.PutData(0x9F15, []byte{0}), issuer.Block())
			want(online("99887766"), general.Approved,
				general.Script{ID: id, Commands: 2, Done: 0, SW: apdu.SWReferenceNotFound})

			send(true, issuer.Block())
			want(online("99887766"), general.Declined,
				general.Script{Before: true, ID: id, Commands: 1, Done: 1, SW: done})
		})
	}
}
