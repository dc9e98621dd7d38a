package acquirer

import (
	"fmt"
	"strings"

	"tapbench/applet/message"
	"tapbench/backend/money"
)

// ReversalRequest takes an authorisation back as if it had never been, message 0400.
type ReversalRequest struct {
	Key // of this message
	// Original is the authorisation's key; its party, merchant and terminal are those of Key.
	Original Key
	Amount   money.Amount
}

// ReversalResponse is the answer, message 0410. With [CodeApproved] the authorisation doesn't
// stand, whether it did before or not.
type ReversalResponse struct {
	Code Code
	RRN  string // 12 characters, or empty when there was nothing to take back
}

func (q ReversalRequest) message() (isoMessage, error) {
	m := referring(mtiReverse, processingPurchase, q.Key, q.Original, q.Amount)
	_, err := parseReversal(m, q.Party)
	return m, err
}

func parseReversal(m isoMessage, party message.PartyID) (ReversalRequest, error) {
	r, err := m.refers(mtiReverse, processingPurchase, party)
	return ReversalRequest{Key: r.Key, Original: r.Original, Amount: r.Amount}, err
}

// reference is what requests have in common that refer to an earlier payment.
type reference struct {
	Key      Key
	Original Key
	Amount   money.Amount
}

// referring returns a request that refers to an authorisation.
func referring(mti, processing string, k, original Key, amount money.Amount) isoMessage {
	m := isoMessage{mti: mti, fields: map[int]string{
		fieldProcessing: processing, fieldCondition: conditionNormal,
		fieldOriginal: encodeOriginal(original),
	}}
	m.setKey(k)
	m.setAmount(amount)
	return m
}

// refers reads what [referring] writes.
func (m isoMessage) refers(mti, processing string, party message.PartyID) (reference, error) {
	if err := m.check(mti); err != nil {
		return reference{}, err
	}
	err := m.expect(map[int]string{
		fieldProcessing: processing, fieldCondition: conditionNormal,
	})
	if err != nil {
		return reference{}, err
	}
	var r reference
	if r.Key, err = m.key(party); err != nil {
		return reference{}, err
	}
	if r.Amount, err = m.amount(); err != nil {
		return reference{}, err
	}
	r.Original, err = parseOriginal(m.fields[fieldOriginal], r.Key)
	return r, err
}

// originalTail stands for the two institutions of field 90, which the bench doesn't have.
const originalTail = "0000000000000000000000"

// encodeOriginal returns field 90: MTI 4 || STAN 6 || transmission 10 || institutions 22.
func encodeOriginal(k Key) string {
	return fmt.Sprintf("%s%06d%s%s", mtiAuthorise, k.STAN, k.Sent, originalTail)
}

// parseOriginal reads field 90 of a message with a key.
func parseOriginal(text string, k Key) (Key, error) {
	if len(text) != originalLen || !strings.HasPrefix(text, mtiAuthorise) ||
		!strings.HasSuffix(text, originalTail) {
		return Key{}, fmt.Errorf("%w: field %d names no authorisation", ErrFormat, fieldOriginal)
	}
	var err error
	if k.STAN, err = parseSTAN(text[4:10]); err != nil {
		return Key{}, fmt.Errorf("in field %d: %w", fieldOriginal, err)
	}
	if k.Sent, err = parseStamp(text[10:20]); err != nil {
		return Key{}, fmt.Errorf("in field %d: %w", fieldOriginal, err)
	}
	return k, nil
}

func (ReversalResponse) with(code Code) ReversalResponse { return ReversalResponse{Code: code} }

func (a ReversalResponse) message(q ReversalRequest) (isoMessage, error) {
	m := answerReferring(mtiReverseAnswer, q.Key, q.Amount, a.Code, a.RRN)
	_, err := parseReversalAnswer(m, q)
	return m, err
}

// parseReversalAnswer reads the answer to q.
func parseReversalAnswer(m isoMessage, q ReversalRequest) (ReversalResponse, error) {
	code, rrn, err := m.answersReferring(mtiReverseAnswer, q.Key, q.Amount, false)
	return ReversalResponse{Code: code, RRN: rrn}, err
}

// answerReferring returns the answer to a request that refers to an authorisation.
func answerReferring(mti string, k Key, amount money.Amount, code Code, rrn string) isoMessage {
	m := answerTo(mti, k, code)
	m.setAmount(amount)
	m.setText(fieldRRN, rrn)
	return m
}

// answersReferring reads what [answerReferring] writes. An approval may need a reference number.
func (m isoMessage) answersReferring(
	mti string, k Key, amount money.Amount, needed bool,
) (Code, string, error) {
	code, err := m.answers(mti, k, amount)
	if err != nil {
		return "", "", err
	}
	rrn := m.fields[fieldRRN]
	if !isReference(rrn, rrnLen, needed && code.Approved()) {
		return "", "", fmt.Errorf("%w: field %d", ErrFormat, fieldRRN)
	}
	return code, rrn, nil
}
