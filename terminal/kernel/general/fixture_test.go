package general_test

import (
	"context"
	"crypto/rand"
	"testing"
	"time"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/issuer"
	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/pcsc"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/rules"
)

// host asks a test issuer.
type host struct {
	*issuer.Issuer
	t *testing.T // is told why; may be nil
}

func (h host) Authorise(_ context.Context, q general.Request) (general.Answer, error) {
	a, err := h.Issuer.Authorise(issuer.Request{
		Amount: q.Amount, Currency: q.Currency, ICC: q.ICC, PAN: q.PAN, Sequence: q.Sequence,
	})
	if h.t != nil {
		h.t.Logf("issuer: %s", a.Why)
	}
	return general.Answer{ARC: a.ARC, IssuerAuth: a.IssuerAuth, Scripts: a.Scripts}, err
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

func (p *pad) Online(context.Context, string) ([]byte, error) {
	if len(p.pins) == 0 {
		return nil, general.ErrNotEntered
	}
	return []byte(p.pins[0]), nil
}

// bank is the issuer of a fixture's card.
func bank(f *emvcardtest.Fixture) *issuer.Issuer {
	return issuer.New(issuer.Config{Keys: issuer.Keys{
		Scheme: f.App().Scheme, Index: f.App().KeyIndex, Master: f.Issuer,
	}})
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
) (general.Outcome, error) {
	t.Helper()
	k, err := general.New(c)
	if err != nil {
		t.Fatal(err)
	}
	connection := pcsc.NewDirect(card)
	t.Cleanup(func() { _ = connection.Close() })
	return k.Pay(t.Context(), connection, h, p)
}

func TestHappyPaths(t *testing.T) {
	for name, tt := range map[string]struct {
		kind    emvcardtest.Kind
		way     entry.Way
		change  func(*image.Application)
		cfg     func(*general.Config)
		amount  uint64
		method  general.Method
		tvr     string
		tsi     string
		online  bool
		secondA bool
	}{
		"contact, CDA, offline": {
			kind: emvcardtest.Contact, way: entry.Contact, amount: 1000, method: general.CDA,
		},
		"contactless, CDA, offline": {
			kind: emvcardtest.Contactless, way: entry.Contactless, amount: 1000, method: general.CDA,
		},
		"contact, CDA, online": {
			kind: emvcardtest.Contact, way: entry.Contact, amount: 6000, method: general.CDA, online: true,
			secondA: true,
		},
		"contactless, CDA, online": {
			kind: emvcardtest.Contactless, way: entry.Contactless, amount: 6000, method: general.CDA,
			online: true,
		},
		"contact, DDA, online": {
			kind: emvcardtest.Contact, way: entry.Contact, amount: 6000, method: general.DDA, online: true,
			secondA: true, cfg: func(c *general.Config) { c.Terminal.Capabilities[2] = 0x40 },
		},
		"contact, SDA, CVN10, online": {
			kind: emvcardtest.Contact, way: entry.Contact, amount: 6000, method: general.SDA, online: true,
			secondA: true, cfg: func(c *general.Config) { c.Terminal.Capabilities[2] = 0x80 },
			change: func(a *image.Application) { a.Scheme = cryptogram.VersionCVN10 },
		},
	} {
		t.Run(name, func(t *testing.T) {
			var changes []func(*image.Application)
			if tt.change != nil {
				changes = append(changes, tt.change)
			}
			f := emvcardtest.New(t, tt.kind, changes...)
			c := config(f)
			c.Way = tt.way
			if tt.cfg != nil {
				tt.cfg(&c)
			}
			out, err := pay(t, c, f.Card(t, nil), host{bank(f), t}, general.Purchase{Amount: tt.amount})
			if err != nil || out.Result != general.Approved {
				t.Fatalf("%v, %v", out.Result, err)
			}
			if out.Online != tt.online || (out.Second != nil) != tt.secondA {
				t.Errorf("online %v, second %v", out.Online, out.Second)
			}
			if a := out.Authentication; a.Method != tt.method || a.Err != nil {
				t.Errorf("authentication %v: %v", a.Method, a.Err)
			}
		})
	}
}
