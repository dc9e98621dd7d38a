package acquirer

import "tapbench/applet/emv"

// Code is field 39, the answer to a request: two characters of ISO 8583:1987, annex A. [Codes] is
// the one table of reasons that the bench has for a decline.
type Code string

// The response codes in use.
const (
	// CodeApproved: it is done.
	CodeApproved Code = "00"
	// CodeInvalidMerchant: the certificate's merchant isn't the one of the message, or unknown.
	CodeInvalidMerchant Code = "03"
	// CodeDoNotHonour: declined for a reason that the merchant isn't told.
	CodeDoNotHonour Code = "05"
	// CodeInvalidTransaction: what the message refers to isn't there or can't be undone any more.
	CodeInvalidTransaction Code = "12"
	// CodeInvalidAmount: nothing, another currency than the card's, or more than was paid.
	CodeInvalidAmount Code = "13"
	// CodeInvalidCard: the TSM has issued no such card.
	CodeInvalidCard Code = "14"
	// CodeFormat: the message isn't as its layout says.
	CodeFormat Code = "30"
	// CodeInsufficientFunds: who has to pay doesn't have the amount.
	CodeInsufficientFunds Code = "51"
	// CodeExpiredCard: the card's or account's epoch has ended.
	CodeExpiredCard Code = "54"
	// CodeExceedsLimit: the amount is above the card's limit.
	CodeExceedsLimit Code = "61"
	// CodeSecurity: a cryptogram or the card key's signature is wrong, or the card was spent before.
	CodeSecurity Code = "63"
	// CodeUnavailable: the TSM can't decide now.
	CodeUnavailable Code = "91"
	// CodeDuplicate: the key was used before for another request.
	CodeDuplicate Code = "94"
	// CodeReconcile: the terminal's totals aren't the TSM's.
	CodeReconcile Code = "95"
	// CodeMalfunction: the TSM failed and can't say whether anything was booked.
	CodeMalfunction Code = "96"
)

// CodeRow is one row of the table of response codes.
type CodeRow struct {
	Code Code
	Text string // for a receipt
	// Reasons are what makes the TSM answer so. The merchant is told no more than the code.
	Reasons string
}

// Codes returns the table of response codes, in ascending order.
func Codes() []CodeRow {
	return []CodeRow{
		{CodeApproved, "approved", "booked, taken back, or taken note of"},
		{
			CodeInvalidMerchant, "invalid merchant",
			"field 42 doesn't begin with the party ID of the certificate",
		},
		{CodeDoNotHonour, "not honoured", "the authorisation was reversed before it came"},
		{
			CodeInvalidTransaction, "invalid transaction",
			"no such payment of this terminal; its amount is another one; " +
				"it was taken back or refunded; its day is closed (reversal)",
		},
		{
			CodeInvalidAmount, "invalid amount",
			"nothing; another currency than the card's; more than is left of the payment (refund)",
		},
		{CodeInvalidCard, "no such card", "the TSM has issued no card with this number"},
		{CodeFormat, "malformed request", "a field is malformed, missing, too many, or contradicts others"},
		{
			CodeInsufficientFunds, "insufficient funds",
			"the account doesn't cover the payment; the merchant's balance doesn't cover the refund",
		},
		{
			CodeExpiredCard, "expired card",
			"the card's epoch has ended; the account to be refunded has gone back to its bank",
		},
		{CodeExceedsLimit, "above the card's limit", "the amount is above the limit that the TSM signed"},
		{
			CodeSecurity, "security violation",
			"wrong ARQC or TC; wrong signature of the card key; the card was spent; its counter was seen",
		},
		{CodeUnavailable, "issuer not available", "the TSM can't decide now; nothing was booked"},
		{CodeDuplicate, "duplicate", "the key, fields 7, 11, 41 and 42, was used for another request"},
		{CodeReconcile, "out of balance", "the terminal's totals aren't the TSM's; the day is closed"},
		{CodeMalfunction, "system malfunction", "the TSM failed; something may be booked"},
	}
}

// Approved reports whether it is done.
func (c Code) Approved() bool { return c == CodeApproved }

// Uncertain reports whether something may have been booked although the request wasn't approved:
// the terminal reverses then, or asks again.
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
	if row, ok := c.row(); ok {
		return row.Text
	}
	return "declined"
}

func (c Code) row() (CodeRow, bool) {
	for _, row := range Codes() {
		if row.Code == c {
			return row, true
		}
	}
	return CodeRow{}, false
}

// known reports whether the code is one of [Codes].
func (c Code) known() bool {
	_, ok := c.row()
	return ok
}
