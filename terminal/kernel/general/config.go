package general

import (
	"errors"
	"fmt"
	"io"
	"time"

	"tapbench/applet/emv/oda"
	"tapbench/terminal/kernel/entry"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

// Config is what a terminal knows before any card comes.
type Config struct {
	Terminal     Terminal
	Applications []Application // what it takes, best first
	// Way is how the card is read, which says where its applications are looked for.
	Way    entry.Way
	CAKeys oda.CAKeys
	// Believe takes the place of every certificate and signature; nil: they are verified. It is for
	// recordings.
	Believe Believer
	// Revoked says which issuer certificates were withdrawn; nil: none.
	Revoked oda.Revoked
	// Exception says whether an account number stands on the exception file (EMV 4.3 Book 4, 6.3.5);
	// nil: there is no file. Sequence is 5F34, 0 where the card has none.
	Exception func(pan string, sequence byte) bool
	// Before is what the terminal's log has of an account number that wasn't online yet, in minor
	// units (Book 3, 10.6.1); nil: there is no log.
	Before func(pan string, sequence byte) uint64
	// Chooser lets the cardholder choose an application; nil: the terminal takes the best.
	Chooser entry.Chooser
	// PINPad is where a PIN is entered; nil: there is none, whatever the capabilities say.
	PINPad PINPad
	// Referral asks a person whom the issuer wants to be called whether to go on (Book 4, 6.3.8); nil:
	// nobody is there, and the payment is declined.
	Referral func() bool
	// Relay is what the terminal does against relays with contactless cards; nil: nothing.
	Relay *relay.Policy
	Now   func() time.Time
	// Rand is for unpredictable numbers, random selection and PIN padding.
	Rand io.Reader
}

// Terminal is what a terminal is: data objects of EMV 4.3 Book 4, annex A, in their coding.
type Terminal struct {
	Type         byte     // 9F35
	Capabilities [3]byte  // 9F33
	Additional   [5]byte  // 9F40
	Country      [2]byte  // 9F1A, n3
	Currency     [2]byte  // 5F2A, n3
	Exponent     byte     // 5F36
	Category     [2]byte  // 9F15, merchant category code
	Acquirer     [6]byte  // 9F01, n11
	Merchant     [15]byte // 9F16
	Name         string   // 9F4E, merchant name and location
	ID           [8]byte  // 9F1C
	Serial       [8]byte  // 9F1E, of the interface device
	// Qualifiers are 9F66 (EMV Contactless Book A 2.6), which contactless cards ask for.
	Qualifiers [4]byte
}

// Application is what a terminal knows of one application.
type Application struct {
	entry.Application
	// Versions are those that it can do, 9F09: the first one is named to the card. Without any no
	// card's version is another one.
	Versions [][2]byte
	Codes    rules.Codes // terminal action codes
	Limits   rules.Limits
	// DDOL and TDOL stand in for those that a card lacks; nil: none.
	DDOL, TDOL []byte
}

// PointOfSale returns an attended terminal that goes online or not, with every way to verify a
// cardholder and every offline data authentication (EMV 4.3 Book 4, annex A1 to A3). Country,
// currency and the merchant's names are the caller's.
func PointOfSale() Terminal {
	return Terminal{
		Type: 0x22, Capabilities: [3]byte{0xE0, 0xF8, 0xC8},
		Additional: [5]byte{0x60, 0x00, 0xF0, 0xA0, 0x01},
		Category:   [2]byte{0x59, 0x99},
		Qualifiers: [4]byte{0x36, 0x00, 0x40, 0x00},
	}
}

// DefaultDDOL is what a card without a DDOL is asked to sign: the unpredictable number (EMV 4.3
// Book 2, 6.5.1).
func DefaultDDOL() []byte { return []byte{0x9F, 0x37, 0x04} }

// ErrConfig means that a kernel can't work as it was configured, or that a purchase isn't one.
var ErrConfig = errors.New("terminal isn't configured")

// Kernel carries out payments. It is safe for concurrent use if what its Config names is; a card
// belongs to one payment at a time.
type Kernel struct{ config Config }

// New checks a configuration and returns a kernel. An error wraps [ErrConfig].
func New(c Config) (*Kernel, error) {
	if c.Now == nil || c.Rand == nil || len(c.Applications) == 0 {
		return nil, fmt.Errorf("%w: it needs a clock, randomness and an application", ErrConfig)
	}
	for _, a := range c.Applications {
		if len(a.AID) < 5 || len(a.AID) > 16 {
			return nil, fmt.Errorf("%w: an AID of %d bytes, want 5 to 16", ErrConfig, len(a.AID))
		}
		if l := a.Limits; l.Percent < 0 || l.Percent > l.Most || l.Most > 99 {
			return nil, fmt.Errorf("%w: application %X: random selection of %d to %d percent, want 0 to 99",
				ErrConfig, a.AID, l.Percent, l.Most)
		}
	}
	if c.Terminal.reach() == nowhere {
		return nil, fmt.Errorf("%w: terminal type %02X isn't one", ErrConfig, c.Terminal.Type)
	}
	return &Kernel{config: c}, nil
}
