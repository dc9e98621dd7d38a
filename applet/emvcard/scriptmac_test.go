package emvcard_test

import (
	"slices"
	"testing"

	"tapbench/applet/emv"
	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
)

// spoil sends a command whose data field is another.
func (d *dialogue) spoil(sw apdu.SW, c apdu.Command, change func([]byte)) {
	d.t.Helper()
	c.Data = slices.Clone(c.Data)
	change(c.Data)
	d.want(sw, c.CLA, c.INS, c.P1, c.P2, c.Data)
}

func keep([]byte) {}

// A MAC that isn't this command's is refused, whatever else it is. Behind it the transaction's
// scripts are over, and the next cryptogram says so.
func TestMACsThatAreNotTheCommands(t *testing.T) {
	eachScheme(t, func(t *testing.T, fixture *emvcardtest.Fixture) {
		app := fixture.App()
		chains := app.Scheme.SecureClass() == cryptogram.ClassFormat1
		for name, refused := range map[string]func(d *dialogue){
			"a bit of the MAC": func(d *dialogue) {
				d.spoil(apdu.SWSMIncorrect, orderBlock.command(t, d.secured()),
					func(b []byte) { b[len(b)-1] ^= 1 })
			},
			"a bit of the value": func(d *dialogue) {
				at := 0
				if chains {
					at = 2
				}
				d.spoil(apdu.SWSMIncorrect, orderPut.command(t, d.secured()),
					func(b []byte) { b[at] ^= 1 })
			},
			"another command's": func(d *dialogue) {
				c := orderUnblock.command(t, d.secured())
				c.INS = orderBlock.ins
				d.spoil(apdu.SWSMIncorrect, c, keep)
			},
			"the transaction before's": func(d *dialogue) {
				c := orderBlock.command(t, d.secured())
				d.requested()
				d.spoil(apdu.SWSMIncorrect, c, keep)
			},
			"another card's": func(d *dialogue) {
				other := *app
				other.Keys.MAC[0] ^= 0x80
				d.script(apdu.SWSMIncorrect, orderBlock, messaging(&other, d.requested()))
			},
			"of the second cryptogram": func(d *dialogue) {
				d.requested()
				second := d.generate(emv.CIDAAC, app.CDOL2)
				d.script(apdu.SWSMIncorrect, orderBlock, messaging(app, second))
			},
			"of another order of commands": func(d *dialogue) {
				m := d.secured()
				orderUnblock.command(t, m)
				d.outOfOrder(chains, orderPut, m)
			},
			"replayed": func(d *dialogue) {
				m := d.secured()
				d.script(apdu.SWNormal, orderPut, m)
				again := orderPut.command(t, messaging(app, map[tlv.Tag][]byte{
					emv.TagATC: d.atc[:], emv.TagCryptogram: d.arqc[:],
				}))
				if !chains { // format 2 can't tell
					d.spoil(apdu.SWNormal, again, keep)
					d.spoil(apdu.SWSMIncorrect, again, func(b []byte) { b[1] ^= 1 })
					return
				}
				d.spoil(apdu.SWSMIncorrect, again, keep)
			},
		} {
			t.Run(name, func(t *testing.T) {
				d := begin(t, fixture, fixture.Card(t, nil))
				refused(d)
				d.script(apdu.SWConditionsNotSatisfied, orderTries, messaging(app,
					map[tlv.Tag][]byte{emv.TagATC: d.atc[:], emv.TagCryptogram: d.arqc[:]}))
				if _, failed := d.lastScripts(); !failed {
					t.Error("the next cryptogram doesn't say that one has failed")
				}
			})
		}
	})
}

// outOfOrder sends an order whose MAC hangs on one that wasn't sent.
func (d *dialogue) outOfOrder(chains bool, o order, m *cryptogram.Messaging) {
	d.t.Helper()
	if chains {
		d.script(apdu.SWSMIncorrect, o, m)
		return
	}
	d.script(apdu.SWNormal, o, m) // in format 2 each MAC stands alone
	d.spoil(apdu.SWSMIncorrect, o.command(d.t, m), func(b []byte) { b[1] ^= 1 })
}

// In format 1 what isn't the objects that a command wants is refused though the MAC is right or
// isn't looked at.
func TestObjectsThatAreNotTheCommands(t *testing.T) {
	for _, scheme := range []cryptogram.Scheme{
		cryptogram.VersionCCD, cryptogram.VersionCCD3DES,
	} {
		fixture := scripted(t, ofScheme(scheme))
		for name, tt := range map[string]struct {
			order  order
			change func([]byte)
			want   apdu.SW
		}{
			"no MAC object":         {orderBlock, func(b []byte) { b[0] = 0x8F }, apdu.SWSMObjectsMissing},
			"MAC object of 7 bytes": {orderBlock, func(b []byte) { b[1] = 7 }, apdu.SWSMObjectsMissing},
			"MAC object of 9 bytes": {orderBlock, func(b []byte) { b[1] = 9 }, apdu.SWSMObjectsMissing},
			"enciphered object for data in clear": {
				order{ins: 0xDA, p1: 0x9F, p2: 0x14, data: make([]byte, 8), secret: true},
				keep,
				apdu.SWSMIncorrect,
			},
			"object in clear for an enciphered PIN": {
				order{cla: 0x80, ins: 0x24, p2: 2, data: make([]byte, 17)}, keep, apdu.SWSMIncorrect,
			},
			"length beyond the field": {orderPut, func(b []byte) { b[1]++ }, apdu.SWSMIncorrect},
			"length short of it":      {orderPut, func(b []byte) { b[1]-- }, apdu.SWSMIncorrect},
		} {
			t.Run(scheme.String()+"/"+name, func(t *testing.T) {
				d := begin(t, fixture, fixture.Card(t, nil))
				d.spoil(tt.want, tt.order.command(t, d.secured()), tt.change)
				if done, failed := d.lastScripts(); done != 0 || !failed {
					t.Errorf("%d scripts done, one failed: %t", done, failed)
				}
			})
		}
	}
}

// A card whose issuer sends shorter MACs takes those alone, and they hang on whole ones.
func TestShortMACs(t *testing.T) {
	eachScheme(t, func(t *testing.T, fixture *emvcardtest.Fixture) {
		for n := cryptogram.MinMAC; n <= cryptogram.MaxMAC; n++ {
			short := scripted(t, ofScheme(fixture.App().Scheme), func(a *image.Application) {
				a.ScriptMAC = byte(n)
			})
			app := short.App()
			d := begin(t, short, short.Card(t, nil))
			arqc := d.requested()
			other := *app
			for other.ScriptMAC = cryptogram.MinMAC; other.ScriptMAC <= cryptogram.MaxMAC; other.ScriptMAC++ {
				if int(other.ScriptMAC) != n {
					d.script(apdu.SWWrongLength, orderTries, messaging(&other, arqc))
				}
			}
			m := messaging(app, arqc)
			for _, o := range []order{orderTries, orderPIN, orderPut, orderBlock, orderUnblock} {
				d.script(apdu.SWNormal, o, m)
			}
			d.spoil(apdu.SWSMIncorrect, orderTries.command(t, m), func(b []byte) { b[len(b)-1] ^= 1 })
			if done, failed := d.lastScripts(); done != 5 || !failed {
				t.Errorf("MACs of %d bytes: %d scripts done, one failed: %t", n, done, failed)
			}
		}
	})
}
