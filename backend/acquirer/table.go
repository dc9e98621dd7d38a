package acquirer

import (
	"fmt"
	"slices"
	"strings"
)

// The message type indicators (ISO 8583:1987, 4.1).
const (
	mtiAuthorise       = "0100"
	mtiAuthoriseAnswer = "0110"
	mtiRefund          = "0200"
	mtiRefundAnswer    = "0210"
	mtiAdvise          = "0220"
	mtiAdviseAnswer    = "0230"
	mtiReverse         = "0400"
	mtiReverseAnswer   = "0410"
	mtiReconcile       = "0500"
	mtiReconcileAnswer = "0510"
	mtiNetwork         = "0800"
	mtiNetworkAnswer   = "0810"
)

// The fields in use (ISO 8583:1987, 4.3).
const (
	fieldPAN          = 2
	fieldProcessing   = 3
	fieldAmount       = 4
	fieldTransmission = 7
	fieldSTAN         = 11
	fieldLocalTime    = 12
	fieldLocalDate    = 13
	fieldSettlement   = 15
	fieldEntryMode    = 22
	fieldCondition    = 25
	fieldRRN          = 37
	fieldApproval     = 38
	fieldCode         = 39
	fieldTerminal     = 41
	fieldMerchant     = 42
	fieldCurrency     = 49
	fieldDayCurrency  = 50
	fieldICC          = 55
	fieldBalance      = 66
	fieldNetwork      = 70
	fieldCredits      = 74 // number; 75 of their reversals, 76 of debits, 77 of their reversals
	fieldCreditSum    = 86 // amount; 87, 88 and 89 in the same way
	fieldOriginal     = 90
	fieldNet          = 97
)

// Lengths of fields.
const (
	mtiLen      = 4
	maxPANLen   = 19
	maxICCLen   = 255
	rrnLen      = 12
	approvalLen = 6
	originalLen = 42
	countLen    = 10
	sumLen      = 16
)

// fieldKind is what characters a field holds.
type fieldKind string

// The kinds of fields, as ISO 8583:1987, 4.2 abbreviates them.
const (
	kindNumeric fieldKind = "n"   // digits
	kindAN      fieldKind = "an"  // capital letters and digits
	kindANS     fieldKind = "ans" // printable ASCII
	kindSigned  fieldKind = "x+n" // C for credit or D for debit, then digits
	kindBinary  fieldKind = "b"   // bytes
)

// fieldRow is one row of the field table.
type fieldRow struct {
	id     int
	name   string
	kind   fieldKind
	length int // of the value; the longest one where there is a prefix
	prefix int // digits of length in front: 0, 2 or 3
}

// fieldTable returns all fields in use, in ascending order.
func fieldTable() []fieldRow {
	return []fieldRow{
		{fieldPAN, "PAN", kindNumeric, maxPANLen, 2},
		{fieldProcessing, "processing code", kindNumeric, 6, 0},
		{fieldAmount, "amount", kindNumeric, 12, 0},
		{fieldTransmission, "transmission, MMDDhhmmss", kindNumeric, 10, 0},
		{fieldSTAN, "STAN", kindNumeric, 6, 0},
		{fieldLocalTime, "local time, hhmmss", kindNumeric, 6, 0},
		{fieldLocalDate, "local date, MMDD", kindNumeric, 4, 0},
		{fieldSettlement, "settlement date, MMDD", kindNumeric, 4, 0},
		{fieldEntryMode, "entry mode", kindNumeric, 3, 0},
		{fieldCondition, "condition code", kindNumeric, 2, 0},
		{fieldRRN, "reference number", kindAN, rrnLen, 0},
		{fieldApproval, "approval code", kindAN, approvalLen, 0},
		{fieldCode, "response code", kindAN, 2, 0},
		{fieldTerminal, "terminal", kindANS, TerminalLen, 0},
		{fieldMerchant, "merchant", kindANS, len(Merchant{}), 0},
		{fieldCurrency, "currency", kindNumeric, 3, 0},
		{fieldDayCurrency, "currency, settlement", kindNumeric, 3, 0},
		{fieldICC, "ICC data", kindBinary, maxICCLen, 3},
		{fieldBalance, "settlement code", kindNumeric, 1, 0},
		{fieldNetwork, "network management", kindNumeric, 3, 0},
		{fieldCredits, "credits, number", kindNumeric, countLen, 0},
		{fieldCredits + 1, "their reversals, number", kindNumeric, countLen, 0},
		{fieldCredits + 2, "debits, number", kindNumeric, countLen, 0},
		{fieldCredits + 3, "their reversals, number", kindNumeric, countLen, 0},
		{fieldCreditSum, "credits, amount", kindNumeric, sumLen, 0},
		{fieldCreditSum + 1, "their reversals, amount", kindNumeric, sumLen, 0},
		{fieldCreditSum + 2, "debits, amount", kindNumeric, sumLen, 0},
		{fieldCreditSum + 3, "their reversals, amount", kindNumeric, sumLen, 0},
		{fieldOriginal, "original message", kindNumeric, originalLen, 0},
		{fieldNet, "net amount", kindSigned, 1 + sumLen, 0},
	}
}

// form returns a row's format as the standard writes it, such as "LLVAR n..19".
func (r fieldRow) form() string {
	if r.prefix > 0 {
		return fmt.Sprintf("%sVAR %s..%d", strings.Repeat("L", r.prefix), r.kind, r.length)
	}
	if r.kind == kindSigned {
		return fmt.Sprintf("%s%d", r.kind, r.length-1)
	}
	return fmt.Sprintf("%s%d", r.kind, r.length)
}

// check says what is wrong with a field's length or characters.
func (r fieldRow) check(value string) error {
	if r.prefix == 0 && len(value) != r.length || len(value) > r.length {
		return fmt.Errorf("%w: field %d isn't %s", ErrFormat, r.id, r.form())
	}
	digits, rest := "0123456789", value
	fits := true
	switch r.kind {
	case kindNumeric:
		fits = strings.Trim(rest, digits) == ""
	case kindAN:
		fits = strings.Trim(rest, digits+"ABCDEFGHIJKLMNOPQRSTUVWXYZ") == ""
	case kindANS:
		fits = printable([]byte(value), r.id) == nil
	case kindSigned:
		fits = strings.Trim(rest[:1], "CD") == "" && strings.Trim(rest[1:], digits) == ""
	case kindBinary:
	}
	if !fits {
		return fmt.Errorf("%w: field %d isn't %s", ErrFormat, r.id, r.form())
	}
	return nil
}

// messageRow says which fields a message has.
type messageRow struct {
	mti, name           string
	mandatory, optional []int
}

// has reports whether a field has a place in the message.
func (r messageRow) has(id int) bool {
	return slices.Contains(r.mandatory, id) || slices.Contains(r.optional, id)
}

// head returns the key's fields, which every message has, and further ones.
func head(further ...int) []int {
	return append([]int{fieldTransmission, fieldSTAN, fieldTerminal, fieldMerchant}, further...)
}

// totals returns the fields of a day's totals.
func totals() []int {
	ids := []int{fieldSettlement, fieldDayCurrency, fieldNet}
	for i := range 4 {
		ids = append(ids, fieldCredits+i, fieldCreditSum+i)
	}
	return ids
}

// messageTable returns all messages in use, in ascending order.
func messageTable() []messageRow {
	referred := []int{fieldAmount, fieldCurrency, fieldRRN}
	return []messageRow{
		{mtiAuthorise, "authorisation", head(fieldPAN, fieldProcessing, fieldAmount, fieldLocalTime,
			fieldLocalDate, fieldEntryMode, fieldCondition, fieldCurrency, fieldICC), nil},
		{
			mtiAuthoriseAnswer, "its answer", head(fieldCode),
			[]int{fieldAmount, fieldCurrency, fieldRRN, fieldApproval, fieldICC},
		},
		{mtiRefund, "refund", head(fieldProcessing, fieldAmount, fieldCondition, fieldRRN,
			fieldCurrency, fieldOriginal), nil},
		{mtiRefundAnswer, "its answer", head(fieldCode), referred},
		{mtiAdvise, "advice of completion", head(fieldProcessing, fieldAmount, fieldCondition, fieldRRN,
			fieldCurrency, fieldICC, fieldOriginal), nil},
		{mtiAdviseAnswer, "its answer", head(fieldCode), referred},
		{mtiReverse, "reversal", head(fieldProcessing, fieldAmount, fieldCondition, fieldCurrency,
			fieldOriginal), nil},
		{mtiReverseAnswer, "its answer", head(fieldCode), referred},
		{mtiReconcile, "reconciliation", head(totals()...), nil},
		{mtiReconcileAnswer, "its answer", head(fieldCode), append(totals(), fieldBalance)},
		{mtiNetwork, "network management", head(fieldNetwork), nil},
		{mtiNetworkAnswer, "its answer", head(fieldNetwork, fieldCode), nil},
	}
}

// messageOf returns a message's row, or false for an MTI that isn't in use.
func messageOf(mti string) (messageRow, bool) {
	for _, row := range messageTable() {
		if row.mti == mti {
			return row, true
		}
	}
	return messageRow{}, false
}
