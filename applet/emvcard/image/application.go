package image

import (
	"fmt"
	"io"

	"tapbench/applet/emv/cryptogram"
	"tapbench/applet/emv/oda"
)

// Scheme is how an application computes its cryptograms.
type Scheme = cryptogram.Scheme

// The schemes.
const (
	// CVN10 is triple DES by the master key, with a fixed list of data.
	CVN10 = cryptogram.VersionCVN10
	// CVN18 is triple DES by the common session key (EMV 4.3 Book 2, annex A1.3).
	CVN18 = cryptogram.VersionCVN18
	// CCD is the common core definitions' format A with AES (Book 2, annex A1.3; Book 3, part V).
	CCD = cryptogram.VersionCCD
	// CCD3DES is the same with triple DES.
	CCD3DES = cryptogram.VersionCCD3DES
)

// Application is one application of a card.
type Application struct {
	AID     []byte // DF name, 5 to 16 bytes
	FCI     []byte // the whole answer to SELECT, tag 6F with its length
	Blocked bool   // from the start: SELECT answers 6283
	PDOL    []byte // as in the FCI; nil: none
	CDOL1   []byte // as in the records
	CDOL2   []byte // nil: the first GENERATE AC ends a transaction, as contactless cards have it
	DDOL    []byte // nil: none
	AIP     [2]byte
	AFL     []byte
	Records []Record
	// Objects are what GET DATA answers beside the card's own counters: tag in two bytes, value.
	Objects []Object

	PAN      string // digits
	Sequence byte   // 0 to 99
	Scheme   Scheme
	// KeyIndex names the issuer's keys in the issuer application data (derivation key index).
	KeyIndex byte
	Keys     Keys
	// ScriptMAC is how many bytes of a MAC the issuer's scripts carry: 4 to 8; 0: 8.
	ScriptMAC byte
	ODA       *oda.PrivateKey // the card's key; nil: none, or static authentication alone
	PINKey    *oda.PrivateKey // for enciphered PINs; nil: ODA's
	PIN       *PIN            // nil: VERIFY is refused
	// Format1 says that answers without a signature are a list of values in template 80, not of
	// objects in 77 (EMV 4.3 Book 3, 6.5.5.4 and 6.5.8.4).
	Format1 bool
	// FastDDA says that GET PROCESSING OPTIONS answers cryptogram and signature at once, if the
	// terminal's 9F66 asks for it: one command less on a reader without contacts.
	FastDDA bool
	Risk    Risk
	Log     *Log   // nil: no transaction log
	Relay   *Relay // nil: no relay resistance
}

// Object is a data object for GET DATA.
type Object struct {
	Tag   uint16
	Value []byte // without tag and length
	Put   bool   // an issuer script may change it (PUT DATA)
}

// Keys are the card's own master keys.
type Keys = cryptogram.Keys

// PIN is the reference PIN.
type PIN struct {
	Digits string // 4 to 12
	Tries  byte   // 1 to 15
	// CDCVM says that the device has verified its holder, so that no PIN is asked for.
	CDCVM bool
}

// Risk are the limits of card risk management. A nil one isn't looked at.
type Risk struct {
	Lower, Upper *byte // consecutive offline transactions, 9F14 and 9F23
	// LowerAmount and UpperAmount are cumulative offline amounts in Currency, minor units.
	LowerAmount, UpperAmount *uint64
	Currency                 [2]byte // n3
	OnlineNew                bool    // a card that was never online asks for it
	MandatoryAuth            bool    // without issuer authentication the second cryptogram is an AAC
}

// Log is the transaction log: a cyclic file, last transaction first.
type Log struct {
	SFI     byte   // 11 to 30
	Entries byte   // 1 to 30
	Format  []byte // DOL, 9F4F
}

// Relay are the times that a card names in the exchange of relay resistance data, in units of
// 100 microseconds.
type Relay struct {
	Min, Max, Transmission uint16
}

// Format hides what an application holds, whatever the verb; and so below.
func (Application) Format(f fmt.State, _ rune) { hide(f, "Application") }

// Format hides the digits.
func (PIN) Format(f fmt.State, _ rune) { hide(f, "PIN") }

func hide(f fmt.State, name string) { _, _ = io.WriteString(f, name+"(hidden)") }
