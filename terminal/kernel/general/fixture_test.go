package general_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emv/pinblock"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc"
	"tapbench/pcsc/pcsctest"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

// host asks a test issuer.
type host struct {
	*issuer.Issuer
	t *testing.T // is told why; may be nil
}

func (h host) Authorise(_ context.Context, q general.Request) (outcome.Answer, error) {
	a, err := h.Issuer.Authorise(issuer.Request{
		Amount: q.Amount, Currency: q.Currency, ICC: q.ICC, PAN: q.PAN, Sequence: q.Sequence,
		PINBlock: q.PINBlock,
	})
	if h.t != nil {
		h.t.Logf("issuer: %s", a.Why)
	}
	return outcome.Answer{ARC: a.ARC, IssuerAuth: a.IssuerAuth, Scripts: a.Scripts}, err
}

// pad enters PINs, one after the other.
type pad struct {
	pins []string
	left []int // what it was told
}

func (p *pad) Offline(_ context.Context, left int, _ bool) (string, error) {
	p.left = append(p.left, left)
	if len(p.pins) == 0 {
		return "", general.ErrNotEntered
	}
	pin := p.pins[0]
	p.pins = p.pins[1:]
	return pin, nil
}

func (p *pad) Online(_ context.Context, pan string) (pinblock.Block, error) {
	if len(p.pins) == 0 {
		return nil, general.ErrNotEntered
	}
	pin, err := pinblock.ParsePIN(p.pins[0])
	if err != nil {
		return nil, err
	}
	key := pinKey()
	return key.Seal(rand.Reader, pin, pan)
}

// pinKey is what pad and issuers share.
func pinKey() pinblock.Key {
	key, _ := pinblock.NewKey(pinblock.Format4, cryptogram.Key{1})
	return key
}

// bank is the issuer of a fixture's card.
func bank(f *emvcardtest.Fixture) *issuer.Issuer {
	key := pinKey()
	pin, _ := pinblock.ParsePIN(emvcardtest.PIN)
	return issuer.New(issuer.Config{
		Keys: []issuer.Keys{{
			Scheme: f.App().Scheme, Index: f.App().KeyIndex, Master: f.Issuer,
		}},
		PINs: issuer.PINs{Key: &key, Other: pin},
	})
}

// config is a terminal that takes a fixture's card, offline too up to 50.00.
func config(f *emvcardtest.Fixture) general.Config {
	terminal := general.PointOfSale()
	terminal.Country, terminal.Currency = [2]byte{0x02, 0x76}, [2]byte{0x09, 0x78}
	return general.Config{
		Terminal: terminal,
		Applications: []general.Application{{
			Application: entry.Application{AID: emvcardtest.AID(), Partial: true},
			Codes:       rules.Codes{},
			Limits:      rules.Limits{Floor: 5000},
			DDOL:        general.DefaultDDOL(),
		}},
		CAKeys: oda.CAKeys{f.Authority},
		PINPad: &pad{pins: []string{emvcardtest.PIN}},
		Now:    func() time.Time { return time.Date(2026, 11, 21, 12, 34, 56, 0, time.UTC) },
		Rand:   rand.Reader,
	}
}

// pay has a kernel of a configuration pay with a card.
func pay(
	t *testing.T, c general.Config, card pcsc.Processor, h general.Host, p general.Purchase,
) (outcome.Outcome, error) {
	t.Helper()
	k, err := general.New(c)
	if err != nil {
		t.Fatal(err)
	}
	connection := pcsc.NewDirect(card)
	t.Cleanup(func() { _ = connection.Close() })
	return k.Pay(t.Context(), connection, h, p)
}

// deviate has a card depart from itself by lines of pcsctest.ParseDeviation.
func deviate(t *testing.T, card pcsc.Processor, lines ...string) *pcsctest.Deviant {
	t.Helper()
	all, err := pcsctest.ParseDeviations(strings.Join(lines, "\n"))
	if err != nil {
		t.Fatal(err)
	}
	d := pcsctest.NewDeviant(card, all...)
	t.Cleanup(func() {
		if lines := d.Unapplied(); len(lines) > 0 && !t.Failed() {
			t.Errorf("never applied: %q", lines)
		}
	})
	return d
}

func hexOf(b []byte) string { return fmt.Sprintf("%X", b) }

// noAuthentication makes a card without offline data authentication: no RSA.
func noAuthentication(a *image.Application) { a.AIP = [2]byte{0x1C, 0} }
