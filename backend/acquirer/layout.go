package acquirer

import (
	"fmt"
	"strconv"
	"strings"

	"tapbench/backend/money"
)

// What stands in fields that have one value here.
const (
	processingPurchase = "000000" // goods and services, default accounts
	processingRefund   = "200000" // returns, default accounts
	entryContactless   = "072"    // contactless chip; the terminal takes no PIN
	conditionNormal    = "00"
)

// check compares a message's fields with its layout: which there are, and what each may hold.
func (m isoMessage) check(mti string) error {
	l, ok := messageOf(mti)
	if !ok || m.mti != mti {
		return fmt.Errorf("%w: message type %.4q", ErrFormat, m.mti)
	}
	for _, id := range l.mandatory {
		if _, ok := m.fields[id]; !ok {
			return fmt.Errorf("%w: field %d is missing", ErrFormat, id)
		}
	}
	for _, row := range fieldTable() {
		value, ok := m.fields[row.id]
		if !ok {
			continue
		}
		if !l.has(row.id) {
			return fmt.Errorf("%w: field %d has no place in %s", ErrFormat, row.id, mti)
		}
		if err := row.check(value); err != nil {
			return err
		}
	}
	return nil
}

// expect checks that fields have the one value that they may have.
func (m isoMessage) expect(values map[int]string) error {
	for id, want := range values {
		if m.fields[id] != want {
			return fmt.Errorf("%w: field %d isn't %s", ErrFormat, id, want)
		}
	}
	return nil
}

// amount returns fields 4 and 49.
func (m isoMessage) amount() (money.Amount, error) {
	minor, err := digits(m.fields[fieldAmount], 12)
	if err != nil {
		return money.Amount{}, fmt.Errorf("%w: field %d", err, fieldAmount)
	}
	code, err := digits(m.fields[fieldCurrency], 3)
	if err != nil {
		return money.Amount{}, fmt.Errorf("%w: field %d", err, fieldCurrency)
	}
	currency, err := money.NumericCurrency(int(code))
	if err != nil {
		return money.Amount{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldCurrency, err)
	}
	amount, err := money.New(minor, currency)
	if err != nil {
		return money.Amount{}, fmt.Errorf("%w: field %d: %w", ErrFormat, fieldAmount, err)
	}
	return amount, nil
}

// setAmount sets fields 4 and 49.
func (m isoMessage) setAmount(a money.Amount) {
	m.fields[fieldAmount] = fmt.Sprintf("%012d", a.Minor())
	m.fields[fieldCurrency] = fmt.Sprintf("%03d", a.Currency().Numeric())
}

// digits reads a number of exactly n decimal digits.
func digits(text string, n int) (int64, error) {
	if len(text) != n || strings.Trim(text, "0123456789") != "" {
		return 0, fmt.Errorf("%w: not %d digits", ErrFormat, n)
	}
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: not %d digits", ErrFormat, n)
	}
	return number, nil
}
