package acquirer

import "tapbench/applet/emv"

// Code is field 39, the answer to a request: two characters of ISO 8583:1987, annex A. It is the
// one table of reasons that the bench has for a decline.
type Code string

// The response codes in use.
const (
	// CodeApproved: the payment stands.
	CodeApproved Code = "00"
	// CodeInvalidMerchant: the certificate's merchant isn't the one of the message, or unknown.
	CodeInvalidMerchant Code = "03"
	// CodeDoNotHonour: declined for a reason that the merchant isn't told.
	CodeDoNotHonour Code = "05"
	// CodeInvalidTransaction: no purchase, or a reversal that doesn't fit its original.
	CodeInvalidTransaction Code = "12"
	// CodeInvalidAmount: nothing, or another currency than the card's.
	CodeInvalidAmount Code = "13"
	// CodeInvalidCard: the TSM has issued no such card.
	CodeInvalidCard Code = "14"
	// CodeFormat: the message isn't as its layout says.
	CodeFormat Code = "30"
	// CodeInsufficientFunds: the account doesn't cover the amount.
	CodeInsufficientFunds Code = "51"
	// CodeExpiredCard: the card's epoch has ended.
	CodeExpiredCard Code = "54"
	// CodeExceedsLimit: the amount is above the card's limit.
	CodeExceedsLimit Code = "61"
	// CodeSecurity: the cryptogram or the card key's signature is wrong, or the card was spent
	// before.
	CodeSecurity Code = "63"
	// CodeUnavailable: the TSM can't decide now.
	CodeUnavailable Code = "91"
	// CodeDuplicate: the key was used before for another request.
	CodeDuplicate Code = "94"
	// CodeMalfunction: the TSM failed and can't say whether anything was booked.
	CodeMalfunction Code = "96"
)

// Codes returns the response codes in use, in ascending order.
func Codes() []Code {
	return []Code{
		CodeApproved, CodeInvalidMerchant, CodeDoNotHonour, CodeInvalidTransaction,
		CodeInvalidAmount, CodeInvalidCard, CodeFormat, CodeInsufficientFunds, CodeExpiredCard,
		CodeExceedsLimit, CodeSecurity, CodeUnavailable, CodeDuplicate, CodeMalfunction,
	}
}

// Approved reports whether the payment stands.
func (c Code) Approved() bool { return c == CodeApproved }

// Uncertain reports whether something may have been booked although the request wasn't approved:
// the terminal reverses then.
func (c Code) Uncertain() bool { return c == CodeMalfunction }

// ARC returns the authorisation response code for the card, tag 8A: the same two characters (EMV
// 4.3 Book 3, annex A).
func (c Code) ARC() [2]byte {
	var arc [2]byte
	copy(arc[:], c)
	return arc
}

// CSU returns the card status update that goes with the code into the ARPC.
func (c Code) CSU() [4]byte {
	if c.Approved() {
		return emv.CSUApproved()
	}
	return emv.CSUDeclined()
}

// String returns the code's meaning for a receipt, such as "insufficient funds".
func (c Code) String() string {
	switch c {
	case CodeApproved:
		return "approved"
	case CodeInvalidMerchant:
		return "invalid merchant"
	case CodeDoNotHonour:
		return "not honoured"
	case CodeInvalidTransaction:
		return "invalid transaction"
	case CodeInvalidAmount:
		return "invalid amount"
	case CodeInvalidCard:
		return "no such card"
	case CodeFormat:
		return "malformed request"
	case CodeInsufficientFunds:
		return "insufficient funds"
	case CodeExpiredCard:
		return "expired card"
	default:
		return c.laterString()
	}
}

func (c Code) laterString() string {
	switch c {
	case CodeExceedsLimit:
		return "above the card's limit"
	case CodeSecurity:
		return "security violation"
	case CodeUnavailable:
		return "issuer not available"
	case CodeDuplicate:
		return "duplicate"
	case CodeMalfunction:
		return "system malfunction"
	default:
		return "declined"
	}
}

// known reports whether the code is one of [Codes].
func (c Code) known() bool { return c.String() != "declined" }
