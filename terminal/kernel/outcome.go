package kernel

import (
	"fmt"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
	"tapbench/terminal/kernel/relay"
)

// Result is what became of a payment.
type Result int

// The results.
const (
	// Unfinished: the payment came to no end; the error beside it says why.
	Unfinished Result = iota
	// Approved: issuer and card have approved; the card has answered a TC.
	Approved
	// Declined: somebody said no; see [Decline].
	Declined
)

// String returns "unfinished", "approved" or "declined".
func (r Result) String() string {
	switch r {
	case Approved:
		return "approved"
	case Declined:
		return "declined"
	case Unfinished:
		return "unfinished"
	default:
		return "unfinished"
	}
}

// MarshalText returns what String does.
func (r Result) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// UnmarshalText is the inverse of MarshalText. Any other text is an error.
func (r *Result) UnmarshalText(text []byte) error {
	for _, known := range []Result{Unfinished, Approved, Declined} {
		if known.String() == string(text) {
			*r = known
			return nil
		}
	}
	return fmt.Errorf("no payment's result: %.32q", text)
}

// Decline is who said no, and why.
type Decline int

// The declines.
const (
	// NotDeclined: nobody has declined.
	NotDeclined Decline = iota
	// ByIssuer: the TSM declined; the outcome's answer has its code.
	ByIssuer
	// ByCard: the card answered an AAC, either in place of the ARQC or to the issuer's approval.
	ByCard
	// NotAuthentic: the TSM didn't sign this card, or the card's key didn't sign this payment.
	NotAuthentic
	// Expired: the card's epoch or its expiration date has passed.
	Expired
	// AboveLimit: the amount is above the card's limit.
	AboveLimit
	// OtherCurrency: the card is for another currency.
	OtherCurrency
	// TooFar: the card answers as one does that is somewhere else: [Outcome.Far].
	TooFar
	// NoRelay: the card doesn't take part in the exchange against relays, and must.
	NoRelay
)

// String returns the reason for a receipt, such as "declined by the card".
func (d Decline) String() string {
	switch d {
	case ByIssuer:
		return "declined by the issuer"
	case ByCard:
		return "declined by the card"
	case NotAuthentic:
		return "card isn't authentic"
	case Expired:
		return "card has expired"
	case AboveLimit:
		return "above the card's limit"
	case OtherCurrency:
		return "card is for another currency"
	case TooFar:
		return relay.ErrFar.Error()
	case NoRelay:
		return relay.ErrNotOffered.Error()
	case NotDeclined:
		return ""
	default:
		return ""
	}
}

// Outcome is what is known of a payment when it has ended. What the payment didn't reach is zero.
type Outcome struct {
	Result  Result
	Decline Decline
	// Asked says that the host was asked to authorise the payment. The card is spent then.
	Asked bool
	// NeedReversal says that the issuer may have booked a payment that didn't take place: the
	// terminal must reverse it. It may be set whatever the result, and beside an error.
	NeedReversal bool

	Time       time.Time // when the payment began
	AID        []byte    // DF name of the application
	Label      string
	PAN        emv.PAN
	ATC        uint16
	UN         [wire.UNLen]byte
	CID        byte                     // type of the last cryptogram: emv.CIDTC, CIDAAC, CIDARQC
	Cryptogram [wire.CryptogramLen]byte // the last one
	IAD        []byte                   // issuer application data beside it
	Answer     *Answer                  // the host's, or nil
	// Far says how far away the card is, if that is why it was declined; or nil.
	Far *relay.FarError
	// Evidence is what the card has signed, once it has: the merchant's proof, or nil.
	Evidence *dispute.Payment
}

// Reason returns who said no and why, for a receipt; or nothing.
func (o Outcome) Reason() string {
	if o.Far != nil {
		return o.Far.Error()
	}
	return o.Decline.String()
}

// decline ends the payment.
func (t *transaction) decline(why Decline) {
	t.out.Result, t.out.Decline = Declined, why
}
