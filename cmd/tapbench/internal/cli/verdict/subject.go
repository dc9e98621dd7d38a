package verdict

import (
	"encoding/hex"
	"fmt"
	"io"
	"strings"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/money"
)

// Subject is what evidence says, as --json prints it.
type Subject struct {
	Payment  string `json:"payment,omitempty"` // the evidence's identity
	Double   string `json:"double_spending,omitempty"`
	Amount   string `json:"amount"` // of a double spend: what was spent twice
	Date     string `json:"date,omitempty"`
	Merchant string `json:"merchant,omitempty"`
	TSM      string `json:"tsm"`
	PAN      string `json:"pan,omitempty"` // masked
	Token    string `json:"token,omitempty"`
	// First to Last are the units paid with, or spent twice.
	First      int             `json:"first_unit,omitempty"`
	Last       int             `json:"last_unit,omitempty"`
	Statements []statementJSON `json:"statements,omitempty"`
}

// statementJSON is one statement of a token's key.
type statementJSON struct {
	Kind     string `json:"kind"` // spend, meter or close
	First    int    `json:"first_unit"`
	Last     int    `json:"last_unit"`
	Ticked   int    `json:"last_tick,omitempty"`
	Merchant string `json:"merchant,omitempty"`
	Time     string `json:"time,omitempty"`
	UN       string `json:"unpredictable_number,omitempty"`
	Digest   string `json:"digest"` // what is signed
}

// SubjectOf says what is disputed; twice is what a double spend has spent twice.
func SubjectOf(s dispute.Subject, twice token.Interval) Subject {
	v := Subject{TSM: s.Issuer().String()}
	switch s := s.(type) {
	case dispute.Payment:
		v.card(s)
	case dispute.OfflinePayment:
		v.Payment = sumOf(s)
		v.units(s.Token, unitsOf(s.Taken))
		if at, err := s.Time(); err == nil {
			v.Date = at.Format(time.DateOnly)
		}
		v.Statements = []statementJSON{newStatementJSON(s.Token, s.Taken)}
		v.Merchant = v.Statements[0].Merchant
	case dispute.DoubleSpend:
		v.Double = sumOf(s)
		v.units(s.Token, twice)
		v.Statements = []statementJSON{
			newStatementJSON(s.Token, s.A), newStatementJSON(s.Token, s.B),
		}
	}
	return v
}

// card says what was paid with a card.
func (v *Subject) card(p dispute.Payment) {
	v.Payment, v.Merchant = sumOf(p), merchantName(p.Tap.Merchant)
	if date, err := p.Date(); err == nil {
		v.Date = date.Format(time.DateOnly)
	}
	if minor, currency, err := p.Amount(); err == nil {
		v.Amount = amountText(minor, currency)
	}
	if pan, err := emv.ParsePAN(p.Card.PAN[:]); err == nil {
		v.PAN = pan.String()
	}
}

// units says which units of a token it is about, and what they are worth.
func (v *Subject) units(t message.Token, units token.Interval) {
	id := t.ID()
	v.Token = hex.EncodeToString(id[:])
	v.First, v.Last = int(units.From)+1, int(units.To)
	worth := uint64(units.Units()) * uint64(t.Fields.Unit) //nolint:gosec // never negative
	v.Amount = amountText(worth, t.Fields.Policy.Currency)
}

// unitsOf is what a merchant is paid for a statement.
func unitsOf(s doublespend.Statement) token.Interval {
	switch s := s.(type) {
	case doublespend.Spend:
		return s.Units()
	case doublespend.Meter:
		return token.Interval{From: s.From, To: s.To}
	default:
		return token.Interval{}
	}
}

func newStatementJSON(t message.Token, s doublespend.Statement) statementJSON {
	digest := s.Digest()
	v := statementJSON{Digest: hex.EncodeToString(digest[:])}
	switch s := s.(type) {
	case doublespend.Spend:
		v.Kind, v.First, v.Last = "spend", int(s.From)+1, int(s.To)
		v.terms(s.Merchant, s.Time, s.UN)
	case doublespend.Meter:
		v.Kind, v.First, v.Last, v.Ticked = "meter", int(s.From)+1, int(s.Max), int(s.To)
		v.terms(s.Merchant, s.Time, s.UN)
	case doublespend.Close:
		v.Kind, v.First, v.Last = "close", int(s.At)+1, int(t.Fields.Length)
	}
	return v
}

func (v *statementJSON) terms(
	merchant [wire.MerchantLen]byte, at uint32, un [wire.UNLen]byte,
) {
	v.Merchant, v.UN = merchantName(merchant), hex.EncodeToString(un[:])
	v.Time = time.Unix(int64(at), 0).UTC().Format(time.RFC3339)
}

// String says in a line what was done.
func (v statementJSON) String() string {
	switch v.Kind {
	case "spend":
		return fmt.Sprintf("%s spent at %s, %s, number %s", unitsText(v.First, v.Last), v.Merchant,
			v.Time, v.UN)
	case "meter":
		return fmt.Sprintf("%s promised to %s, %s, number %s, ticked up to %d",
			unitsText(v.First, v.Last), v.Merchant, v.Time, v.UN, v.Ticked)
	default:
		return fmt.Sprintf("closed, units from %d on given back", v.First)
	}
}

func (v Subject) Write(w io.Writer) {
	row := func(name, value string) {
		if value != "" {
			WriteRow(w, name, value)
		}
	}
	row("payment", v.Payment)
	row("evidence", v.Double)
	row("token", v.Token)
	if v.Double != "" {
		row("twice", unitsText(v.First, v.Last)+", "+v.Amount)
	} else {
		row("amount", v.Amount)
	}
	row("date", v.Date)
	row("merchant", v.Merchant)
	row("card", v.PAN)
	for i, s := range v.Statements {
		row([]string{"first", "second"}[i], s.String())
	}
	row("TSM", v.TSM)
}

func unitsText(first, last int) string {
	if first == last {
		return fmt.Sprintf("unit %d", first)
	}
	return fmt.Sprintf("units %d to %d", first, last)
}

func sumOf(s dispute.Subject) string {
	sum := s.Sum()
	return hex.EncodeToString(sum[:])
}

func merchantName(id [wire.MerchantLen]byte) string { return strings.TrimSpace(string(id[:])) }

// amountText is an amount for people, such as EUR 12.50; empty if it is none.
func amountText(minor uint64, currency [wire.CurrencyLen]byte) string {
	code, err := money.ParseN3(currency)
	if err != nil {
		return ""
	}
	amount, err := money.FromUint64(minor, code)
	if err != nil {
		return ""
	}
	return code.Code() + " " + amount.Decimal()
}
