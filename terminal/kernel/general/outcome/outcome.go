package outcome

import (
	"time"

	"tapbench/applet/emv"
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
	Objects  []tlv.Element // of the card, in the order in which it gave them
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
	// OnlinePIN says that the cardholder was asked for a PIN for the issuer, and entered one. It went
	// with the request, if the issuer was asked.
	OnlinePIN bool
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
	// stripe may be read if the payment system's rules let it (EMV 4.3 Book 4, 6.6.2).
	MagneticStripe
	// ContactChip: the card should be inserted (EMV Contactless Book A 2.6).
	ContactChip
)

// Selected is the application that was selected.
type Selected struct {
	AID       []byte
	Label     string
	Priority  byte
	Directory string // how it was found: "PSE", "PPSE" or "list of AIDs"
}
