package acquirer

import (
	"context"
	"fmt"
	"strings"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/backend/money"
)

// Decider answers requests: the TSM at the server's end, a [Client] at the terminal's.
//
// Implementations promise: a request whose [Key] came before, with the same contents, gets the
// first answer and changes nothing; with other contents it is [CodeDuplicate]. Reversals and
// advices are known by the payment that they are of in place of their key, so that they may be sent
// anew. A reversal of an authorisation that hasn't come is approved and remembered: the
// authorisation, should it come later, is declined. An error means that the outcome isn't known; a
// decline is no error. Methods may be called concurrently.
type Decider interface {
	// Authorise decides on a payment and books an approved one.
	Authorise(ctx context.Context, q AuthorisationRequest) (AuthorisationResponse, error)
	// Reverse takes a payment back as a whole.
	Reverse(ctx context.Context, q ReversalRequest) (ReversalResponse, error)
	// Refund gives a payment back, or a part of it, but never more than was paid.
	Refund(ctx context.Context, q RefundRequest) (RefundResponse, error)
	// Advise takes note that a payment was completed. It moves no money.
	Advise(ctx context.Context, q AdviceRequest) (AdviceResponse, error)
	// Reconcile closes a terminal's day and compares its totals.
	Reconcile(ctx context.Context, q ReconcileRequest) (ReconcileResponse, error)
}

// AuthorisationRequest asks whether a payment may stand, message 0100.
type AuthorisationRequest struct {
	Key
	PAN       emv.PAN
	Amount    money.Amount
	LocalTime string // hhmmss at the terminal; its date is ICC.Terminal.Date
	ICC       ICC
}

// AuthorisationResponse is the answer, message 0110.
type AuthorisationResponse struct {
	Code Code
	// RRN is the retrieval reference number, 12 characters of A to Z and 0 to 9: the TSM's name for
	// the payment. An approval has one.
	RRN string
	// Approval is the approval code, 6 such characters. An approval has one, nothing else does.
	Approval string
	// IssuerAuth is the issuer authentication data for the card, ARPC || CSU. An approval has it.
	IssuerAuth *[emv.IssuerAuthLen]byte
}

func (q AuthorisationRequest) message() (isoMessage, error) {
	icc, err := q.ICC.encode()
	if err != nil {
		return isoMessage{}, err
	}
	m := isoMessage{mti: mtiAuthorise, fields: map[int]string{
		fieldPAN: q.PAN.Reveal(), fieldProcessing: processingPurchase, fieldLocalTime: q.LocalTime,
		fieldLocalDate: fmt.Sprintf("%x", q.ICC.Terminal.Date[1:]), fieldEntryMode: entryContactless,
		fieldCondition: conditionNormal, fieldICC: string(icc),
	}}
	m.setKey(q.Key)
	m.setAmount(q.Amount)
	if _, err := parseAuthorisation(m, q.Party); err != nil {
		return isoMessage{}, err // we keep to our own layout
	}
	return m, nil
}

func parseAuthorisation(m isoMessage, party message.PartyID) (AuthorisationRequest, error) {
	if err := m.check(mtiAuthorise); err != nil {
		return AuthorisationRequest{}, err
	}
	err := m.expect(map[int]string{
		fieldProcessing: processingPurchase, fieldEntryMode: entryContactless,
		fieldCondition: conditionNormal,
	})
	if err != nil {
		return AuthorisationRequest{}, err
	}
	q := AuthorisationRequest{LocalTime: m.fields[fieldLocalTime]}
	if q.Key, err = m.key(party); err != nil {
		return AuthorisationRequest{}, err
	}
	if q.PAN, err = emv.ParsePANDigits(m.fields[fieldPAN]); err != nil {
		return AuthorisationRequest{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldPAN, err)
	}
	if q.Amount, err = m.amount(); err != nil {
		return AuthorisationRequest{}, err
	}
	if _, err := time.Parse("150405", q.LocalTime); err != nil || len(q.LocalTime) != 6 {
		return AuthorisationRequest{}, fmt.Errorf("%w: field %d is no time", ErrFormat, fieldLocalTime)
	}
	if q.ICC, err = parseICC([]byte(m.fields[fieldICC])); err != nil {
		return AuthorisationRequest{}, err
	}
	return q, q.consistent(m.fields[fieldLocalDate])
}

// consistent compares fields with what field 55 says of them: the card has signed the latter.
func (q AuthorisationRequest) consistent(date string) error {
	if err := consistent(q.Amount, q.Merchant, q.ICC.Terminal); err != nil {
		return err
	}
	if date != fmt.Sprintf("%x", q.ICC.Terminal.Date[1:]) {
		return fmt.Errorf("%w: field %d contradicts field %d", ErrFormat, fieldLocalDate, fieldICC)
	}
	return nil
}

// consistent compares a message's amount and merchant with the terminal's data in field 55.
func consistent(amount money.Amount, merchant Merchant, t emv.CDOL1Data) error {
	if _, err := emv.ParseDate(t.Date); err != nil {
		return fmt.Errorf("%w: field %d: %w", ErrFormat, fieldICC, err)
	}
	id := 0
	switch {
	case string(amount.AppendN12(nil)) != string(t.Amount[:]):
		id = fieldAmount
	case amount.Currency().N3() != t.Currency:
		id = fieldCurrency
	case merchant != Merchant(t.Merchant):
		id = fieldMerchant
	default:
		return nil
	}
	return fmt.Errorf("%w: field %d contradicts field %d", ErrFormat, id, fieldICC)
}

// answerTo returns an answer's common fields.
func answerTo(mti string, k Key, code Code) isoMessage {
	m := isoMessage{mti: mti, fields: map[int]string{fieldCode: string(code)}}
	m.setKey(k)
	return m
}

func (AuthorisationResponse) with(code Code) AuthorisationResponse {
	return AuthorisationResponse{Code: code}
}

func (a AuthorisationResponse) message(q AuthorisationRequest) (isoMessage, error) {
	m := answerTo(mtiAuthoriseAnswer, q.Key, a.Code)
	m.setAmount(q.Amount)
	m.setText(fieldRRN, a.RRN)
	m.setText(fieldApproval, a.Approval)
	if a.IssuerAuth != nil {
		m.fields[fieldICC] = encodeIssuerAuth(*a.IssuerAuth)
	}
	_, err := parseAuthorisationAnswer(m, q)
	return m, err
}

// parseAuthorisationAnswer reads the answer to q.
func parseAuthorisationAnswer(m isoMessage, q AuthorisationRequest) (AuthorisationResponse, error) {
	code, err := m.answers(mtiAuthoriseAnswer, q.Key, q.Amount)
	if err != nil {
		return AuthorisationResponse{}, err
	}
	a := AuthorisationResponse{
		Code: code, RRN: m.fields[fieldRRN], Approval: m.fields[fieldApproval],
	}
	if !isReference(a.RRN, rrnLen, code.Approved()) {
		return AuthorisationResponse{}, fmt.Errorf("%w: field %d", ErrFormat, fieldRRN)
	}
	if !isReference(a.Approval, approvalLen, code.Approved()) ||
		!code.Approved() && a.Approval != "" {
		return AuthorisationResponse{}, fmt.Errorf("%w: field %d", ErrFormat, fieldApproval)
	}
	raw, ok := m.fields[fieldICC]
	if !ok && code.Approved() {
		return AuthorisationResponse{}, fmt.Errorf("%w: field %d is missing", ErrFormat, fieldICC)
	}
	if ok {
		auth, err := parseIssuerAuth(raw)
		if err != nil {
			return AuthorisationResponse{}, err
		}
		a.IssuerAuth = &auth
	}
	return a, nil
}

// answers checks that a message answers a request with a key and, unless the request couldn't be
// read, an amount. It returns the code.
func (m isoMessage) answers(mti string, k Key, amount money.Amount) (Code, error) {
	if err := m.check(mti); err != nil {
		return "", err
	}
	code, err := m.answersKey(k)
	if err != nil {
		return "", err
	}
	_, hasAmount := m.fields[fieldAmount]
	_, hasCurrency := m.fields[fieldCurrency]
	if !hasAmount && !hasCurrency && code == CodeFormat {
		return code, nil
	}
	if a, err := m.amount(); err != nil || a != amount {
		return "", fmt.Errorf("%w: field %d isn't the request's", ErrFormat, fieldAmount)
	}
	return code, nil
}

// answersKey checks that a message answers a request with a key, and returns the code.
func (m isoMessage) answersKey(k Key) (Code, error) {
	got, err := m.key(k.Party)
	if err != nil {
		return "", err
	}
	if got != k {
		return "", fmt.Errorf("%w: the answer is to another request", ErrFormat)
	}
	code := Code(m.fields[fieldCode])
	if !code.known() {
		return "", fmt.Errorf("%w: field %d: unknown code", ErrFormat, fieldCode)
	}
	return code, nil
}

// setText sets a field unless its value is empty.
func (m isoMessage) setText(id int, value string) {
	if value != "" {
		m.fields[id] = value
	}
}

// isReference reports whether text is n capital letters and digits, or nothing if it needn't be
// there.
func isReference(text string, n int, needed bool) bool {
	if text == "" {
		return !needed
	}
	return len(text) == n && strings.Trim(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == ""
}
