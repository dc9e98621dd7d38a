package acquirer

import (
	"fmt"
	"time"

	"tapbench/applet/message"
	"tapbench/backend/money"
)

// Tally counts transactions of one kind and adds them up.
type Tally struct {
	Count int64 `json:"count"` // at most 10 digits
	Minor int64 `json:"minor"` // in minor units, at most 16 digits
}

// Totals are what a terminal has done since its day was closed last.
type Totals struct {
	// Payments are those that were booked, the ones that were taken back later included: the
	// standard's debits, fields 76 and 88.
	Payments Tally `json:"payments"`
	// Reversals are payments that were booked and taken back, fields 77 and 89.
	Reversals Tally `json:"reversals"`
	// Refunds are the standard's credits, fields 74 and 86. Their reversals, 75 and 87, are zero: a
	// refund is repeated until it has an answer, and isn't taken back.
	Refunds Tally `json:"refunds"`
}

// Add counts one more.
func (t *Tally) Add(amount money.Amount) {
	t.Count++
	t.Minor += amount.Minor()
}

// Net returns what the merchant has taken: payments less reversals and refunds, in minor units.
func (t Totals) Net() int64 { return t.Payments.Minor - t.Reversals.Minor - t.Refunds.Minor }

// ReconcileRequest closes a terminal's day, message 0500. There is no field for a day's number in
// the standard, so a close is known by its key: the same key again gets the first answer.
type ReconcileRequest struct {
	Key
	Date     string // settlement date, MMDD: on which the terminal closes
	Currency money.Currency
	Totals   Totals // the terminal's
}

// ReconcileResponse is the answer, message 0510. With [CodeApproved] the totals agree, with
// [CodeReconcile] they don't: the day is closed in both cases. With any other code it isn't.
type ReconcileResponse struct {
	Code   Code
	Totals Totals // the TSM's, if the day is closed
}

// Closed reports whether the day is closed.
func (a ReconcileResponse) Closed() bool { return a.Code.Approved() || a.Code == CodeReconcile }

// The settlement codes, field 66 (ISO 8583:1987, annex A).
const (
	inBalance    = "1"
	outOfBalance = "2"
)

func (q ReconcileRequest) message() (isoMessage, error) {
	m := isoMessage{mti: mtiReconcile, fields: map[int]string{fieldSettlement: q.Date}}
	m.setKey(q.Key)
	m.setTotals(q.Totals, q.Currency)
	_, err := parseReconcile(m, q.Party)
	return m, err
}

func parseReconcile(m isoMessage, party message.PartyID) (ReconcileRequest, error) {
	if err := m.check(mtiReconcile); err != nil {
		return ReconcileRequest{}, err
	}
	q := ReconcileRequest{Date: m.fields[fieldSettlement]}
	var err error
	if q.Key, err = m.key(party); err != nil {
		return ReconcileRequest{}, err
	}
	// A leap year stands in front, so that 29 February is a date.
	if _, err := time.Parse("20060102", "2000"+q.Date); err != nil {
		return ReconcileRequest{}, fmt.Errorf("%w: field %d is no date", ErrFormat, fieldSettlement)
	}
	q.Totals, q.Currency, err = m.totals()
	return q, err
}

// setTotals sets fields 50, 74 to 77, 86 to 89 and 97. The sign of field 97 is that of the card
// holders' accounts, as in the fields before it: a day of sales is D.
func (m isoMessage) setTotals(t Totals, currency money.Currency) {
	for i, tally := range []Tally{t.Refunds, {}, t.Payments, t.Reversals} {
		m.fields[fieldCredits+i] = fmt.Sprintf("%010d", tally.Count)
		m.fields[fieldCreditSum+i] = fmt.Sprintf("%016d", tally.Minor)
	}
	sign, net := "D", t.Net()
	if net < 0 {
		sign, net = "C", -net
	}
	m.fields[fieldNet] = fmt.Sprintf("%s%016d", sign, net)
	m.fields[fieldDayCurrency] = fmt.Sprintf("%03d", currency.Numeric())
}

// totals reads what setTotals writes.
func (m isoMessage) totals() (Totals, money.Currency, error) {
	var t Totals
	var none Tally
	for i, tally := range []*Tally{&t.Refunds, &none, &t.Payments, &t.Reversals} {
		var err error
		if tally.Count, err = digits(m.fields[fieldCredits+i], countLen); err != nil {
			return Totals{}, 0, fmt.Errorf("%w: field %d", err, fieldCredits+i)
		}
		if tally.Minor, err = digits(m.fields[fieldCreditSum+i], sumLen); err != nil {
			return Totals{}, 0, fmt.Errorf("%w: field %d", err, fieldCreditSum+i)
		}
		if tally.Count == 0 && tally.Minor != 0 {
			return Totals{}, 0, fmt.Errorf("%w: field %d is a sum of nothing", ErrFormat, fieldCreditSum+i)
		}
	}
	if none != (Tally{}) {
		return Totals{}, 0, fmt.Errorf("%w: field %d isn't zero", ErrFormat, fieldCredits+1)
	}
	code, err := digits(m.fields[fieldDayCurrency], 3)
	if err != nil {
		return Totals{}, 0, fmt.Errorf("%w: field %d", err, fieldDayCurrency)
	}
	currency, err := money.NumericCurrency(int(code))
	if err != nil {
		return Totals{}, 0, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldDayCurrency, err)
	}
	again := isoMessage{fields: make(map[int]string)}
	again.setTotals(t, currency)
	if again.fields[fieldNet] != m.fields[fieldNet] {
		return Totals{}, 0, fmt.Errorf("%w: field %d isn't the sum", ErrFormat, fieldNet)
	}
	return t, currency, nil
}

func (ReconcileResponse) with(code Code) ReconcileResponse { return ReconcileResponse{Code: code} }

func (a ReconcileResponse) message(q ReconcileRequest) (isoMessage, error) {
	m := answerTo(mtiReconcileAnswer, q.Key, a.Code)
	if a.Closed() {
		m.fields[fieldSettlement], m.fields[fieldBalance] = q.Date, inBalance
		if a.Code == CodeReconcile {
			m.fields[fieldBalance] = outOfBalance
		}
		m.setTotals(a.Totals, q.Currency)
	}
	_, err := parseReconcileAnswer(m, q)
	return m, err
}

// parseReconcileAnswer reads the answer to q.
func parseReconcileAnswer(m isoMessage, q ReconcileRequest) (ReconcileResponse, error) {
	if err := m.check(mtiReconcileAnswer); err != nil {
		return ReconcileResponse{}, err
	}
	code, err := m.answersKey(q.Key)
	if err != nil {
		return ReconcileResponse{}, err
	}
	a := ReconcileResponse{Code: code}
	row, _ := messageOf(mtiReconcileAnswer)
	for _, id := range row.optional {
		if _, ok := m.fields[id]; ok != a.Closed() {
			return ReconcileResponse{}, fmt.Errorf("%w: field %d beside code %s", ErrFormat, id,
				string(code))
		}
	}
	if !a.Closed() {
		return a, nil
	}
	var currency money.Currency
	if a.Totals, currency, err = m.totals(); err != nil {
		return ReconcileResponse{}, err
	}
	balance := inBalance
	if code == CodeReconcile {
		balance = outOfBalance
	}
	switch {
	case m.fields[fieldBalance] != balance || (a.Totals == q.Totals) != code.Approved():
		err = fmt.Errorf("%w: field %d contradicts the totals", ErrFormat, fieldBalance)
	case m.fields[fieldSettlement] != q.Date:
		err = fmt.Errorf("%w: field %d isn't the request's", ErrFormat, fieldSettlement)
	case currency != q.Currency:
		err = fmt.Errorf("%w: field %d isn't the request's", ErrFormat, fieldDayCurrency)
	}
	return a, err
}
