package general_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emvcard/emvcardtest"
	"tapbench/applet/emvcard/image"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
	"tapbench/terminal/kernel/rules"
)

func TestAuthenticationFails(t *testing.T) {
	sda, dda := byte(0x80), byte(0x40)
	const lacking, static, dynamic, combined = "20", "42", "08", "04"
	for name, tt := range map[string]struct {
		methods  byte // of the terminal; 0: all
		deviates []string
		change   func(*image.Application)
		config   func(*general.Config)
		tvr      string // byte 1
		err      error  // nil: another one
		text     string
	}{
		"SDA, no key index": {
			methods: sda, deviates: []string{"00B2: drop 8F"}, tvr: "62", text: "8F",
		},
		"SDA, no signature": {
			methods: sda, deviates: []string{"00B2: drop 93"}, tvr: "62", text: "93",
		},
		"SDA, signature of another card": {
			methods: sda, deviates: []string{"00B2: set 93 00*128"}, tvr: static, err: oda.ErrTrailer,
		},
		"SDA, signed data changed": {
			methods: sda, deviates: []string{"00B2: xor 9F07@0 01"}, tvr: static, err: oda.ErrHash,
		},
		"SDA, tag list with another tag": {
			methods: sda, deviates: []string{"00B2: set 9F4A 8295"}, tvr: static,
			text: "names other tags than 82",
		},
		"SDA, covered record of file 11 isn't a template 70": {
			methods: sda, tvr: static, text: "isn't a template 70",
			deviates: []string{
				"80A8: set 94 080101011001030058010101", "00B2015C: answer 770282009000",
			},
		},
		"DDA, no issuer certificate": {
			methods: dda, deviates: []string{"00B2: drop 90"}, tvr: "28", text: "90",
		},
		"DDA, no certificate": {
			methods: dda, deviates: []string{"00B2: drop 9F46"}, tvr: "28", text: "9F46",
		},
		"DDA, payment system's key isn't known": {
			methods: dda, config: func(c *general.Config) { c.CAKeys = nil }, tvr: dynamic,
			text: "doesn't have the payment system's key 92",
		},
		"DDA, payment system's key has expired": {
			methods: dda, tvr: dynamic, text: "has expired",
			config: func(c *general.Config) {
				c.CAKeys[0].Expiry = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
			},
		},
		"DDA, issuer certificate revoked": {
			methods: dda, tvr: dynamic, err: oda.ErrRevoked, config: func(c *general.Config) {
				c.Revoked = func([oda.RIDLen]byte, byte, oda.Serial) bool { return true }
			},
		},
		"DDA, no DDOL anywhere": {
			methods: dda, change: func(a *image.Application) { a.DDOL = nil }, tvr: dynamic,
			text:   "neither card nor terminal has a DDOL",
			config: func(c *general.Config) { c.Applications[0].DDOL = nil },
		},
		"DDA, DDOL without the unpredictable number": {
			methods: dda, change: func(a *image.Application) { a.DDOL = []byte{0x9A, 3} }, tvr: dynamic,
			text: "doesn't ask for the unpredictable number",
		},
		"DDA, signature is wrong": {
			methods: dda, deviates: []string{"0088: set 9F4B 00*128"}, tvr: dynamic, err: oda.ErrTrailer,
		},
		"CDA, no issuer exponent": {
			deviates: []string{"00B2: drop 9F32"}, tvr: "24", text: "9F32",
		},
		"CDA, certificate of another card": {
			deviates: []string{"00B2: set 5A 9999990000000011"}, tvr: combined, err: oda.ErrHash,
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) {
				if tt.change != nil {
					tt.change(a)
				}
			})
			c := config(f)
			c.Way = entry.Contact
			if tt.methods != 0 {
				c.Terminal.Capabilities[2] = tt.methods
			}
			if tt.config != nil {
				tt.config(&c)
			}
			declines := hostFunc(func(general.Request) (outcome.Answer, error) {
				return outcome.Answer{ARC: [2]byte{'0', '5'}}, nil
			})
			out, err := pay(t, c, deviate(t, f.Card(t, nil), tt.deviates...), declines,
				general.Purchase{Amount: 6000})
			if err != nil {
				t.Fatalf("%v: %+v", err, out.Notes)
			}
			if got := hexOf(out.TVR[:1]); got != tt.tvr {
				t.Errorf("TVR byte 1 %s, want %s", got, tt.tvr)
			}
			got := out.Authentication.Err
			if got == nil || tt.err != nil && !errors.Is(got, tt.err) ||
				!strings.Contains(got.Error(), tt.text) {
				t.Errorf("error %v, want %v %q", got, tt.err, tt.text)
			}
			if !out.TSI.Has(rules.DidAuthentication) {
				t.Errorf("TSI %s: a method that failed was performed", out.TSI)
			}
		})
	}
}

// A card without a DDOL signs by the terminal's default.
func TestDefaultDDOL(t *testing.T) {
	f := emvcardtest.New(t, emvcardtest.Contact, func(a *image.Application) { a.DDOL = nil })
	c := config(f)
	c.Way, c.Terminal.Capabilities[2] = entry.Contact, 0x40
	card := deviate(t, f.Card(t, nil))
	out, err := pay(t, c, card, host{bank(f), t}, general.Purchase{Amount: 1000})
	if out.Authentication.Method != outcome.DDA || err != nil {
		t.Errorf("%v, %v", out.Authentication, err)
	}
}
