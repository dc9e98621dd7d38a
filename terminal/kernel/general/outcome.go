package general

import (
	"time"

	"tapbench/applet/emv/oda"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/tlv"
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
	PAN      string   // digits
	AIP      [2]byte
	AFL      []byte
	TVR      rules.TVR
	TSI      rules.TSI
	CVM      rules.CVMResults

	Authentication Authentication
	Online         bool           // the issuer was asked
	Unreachable    bool           // it should have been, and couldn't
	Answer         *Answer        // of the issuer; nil: none
	First, Second  *Cryptogram    // answers to GENERATE AC
	Decision       rules.Decision // of the terminal, before the first GENERATE AC
	Final          rules.Decision // and before the second
	Scripts        []Script
	Trail          Trail // what the steps went by
	// Notes are what was remarkable and didn't end the transaction: an object that was there twice
	// and ignored, a record that didn't authenticate, each with its clause.
	Notes []Reason
}

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
}

// Object is one data object that the card gave.
type Object struct {
	Tag   tlv.Tag
	Value []byte
}
