package acquirer

import (
	"fmt"
	"strings"

	"tapbench/applet/message"
)

func (q ReversalRequest) message() (isoMessage, error) {
	m := isoMessage{mti: mtiReverse, fields: map[int]string{
		fieldProcessing: processingPurchase, fieldCondition: conditionNormal,
		fieldOriginal: encodeOriginal(q.Original),
	}}
	m.setKey(q.Key)
	m.setAmount(q.Amount)
	if _, err := parseReversal(m, q.Party); err != nil {
		return isoMessage{}, err
	}
	return m, nil
}

func parseReversal(m isoMessage, party message.PartyID) (ReversalRequest, error) {
	if err := m.check(mtiReverse); err != nil {
		return ReversalRequest{}, err
	}
	err := m.expect(map[int]string{
		fieldProcessing: processingPurchase, fieldCondition: conditionNormal,
	})
	if err != nil {
		return ReversalRequest{}, err
	}
	var q ReversalRequest
	if q.Key, err = m.key(party); err != nil {
		return ReversalRequest{}, err
	}
	if q.Amount, err = m.amount(); err != nil {
		return ReversalRequest{}, err
	}
	q.Original, err = parseOriginal(m.fields[fieldOriginal], q.Key)
	return q, err
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

func (a ReversalResponse) message(q ReversalRequest) (isoMessage, error) {
	m := answerTo(mtiReverseAnswer, q.Key, a.Code)
	m.setAmount(q.Amount)
	m.setText(fieldRRN, a.RRN)
	_, err := parseReversalAnswer(m, q)
	return m, err
}

// parseReversalAnswer reads the answer to q.
func parseReversalAnswer(m isoMessage, q ReversalRequest) (ReversalResponse, error) {
	code, err := m.answers(mtiReverseAnswer, q.Key, q.Amount)
	if err != nil {
		return ReversalResponse{}, err
	}
	a := ReversalResponse{Code: code, RRN: m.fields[fieldRRN]}
	if !isReference(a.RRN, rrnLen, false) {
		return ReversalResponse{}, fmt.Errorf("%w: field %d", ErrFormat, fieldRRN)
	}
	return a, nil
}

// signOn returns the message 0800 by which a terminal says that it is there.
func signOn(k Key) isoMessage {
	m := isoMessage{mti: mtiNetwork, fields: map[int]string{fieldNetwork: networkSignOn}}
	m.setKey(k)
	return m
}

// parseSignOn checks a message 0800.
func parseSignOn(m isoMessage) error {
	if err := m.check(mtiNetwork); err != nil {
		return err
	}
	return m.expect(map[int]string{fieldNetwork: networkSignOn})
}

// signOnAnswer returns the message 0810.
func signOnAnswer(k Key, code Code) isoMessage {
	m := answerTo(mtiNetworkAnswer, k, code)
	m.fields[fieldNetwork] = networkSignOn
	return m
}

// parseSignOnAnswer reads the message 0810 that answers a sign-on with a key.
func parseSignOnAnswer(m isoMessage, k Key) (Code, error) {
	if err := m.check(mtiNetworkAnswer); err != nil {
		return "", err
	}
	if err := m.expect(map[int]string{fieldNetwork: networkSignOn}); err != nil {
		return "", err
	}
	got, err := m.key(k.Party)
	if err != nil {
		return "", err
	}
	if got != k {
		return "", fmt.Errorf("%w: the answer is to another sign-on", ErrFormat)
	}
	return Code(m.fields[fieldCode]), nil
}
