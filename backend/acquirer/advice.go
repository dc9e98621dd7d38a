package acquirer

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/backend/money"
)

// AdviceRequest tells that a payment which the TSM has authorised was completed: the card has
// answered a TC to the approval. Message 0220, the standard's advice of a financial transaction
// that is over; 0120 would tell of an authorisation that somebody else gave in the issuer's place,
// and nobody does here. It moves no money: the payment is booked when it is authorised. The TSM
// keeps the TC as evidence that the card agreed to the end.
type AdviceRequest struct {
	Key // of this message; it may be a new one each time that the advice is sent
	// Original is the authorisation's key; its party, merchant and terminal are those of Key. RRN
	// is the payment's reference number.
	Original   Key
	RRN        string
	Amount     money.Amount
	Completion Completion
}

// AdviceResponse is the answer, message 0230. A code other than [CodeApproved] doesn't undo the
// payment, and the advice needn't be sent again.
type AdviceResponse struct {
	Code Code
	RRN  string // the payment's, or empty
}

func (q AdviceRequest) message() (isoMessage, error) {
	m := referring(mtiAdvise, processingPurchase, q.Key, q.Original, q.Amount)
	m.fields[fieldRRN] = q.RRN
	m.fields[fieldICC] = string(q.Completion.Encode())
	_, err := parseAdvice(m, q.Party)
	return m, err
}

func parseAdvice(m isoMessage, party message.PartyID) (AdviceRequest, error) {
	r, err := m.refers(mtiAdvise, processingPurchase, party)
	if err != nil {
		return AdviceRequest{}, err
	}
	q := AdviceRequest{
		Key: r.Key, Original: r.Original, RRN: m.fields[fieldRRN], Amount: r.Amount,
	}
	if q.Completion, err = ParseCompletion([]byte(m.fields[fieldICC])); err != nil {
		return AdviceRequest{}, err
	}
	return q, consistent(q.Amount, q.Merchant, q.Completion.Terminal)
}

func (AdviceResponse) with(code Code) AdviceResponse { return AdviceResponse{Code: code} }

func (a AdviceResponse) message(q AdviceRequest) (isoMessage, error) {
	m := answerReferring(mtiAdviseAnswer, q.Key, q.Amount, a.Code, a.RRN)
	_, err := parseAdviceAnswer(m, q)
	return m, err
}

// parseAdviceAnswer reads the answer to q.
func parseAdviceAnswer(m isoMessage, q AdviceRequest) (AdviceResponse, error) {
	code, rrn, err := m.answersReferring(mtiAdviseAnswer, q.Key, q.Amount, false)
	if err == nil && rrn != "" && rrn != q.RRN {
		return AdviceResponse{}, fmt.Errorf("%w: field %d isn't the request's", ErrFormat, fieldRRN)
	}
	return AdviceResponse{Code: code, RRN: rrn}, err
}
