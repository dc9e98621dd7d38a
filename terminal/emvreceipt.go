package terminal

import (
	"fmt"
	"strings"

	"tapbench/backend/money"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/general"
	"tapbench/terminal/kernel/general/outcome"
)

// EMVReceipt is the receipt of a payment by a card that isn't tapbench's own. It has no numbers of
// the TSM's: no ledger knows the payment.
func EMVReceipt(o outcome.Outcome, t general.Terminal, amount money.Amount) Receipt {
	r := Receipt{
		Kind: KindPayment, Result: resultOf(o.Result), Amount: amount, Time: o.Time,
		Merchant: strings.TrimSpace(string(t.Merchant[:])), Terminal: strings.TrimSpace(string(t.ID[:])),
		Label: printable(o.Selected.Label), PAN: o.PAN.String(),
	}
	if len(o.Selected.AID) > 0 {
		r.AID = fmt.Sprintf("%X", o.Selected.AID)
	}
	if o.Result == outcome.Declined {
		r.Reason = o.Why.Text
	}
	if o.ARC != [2]byte{} {
		r.Code = string(o.ARC[:])
	}
	last := o.First
	if o.Second != nil {
		last = o.Second
	}
	if last != nil {
		r.ATC, r.Cryptogram = last.ATC, fmt.Sprintf("%s %X", cryptogramName(last.CID), last.AC)
	}
	return r
}

// printable replaces what a printer or a screen would take for more than text: a label is whatever
// the card says.
func printable(label string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '.'
		}
		return r
	}, label)
}

func resultOf(r outcome.Result) kernel.Result {
	switch r {
	case outcome.Approved:
		return kernel.Approved
	case outcome.Declined:
		return kernel.Declined
	case outcome.Unfinished:
		return kernel.Unfinished
	default:
		return kernel.Unfinished
	}
}
