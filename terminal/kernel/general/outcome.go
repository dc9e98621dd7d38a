package general

import (
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/emv/oda"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
	"tapbench/terminal/kernel/relay"
	"tapbench/terminal/kernel/rules"
)

// Result is how a transaction ended.
type Result byte

// The results.
const (
	// Unfinished: the transaction was terminated; the error beside it says why and by which clause.
	Unfinished Result = iota
	// Approved: the card has answered a TC.
	Approved
	// Declined: the card has answered an AAC, or the terminal has declined.
	Declined
)

// Method is a kind of offline data authentication.
type Method byte

// The methods, in the order of preference (EMV 4.3 Book 3, 10.3).
const (
	NoMethod Method = iota
	SDA
	DDA
	CDA
	FastDDA
)

// Outcome is all that a transaction has come to: for receipts, logs and explanations. What
// it didn't reach is zero. It holds the card's account number: Objects and PAN are for the issuer.
type Outcome struct {
	Result   Result
	Time     time.Time
	Amount   uint64  // minor units, cashback included
	Currency [2]byte // n3
	// Why is the deciding reason in words, with the clause: "terminal action code denies: TVR byte 1
	// bit 4", ...
	Why Reason

	Selected Selected
	Objects  []Object // of the card, in the order in which it gave them
	PAN      emv.AnyPAN
	AIP      [2]byte
	AFL      []byte
	TVR      rules.TVR
	TSI      rules.TSI
	CVM      rules.CVMResults

	Sequence byte    // 5F34; 0 where the card has none
	UN       [4]byte // 9F37

	Authentication Authentication
	Relay          *relay.Verdict // the last measurement; nil: none
	Online         bool           // the issuer was asked
	Unreachable    bool           // it should have been, and couldn't
	Answer         *Answer        // of the issuer; nil: none
	First, Second  *Cryptogram    // answers to GENERATE AC
	Decision       rules.Decision // of the terminal, before the first GENERATE AC
	Final          rules.Decision // and before the second
	ARC            [2]byte        // 8A: the issuer's, or the terminal's own (Y1, Z1, Y3, Z3)
	Scripts        []Script
	Trail          Trail // what the steps went by
	// Signature says that the cardholder has to sign the receipt.
	Signature bool
	// Reversal says that the issuer approved what didn't take place in the end: the terminal must
	// reverse it (EMV 4.3 Book 4, 12.2.3). It may be set beside an error, too.
	Reversal bool
	// Fallback is what the terminal may try when the chip didn't get it anywhere.
	Fallback Fallback
	// Notes are what was remarkable and didn't end the transaction: an object that was there twice
	// and ignored, a record that didn't authenticate, each with its clause. Each bit that is set in
	// the TVR has one that says why.
	Notes []Reason
}

// Fallback is what a terminal may do instead of the chip transaction that came to nothing.
type Fallback byte

// The ways on.
const (
	NoFallback Fallback = iota
	// MagneticStripe: the chip can't be read at all, or has no application for this terminal; the
	// stripe may be read if the payment system's rules let it (EMV 4.3 Book 4, 10.1 and 10.4).
	MagneticStripe
	// ContactChip: the card should be inserted (EMV Contactless Book A 2.6).
	ContactChip
)

// Reason is a sentence with the clause that it comes from.
type Reason struct {
	Text   string `json:"text"`
	Clause string `json:"clause"` // such as "EMV 4.3 Book 3, 10.7"
}

// Selected is the application that was selected.
type Selected struct {
	AID       []byte
	Label     string
	Priority  byte
	Directory string // how it was found: "PSE", "PPSE" or "list of AIDs"
}

// Authentication is what came of the offline data authentication.
type Authentication struct {
	Method  Method
	Err     error // nil: it succeeded; an *oda.Error or a reason why it couldn't be done
	CAIndex byte
	CAKey   *oda.CAKey // nil: the terminal doesn't know it
	Issuer  *oda.IssuerCertificate
	Card    *oda.CardCertificate
}

// Cryptogram is an answer to GENERATE AC.
type Cryptogram struct {
	CID byte
	ATC uint16
	AC  [8]byte
	IAD []byte
}

// Script is an issuer script as it was carried out (tag 9F5B: EMV 4.3 Book 4, 6.3.9 and annex A5).
type Script struct {
	Before   bool    // the final GENERATE AC: template 71
	ID       [4]byte // 9F18; zeros: none
	Commands int     // in the script
	Done     int     // carried out without an error
	SW       apdu.SW // of the last one
	// Malformed says that it couldn't be read, so that no command was sent.
	Malformed bool
}

// Failed says that not all of the script was carried out.
func (s Script) Failed() bool { return s.Malformed || s.Done < s.Commands }

// Results is the issuer script results' part about this script: tag 9F5B, 5 bytes. The high digit
// is 0 not performed, 1 failed, 2 successful, the low one the number of the command that failed, F
// for 15 and above.
func (s Script) Results() [5]byte {
	const performed, failed, last = 0x20, 0x10, 0x0F
	out := [5]byte{performed, s.ID[0], s.ID[1], s.ID[2], s.ID[3]}
	switch {
	case s.Malformed:
		out[0] = 0
	case s.Failed():
		out[0] = failed | byte(min(s.Done+1, last))
	}
	return out
}

// Object is one data object that the card gave.
type Object struct {
	Tag   tlv.Tag
	Value []byte
}
