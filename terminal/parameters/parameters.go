package parameters

import (
	"bytes"
	"slices"

	"tapbench/applet/emv/oda"
	"tapbench/applet/emv/pinblock"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/rules"
)

// Parameters are what a terminal knows before any card comes, without its keys.
type Parameters struct {
	Terminal     general.Terminal
	Way          entry.Way
	Applications []general.Application // best first
	Revoked      []Revoked
	// PINKey is what PINs for issuers are enciphered under; nil: none is taken.
	PINKey *pinblock.Key
}

// WithPINKey returns the parameters of a terminal that takes PINs for issuers, under a key: its
// capabilities say so (9F33 byte 2 bit 7).
func (p Parameters) WithPINKey(key pinblock.Key) Parameters {
	p.PINKey = &key
	p.Terminal.Capabilities[1] |= onlinePIN
	return p
}

// onlinePIN is the bit of the capabilities, in byte 2 (EMV 4.3 Book 4, annex A2).
const onlinePIN = 0x40

// Revoked names an issuer certificate that was withdrawn.
type Revoked struct {
	RID    [oda.RIDLen]byte
	Index  byte // of the CA key
	Serial oda.Serial
}

// Config fills a kernel's configuration with the parameters; what else it has is left.
func (p Parameters) Config(c general.Config) general.Config {
	c.Terminal, c.Way, c.Applications = p.Terminal, p.Way, p.Applications
	if len(p.Revoked) > 0 {
		c.Revoked = func(rid [oda.RIDLen]byte, index byte, serial oda.Serial) bool {
			return slices.Contains(p.Revoked, Revoked{rid, index, serial})
		}
	}
	return c
}

// Only leaves the applications that take a card's name, and takes that name alone. ok is false if
// there is none.
func (p Parameters) Only(name []byte) (_ Parameters, ok bool) {
	for _, a := range p.Applications {
		if a.Takes(name) {
			a.AID, a.Partial = bytes.Clone(name), false
			p.Applications = []general.Application{a}
			return p, true
		}
	}
	return p, false
}

// DefaultFloor is the floor limit of [Default], in minor units.
const DefaultFloor = 5000

// Default returns an attended point of sale in Germany for euros, with a way online and a PIN pad
// whose PINs the card checks ([Parameters.WithPINKey]: issuers, too). It takes tapbench's own EMV
// applications and those of the payment systems whose names are known to everybody, and has no keys
// of theirs.
func Default() Parameters {
	p := Parameters{Terminal: general.PointOfSale()}
	p.Terminal.Capabilities[1] &^= onlinePIN // there is no key for one
	p.Terminal.Country, p.Terminal.Currency, p.Terminal.Exponent = [2]byte{0x02, 0x76},
		[2]byte{0x09, 0x78}, 2
	p.Terminal.Merchant = [15]byte([]byte("TAPBENCH SHOP  "))
	p.Terminal.Name = "Tapbench Shop"
	p.Terminal.ID, p.Terminal.Serial = [8]byte([]byte("POS00001")), [8]byte([]byte("TAPBENCH"))
	for _, aid := range []string{
		"\xF0TAPBENCH",         // every application of this bench's EMV cards
		"\xA0\x00\x00\x00\x03", // Visa
		"\xA0\x00\x00\x00\x04", // Mastercard
		"\xA0\x00\x00\x00\x25", // American Express
		"\xA0\x00\x00\x00\x65", // JCB
		"\xA0\x00\x00\x01\x52", // Discover
		"\xA0\x00\x00\x03\x33", // UnionPay
		"\xA0\x00\x00\x03\x59", // girocard
	} {
		p.Applications = append(p.Applications, DefaultApplication([]byte(aid)))
	}
	return p
}

// DefaultApplication is how [Default] takes an application, and those whose names go on.
func DefaultApplication(aid []byte) general.Application {
	return general.Application{
		Application: entry.Application{AID: aid, Partial: true},
		Versions:    [][2]byte{{0x00, 0x96}, {0x00, 0x02}, {0x00, 0x01}},
		Codes:       DefaultCodes(),
		Limits:      rules.Limits{Floor: DefaultFloor},
		DDOL:        general.DefaultDDOL(),
	}
}

// DefaultCodes are action codes for a bench: a service that the card isn't for is denied, and so is
// a card that is too far away; what failed, has expired or is above a limit goes online, and is
// declined where that can't be, but for the limits of consecutive transactions and the random
// selection.
func DefaultCodes() rules.Codes {
	return rules.Codes{
		Denial:  [5]byte{0x00, 0x10, 0x00, 0x00, 0x04},
		Online:  [5]byte{0xFC, 0x60, 0xAC, 0xF8, 0x00},
		Default: [5]byte{0xFC, 0x60, 0xAC, 0x80, 0x00},
	}
}
