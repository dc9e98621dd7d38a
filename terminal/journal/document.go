package journal

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"tapbench/backend/acquirer"
	"tapbench/backend/money"
)

// format and version stand at the beginning of each state.
const (
	format  = "tapbench-journal"
	version = 2
)

// document is the state's text.
type document struct {
	Format   string          `json:"format"`
	Version  int             `json:"version"`
	STAN     uint32          `json:"stan"`
	First    uint32          `json:"first,omitempty"`
	Currency string          `json:"currency,omitempty"`
	Totals   acquirer.Totals `json:"totals,omitzero"`
	Pending  []documentRow   `json:"pending"`
	Last     *documentRow    `json:"last,omitempty"`
	Advices  []documentRow   `json:"advices,omitempty"`
	Refund   *documentRefund `json:"refund,omitempty"`
	Closing  *documentClose  `json:"closing,omitempty"`
}

type documentKey struct {
	STAN     uint32 `json:"stan"`
	Sent     string `json:"sent"`
	Merchant string `json:"merchant"`
	Terminal string `json:"terminal"`
}

type documentRow struct {
	documentKey
	Amount     string `json:"amount"`
	Completed  bool   `json:"completed,omitempty"`
	RRN        string `json:"rrn,omitempty"`
	Completion string `json:"completion,omitempty"` // field 55, hexadecimal
}

type documentRefund struct {
	documentKey
	Amount  string      `json:"amount"`
	Payment documentRow `json:"payment"`
}

type documentClose struct {
	documentKey
	Date     string          `json:"date"`
	Currency string          `json:"currency"`
	Totals   acquirer.Totals `json:"totals"`
}

func (s state) encode() ([]byte, error) {
	d := document{
		Format: format, Version: version, STAN: s.stan, First: s.first, Currency: s.currency.Code(),
		Totals: s.totals, Pending: make([]documentRow, 0, len(s.pending)),
	}
	for _, e := range s.pending {
		row := rowOf(Payment{Key: e.Key, Amount: e.Amount})
		row.Completed = e.Completed
		d.Pending = append(d.Pending, row)
	}
	if s.last != nil {
		row := rowOf(*s.last)
		d.Last = &row
	}
	for _, a := range s.advices {
		row := rowOf(a.Payment)
		row.Completion = hex.EncodeToString(a.Completion.Encode())
		d.Advices = append(d.Advices, row)
	}
	if r := s.refund; r != nil {
		d.Refund = &documentRefund{
			documentKey: keyOf(r.Key), Amount: r.Amount.String(), Payment: rowOf(r.Payment),
		}
	}
	if c := s.closing; c != nil {
		d.Closing = &documentClose{
			documentKey: keyOf(c.Key), Date: c.Date, Currency: c.Currency.Code(), Totals: c.Totals,
		}
	}
	raw, err := json.Marshal(d)
	return append(raw, '\n'), err
}

func keyOf(k acquirer.Key) documentKey {
	return documentKey{
		STAN: k.STAN, Sent: string(k.Sent), Merchant: string(k.Merchant[:]),
		Terminal: string(k.Terminal[:]),
	}
}

func rowOf(p Payment) documentRow {
	return documentRow{documentKey: keyOf(p.Key), Amount: p.Amount.String(), RRN: p.RRN}
}

func parse(raw []byte) (state, error) {
	var d document
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&d); err != nil {
		return state{}, err
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return state{}, errors.New("bytes behind the JSON object")
	}
	if d.Format != format || d.Version != version {
		return state{}, fmt.Errorf("format %.32q, version %d", d.Format, d.Version)
	}
	if d.STAN > acquirer.MaxSTAN || d.First > acquirer.MaxSTAN || len(d.Pending) > MaxPending ||
		len(d.Advices) > MaxPending || !possible(d.Totals) {
		return state{}, errors.New("a number is out of range")
	}
	return d.state()
}

// possible reports whether totals can have been counted.
func possible(t acquirer.Totals) bool {
	for _, tally := range []acquirer.Tally{t.Payments, t.Reversals, t.Refunds} {
		if tally.Count < 0 || tally.Minor < 0 || tally.Count > 1e10-1 || tally.Minor > 1e16-1 {
			return false
		}
	}
	return true
}

func (d document) state() (state, error) {
	s := state{stan: d.STAN, first: d.First, totals: d.Totals}
	var err error
	if d.Currency != "" {
		if s.currency, err = money.ParseCurrency(d.Currency); err != nil {
			return state{}, err
		}
	}
	for i, row := range d.Pending {
		p, err := row.payment()
		if err != nil {
			return state{}, fmt.Errorf("payment %d: %w", i+1, err)
		}
		s.pending = append(s.pending, Entry{Key: p.Key, Amount: p.Amount, Completed: row.Completed})
	}
	for i, row := range d.Advices {
		a, err := row.advice()
		if err != nil {
			return state{}, fmt.Errorf("advice %d: %w", i+1, err)
		}
		s.advices = append(s.advices, a)
	}
	if d.Last != nil {
		p, err := d.Last.payment()
		if err != nil {
			return state{}, fmt.Errorf("last payment: %w", err)
		}
		s.last = &p
	}
	if d.Refund != nil {
		if s.refund, err = d.Refund.refund(); err != nil {
			return state{}, fmt.Errorf("refund: %w", err)
		}
	}
	if d.Closing != nil {
		if s.closing, err = d.Closing.closing(); err != nil {
			return state{}, fmt.Errorf("closing: %w", err)
		}
	}
	return s, nil
}

func (k documentKey) key() (acquirer.Key, error) {
	return acquirer.NewKey(k.Merchant, k.Terminal, k.STAN, k.Sent)
}

func (r documentRow) payment() (Payment, error) {
	amount, err := money.ParseText(r.Amount)
	if err != nil {
		return Payment{}, err
	}
	k, err := r.key()
	return Payment{Key: k, Amount: amount, RRN: r.RRN}, err
}

func (r documentRow) advice() (Advice, error) {
	p, err := r.payment()
	if err != nil {
		return Advice{}, err
	}
	raw, err := hex.DecodeString(r.Completion)
	if err != nil {
		return Advice{}, err
	}
	c, err := acquirer.ParseCompletion(raw)
	return Advice{Payment: p, Completion: c}, err
}

func (r documentRefund) refund() (*Refund, error) {
	k, err := r.key()
	if err != nil {
		return nil, err
	}
	amount, err := money.ParseText(r.Amount)
	if err != nil {
		return nil, err
	}
	p, err := r.Payment.payment()
	return &Refund{Key: k, Payment: p, Amount: amount}, err
}

func (c documentClose) closing() (*Closing, error) {
	k, err := c.key()
	if err != nil {
		return nil, err
	}
	currency, err := money.ParseCurrency(c.Currency)
	if err == nil && !possible(c.Totals) {
		err = errors.New("a number is out of range")
	}
	return &Closing{Key: k, Date: c.Date, Currency: currency, Totals: c.Totals}, err
}
