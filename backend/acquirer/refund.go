package acquirer

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/backend/money"
)

// RefundRequest gives a payment back, or a part of it, message 0200 with processing code 200000. It
// needs no card: it refers to the payment. The standard has refunds among the financial
// transactions, which are booked when they are approved, and not among the authorisations.
type RefundRequest struct {
	Key // of this message; whoever repeats the refund repeats it
	// Original is the authorisation's key; its party, merchant and terminal are those of Key. RRN is
	// the payment's reference number.
	Original Key
	RRN      string
	Amount   money.Amount // what is to be given back
}

// RefundResponse is the answer, message 0210.
type RefundResponse struct {
	Code Code
	RRN  string // the refund's own reference number, 12 characters; an approval has one
}

func (q RefundRequest) message() (isoMessage, error) {
	m := referring(mtiRefund, processingRefund, q.Key, q.Original, q.Amount)
	m.fields[fieldRRN] = q.RRN
	_, err := parseRefund(m, q.Party)
	return m, err
}

func parseRefund(m isoMessage, party message.PartyID) (RefundRequest, error) {
	r, err := m.refers(mtiRefund, processingRefund, party)
	if err == nil && r.Amount.IsZero() {
		err = fmt.Errorf("%w: field %d is nothing", ErrFormat, fieldAmount)
	}
	return RefundRequest{
		Key: r.Key, Original: r.Original, RRN: m.fields[fieldRRN], Amount: r.Amount,
	}, err
}

func (RefundResponse) with(code Code) RefundResponse { return RefundResponse{Code: code} }

func (a RefundResponse) message(q RefundRequest) (isoMessage, error) {
	m := answerReferring(mtiRefundAnswer, q.Key, q.Amount, a.Code, a.RRN)
	_, err := parseRefundAnswer(m, q)
	return m, err
}

// parseRefundAnswer reads the answer to q.
func parseRefundAnswer(m isoMessage, q RefundRequest) (RefundResponse, error) {
	code, rrn, err := m.answersReferring(mtiRefundAnswer, q.Key, q.Amount, true)
	return RefundResponse{Code: code, RRN: rrn}, err
}
