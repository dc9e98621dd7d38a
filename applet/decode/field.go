package decode

import "tapbench/pcsc/tlv"

// Field is one data element of a command or an answer. The fields of a message stand in the order
// of their bytes, a template before what it holds; what lies in a template is one deeper.
type Field struct {
	// Tag is the element's tag, or 0 for what has none, such as CLA or a nonce of ours.
	Tag tlv.Tag
	// Name is the element's name in its standard, such as "application interchange profile".
	Name string
	// Start is where tag and length begin; Off where the value does, Len how long it is, in bytes.
	// Where there is neither tag nor length, Start is Off.
	Start, Off, Len int
	// Depth is 0 for the outermost.
	Depth int
	// Template says that the value is made of the deeper fields that follow.
	Template bool
	// Format says how the value is written.
	Format Format
	// Variation says why the value differs from run to run, if it does.
	Variation Variation
	// Secrecy says whether the value may be kept. Of a template it says nothing: the fields in it
	// have their own. Tag and length may be kept whatever it is.
	Secrecy Secrecy
}

// Format says how a value is written (EMV 4.3 Book 3, 4.3).
type Format byte

// The formats. Those from Integer on say more than the standard does: what the digits stand for.
const (
	Binary       Format = iota // b
	Numeric                    // n: BCD, right justified
	Compressed                 // cn: BCD, left justified, padded with F
	Alphanumeric               // an, ans
	BitField                   // b, with a meaning for each bit: see Bits
	DOL                        // a list of tags and lengths
	Integer                    // b: an unsigned number, high byte first
	Amount                     // n12, in minor units
	Day                        // n6: YYMMDD
	TimeOfDay                  // n6: HHMMSS
	Currency                   // n3: ISO 4217, with a leading zero
	Country                    // n3: ISO 3166-1, with a leading zero
	Coded                      // b: a value out of a list, whose words Describe knows
)

// Variation says why a value differs from run to run.
type Variation byte

// The reasons. Recordings mark such values with [Variation.Label].
const (
	Constant       Variation = iota
	Challenge                // a nonce or unpredictable number
	Counter                  // an ATC, a message counter
	Cryptogram               // a MAC, an application cryptogram, a hash of what varies
	Signature                // a signature
	Ciphertext               // encrypted data
	FreshKey                 // a public key that is made in the run
	FreshIdentity            // an identifier or certificate that is made in the run
	DateTime                 // of the run
	ProtocolStatus           // what depends on the state of the card when the run begins
)

// Secrecy says whether a value may be kept in a recording. Only what is Clear may.
type Secrecy byte

// The reasons for secrecy. Recordings name stand-ins by [Secrecy.Label].
const (
	// Unknown values aren't on the list of those that may be kept.
	Unknown Secrecy = iota
	// Clear values are on the list.
	Clear
	// PAN is a primary account number, in cn or n.
	PAN
	// Track is track data, with a PAN in it.
	Track
	// Holder is a cardholder's name or other personal data.
	Holder
	// PIN is a PIN in any form.
	PIN
	// Key is a secret key, or what it can be computed from.
	Key
	// Secured is data under secure messaging.
	Secured
	// Signed is a certificate, a signature or a remainder of one: the account number can be
	// recovered from it, or tried against it, or the card be known again by it.
	Signed
	// History is what a card's log has of earlier transactions.
	History
)
