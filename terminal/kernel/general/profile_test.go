package general_test

import (
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/pinblock"
	"tapbench/applet/emvcard"
	"tapbench/applet/emvcard/image"
	"tapbench/applet/emvcard/personalise/personalisetest"
	"tapbench/applet/emvcard/profile"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

// A terminal that knows the CA and the names pays each application of each built-in card, offline
// and online, and behind a slow reader as well.
func TestBuiltinProfilesPay(t *testing.T) {
	for _, name := range profile.Names() {
		p, err := profile.Builtin(name)
		if err != nil {
			t.Fatal(err)
		}
		if p.Kind != profile.EMV {
			continue
		}
		made := personalisetest.Card(t, name)
		for _, a := range made.Applications {
			for _, amount := range []uint64{100, 9000} {
				for _, way := range []entry.Way{entry.Anyhow, entry.Listed} {
					if a.CDOL2 == nil && way == entry.Listed {
						continue // it is for contactless terminals alone
					}
					t.Run(fmt.Sprintf("%s, %X, %d, %d", name, a.AID, amount, way), func(t *testing.T) {
						payBuiltin(t, made, a.AID, amount, way, 5*time.Millisecond)
						payBuiltin(t, made, a.AID, amount, way, 40*time.Millisecond)
					})
				}
			}
		}
	}
}

// pinsOf has the issuer check the PIN of a card, if it has one.
func pinsOf(t *testing.T, made image.Card) issuer.PINs {
	t.Helper()
	key := pinKey()
	pins := issuer.PINs{Key: &key}
	if p := made.Applications[0].PIN; p != nil {
		var err error
		if pins.Other, err = pinblock.ParsePIN(p.Digits); err != nil {
			t.Fatal(err)
		}
	}
	return pins
}

// payBuiltin has one application pay. An exchange against relays takes the time given.
func payBuiltin(
	t *testing.T, made image.Card, aid []byte, amount uint64, way entry.Way, took time.Duration,
) {
	t.Helper()
	card, err := emvcard.New(emvcard.Config{Image: made})
	if err != nil {
		t.Fatal(err)
	}
	bank := host{issuer.New(issuer.Config{
		Keys: personalisetest.Issuer(), PINs: pinsOf(t, made),
	}), t}
	terminal := general.PointOfSale()
	terminal.Country, terminal.Currency = [2]byte{0x02, 0x50}, [2]byte{0x09, 0x78}
	pin := ""
	if made.Applications[0].PIN != nil {
		pin = made.Applications[0].PIN.Digits
	}
	c := general.Config{
		Terminal: terminal, Way: way, CAKeys: personalisetest.CAKeys(t, made),
		Applications: []general.Application{{
			Application: entry.Application{AID: aid},
		}},
		PINPad: &pad{pins: []string{pin, pin}}, Rand: rand.Reader,
		Relay: &relay.Policy{Mode: relay.On, Limits: relay.Default()},
	}
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	c.Now = func() time.Time { now = now.Add(took); return now }
	c.Applications[0].Limits.Floor, c.Applications[0].DDOL = 5000, general.DefaultDDOL()
	out, err := pay(t, c, card, bank, general.Purchase{Amount: amount})
	if err != nil || out.Result != outcome.Approved {
		t.Fatalf("%v, %v, because %v: %v", out.Result, err, out.Why, out.Notes)
	}
	if got := out.Authentication; got.Err != nil || got.Method == outcome.NoMethod {
		t.Errorf("authentication %v: %v", got.Method, got.Err)
	}
	const newCard = 0x08 // a card with limits for the terminal that was never online
	if out.OnlinePIN != out.TVR.Has(rules.OnlinePIN) {
		t.Errorf("a PIN for the issuer: %t, TVR %s", out.OnlinePIN, out.TVR)
	}
	if out.TVR[0] != 0 || out.TVR[1]&^newCard != 0 || !out.Online && amount >= 5000 {
		t.Errorf("TVR %s, online %v: %v", out.TVR, out.Online, out.Notes)
	}
}
