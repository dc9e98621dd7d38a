package explain

import (
	"errors"
	"fmt"
	"time"

	"tapbench/applet/emv/oda"
	"tapbench/terminal/kernel/clause"
	"tapbench/terminal/kernel/general/outcome"
)

// Explanation is a transaction in words. Numbers of bytes are upper-case hexadecimal digits.
type Explanation struct {
	Result string `json:"result"` // "approved", "declined" or "unfinished"
	// Reason is the deciding one.
	Reason *outcome.Reason `json:"reason,omitempty"`
	// Error is what ended an unfinished transaction, in one line.
	Error  string    `json:"error,omitempty"`
	Time   time.Time `json:"time"`
	Amount string    `json:"amount,omitempty"` // such as "12.50 EUR"
	PAN    string    `json:"pan,omitempty"`    // masked
	AID    string    `json:"aid,omitempty"`
	Label  string    `json:"label,omitempty"`
	AIP    string    `json:"aip,omitempty"`
	TVR    string    `json:"tvr,omitempty"`
	TSI    string    `json:"tsi,omitempty"`
	CVM    string    `json:"cvm_results,omitempty"`
	// Decision and Final are the cryptograms that the terminal asked for: "TC", "ARQC" or "AAC".
	Decision string  `json:"decision,omitempty"`
	Final    string  `json:"final,omitempty"`
	Phases   []Phase `json:"phases"`
	// OnlinePIN says that the cardholder has entered a PIN for the issuer.
	OnlinePIN bool `json:"online_pin,omitempty"`
	// Signature says that the cardholder has to sign.
	Signature bool `json:"signature,omitempty"`
	// Reversal says that the issuer approved what didn't take place: it must be taken back.
	Reversal bool `json:"reversal,omitempty"`
	// Fallback is what may be tried instead: "magnetic stripe" or "contact chip".
	Fallback string `json:"fallback,omitempty"`
	// Notes are what was remarkable and didn't end the transaction.
	Notes []outcome.Reason `json:"notes,omitempty"`
}

// Phase is one step of the flow.
type Phase struct {
	Name   string `json:"name"` // such as "authentication"; docs/emv-terminal.md lists them
	Title  string `json:"title"`
	Clause string `json:"clause"`
	State  State  `json:"state"`
	Facts  []Fact `json:"facts,omitempty"`
}

// State is what came of a phase.
type State string

// The states.
const (
	Done       State = "done"        // as it should
	Objected   State = "objected"    // it was carried out, and something speaks against the card
	Skipped    State = "skipped"     // the flow didn't ask for it
	NotReached State = "not reached" // the transaction had ended
	EndedHere  State = "ended here"  // the transaction was terminated, or broke off
)

// Fact is one thing that a phase saw or decided.
type Fact struct {
	Name   string `json:"name"`
	Value  string `json:"value,omitempty"`  // hexadecimal digits, a number, a date
	Text   string `json:"text,omitempty"`   // in words
	Clause string `json:"clause,omitempty"` // where it isn't the phase's
	// Against says that this speaks against the card or the transaction.
	Against bool  `json:"against,omitempty"`
	Bits    []Bit `json:"bits,omitempty"` // of a value that is a field of bits: those that are set
}

// Bit is one bit that is set, counted as EMV counts: byte 1 is the leftmost, bit 8 the highest.
type Bit struct {
	Byte   int    `json:"byte"`
	Bit    int    `json:"bit"`
	Text   string `json:"text"`
	Clause string `json:"clause,omitempty"`
}

// Of explains an outcome, and the error that came beside it.
func Of(o outcome.Outcome, err error) Explanation {
	e := Explanation{
		Result: resultText(o.Result), Time: o.Time, Amount: Amount(o.Amount, o.Currency),
		PAN: o.PAN.String(), AID: hexOf(o.Selected.AID), Label: o.Selected.Label,
		OnlinePIN: o.OnlinePIN,
		Signature: o.Signature && o.Result == outcome.Approved, Reversal: o.Reversal,
		Fallback: fallbackText(o.Fallback),
		Notes:    o.Notes,
	}
	if o.Why.Text != "" {
		why := o.Why
		e.Reason = &why
	}
	if err != nil {
		e.Error = err.Error()
	}
	if o.AFL != nil {
		e.AIP, e.TVR, e.TSI = hexOf(o.AIP[:]), o.TVR.String(), o.TSI.String()
	}
	if o.Trail.Cardholder != nil {
		e.CVM = hexOf(o.CVM[:])
	}
	if o.First != nil || o.Trail.Action != nil {
		e.Decision = o.Decision.String()
	}
	if o.Second != nil {
		e.Final = o.Final.String()
	}
	for _, phase := range []func(*outcome.Outcome) Phase{
		selection, options, records, authentication, restrictions, cardholder, risk, action,
		firstCryptogram, online, secondCryptogram, scripts, verdict,
	} {
		e.Phases = append(e.Phases, phase(&o))
		if p, has := relayResistance(&o); has && e.Phases[len(e.Phases)-1].Name == "options" {
			e.Phases = append(e.Phases, p)
		}
	}
	e.endedHere(err)
	return e
}

// endedHere marks the first phase that a transaction didn't reach as the one where it ended.
func (e *Explanation) endedHere(err error) {
	if err == nil {
		return
	}
	f := Fact{Name: "result", Text: err.Error(), Against: true}
	if ended := new(outcome.TerminatedError); errors.As(err, &ended) {
		f.Text, f.Clause = ended.Reason.Text, ended.Reason.Clause
		if ended.Err != nil {
			f.Text += ": " + ended.Err.Error()
		}
	}
	for i := range e.Phases {
		if p := &e.Phases[i]; p.State == NotReached {
			p.Facts, p.State = append(p.Facts, f), EndedHere
			return
		}
	}
}

func resultText(r outcome.Result) string {
	switch r {
	case outcome.Approved:
		return "approved"
	case outcome.Declined:
		return "declined"
	case outcome.Unfinished:
		return "unfinished"
	default:
		return "unfinished"
	}
}

func fallbackText(f outcome.Fallback) string {
	switch f {
	case outcome.MagneticStripe:
		return "magnetic stripe"
	case outcome.ContactChip:
		return "contact chip"
	case outcome.NoFallback:
		return ""
	default:
		return ""
	}
}

// clauseOf returns the clause that an error names, or another one.
func clauseOf(err error, other string) string {
	if refused := new(oda.Error); errors.As(err, &refused) {
		return clause.Book2 + refused.Clause
	}
	return other
}

func hexOf(b []byte) string { return fmt.Sprintf("%X", b) }
