package terminal

import (
	"fmt"
	"strings"
	"time"

	"tapbench/applet/emv"
	"tapbench/backend/acquirer"
	"tapbench/backend/dispute"
	"tapbench/backend/money"
	"tapbench/terminal/kernel"
)

// Receipt is the merchant's copy: what is known of a payment when it has ended. It shows no more of
// the PAN than the last four digits.
type Receipt struct {
	Kind     Kind          `json:"kind"`               // payment or refund
	Result   kernel.Result `json:"outcome"`            // unfinished, approved or declined
	Reason   string        `json:"reason,omitempty"`   // of a decline
	Code     string        `json:"code,omitempty"`     // the TSM's response code
	Reversed bool          `json:"reversed,omitempty"` // it was taken back
	Amount   money.Amount  `json:"amount"`
	Time     time.Time     `json:"time"`
	Merchant string        `json:"merchant"`
	Terminal string        `json:"terminal"`
	STAN     uint32        `json:"stan,omitempty"`
	// Sent is the time of the message to the TSM, field 7: with STAN, terminal and merchant it names
	// the transaction.
	Sent     acquirer.Stamp `json:"sent,omitempty"`
	RRN      string         `json:"rrn,omitempty"`
	Approval string         `json:"approval,omitempty"`
	Original string         `json:"original,omitempty"` // of a refund: the payment's RRN
	AID      string         `json:"aid,omitempty"`      // application ID, hexadecimal
	Label    string         `json:"label,omitempty"`
	PAN      string         `json:"pan,omitempty"` // masked
	ATC      uint16         `json:"atc,omitempty"`
	// Cryptogram is the card's last word, such as "TC 1122334455667788".
	Cryptogram string `json:"cryptogram,omitempty"`
	// Offline is of a payment that was taken without the TSM.
	Offline *OfflinePart `json:"offline,omitempty"`
	// Evidence is the merchant's proof of the payment, or nil. It holds the PAN, or the token: it is
	// written to a file where somebody asks for it, and nowhere else.
	Evidence dispute.Subject `json:"-"`
}

// Kind is what a receipt is of.
type Kind string

// The kinds of receipts.
const (
	KindPayment Kind = "payment"
	KindRefund  Kind = "refund"
)

// Approved reports whether the merchant is paid, or the customer is given back.
func (r Receipt) Approved() bool { return r.Result == kernel.Approved }

// receipt returns what is known after the kernel has ended.
func (p *POS) receipt(amount money.Amount, o kernel.Outcome, h *host) Receipt {
	r := Receipt{
		Kind: KindPayment, Result: o.Result, Reason: o.Reason(), Amount: amount, Time: o.Time,
		Merchant: p.config.Merchant.String(), Terminal: p.config.Terminal.String(), STAN: h.stan,
		AID: fmt.Sprintf("%X", o.AID), Label: o.Label, ATC: o.ATC,
	}
	if o.Evidence != nil {
		r.Evidence = *o.Evidence
	}
	if h.entry != nil {
		r.Sent = h.entry.Key.Sent
	}
	if h.answer != nil {
		r.Code, r.RRN, r.Approval = string(h.answer.Code), h.answer.RRN, h.answer.Approval
		if o.Decline == kernel.ByIssuer {
			r.Reason += ": " + h.answer.Code.String()
		}
	}
	if o.PAN.Valid() {
		r.PAN = o.PAN.String()
	}
	if o.ATC != 0 {
		r.Cryptogram = fmt.Sprintf("%s %X", cryptogramName(o.CID), o.Cryptogram)
	}
	return r
}

func cryptogramName(cid byte) string {
	switch cid & emv.CIDKind {
	case emv.CIDTC:
		return "TC"
	case emv.CIDARQC:
		return "ARQC"
	default:
		return "AAC"
	}
}

// receiptWidth is how many columns a printed receipt has.
const receiptWidth = 40

// String returns the receipt as it is printed: lines of at most 40 columns, unless a value is
// longer.
func (r Receipt) String() string {
	var b strings.Builder
	row := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s%*s\n", name, receiptWidth-12, value)
		}
	}
	row("MERCHANT", r.Merchant)
	row("TERMINAL", r.Terminal)
	row("DATE", r.Time.Format("2006-01-02 15:04:05"))
	if r.STAN != 0 {
		row("STAN", fmt.Sprintf("%06d", r.STAN))
	}
	row("RRN", r.RRN)
	row("REFUND OF", r.Original)
	row("APPLICATION", r.Label)
	row("AID", r.AID)
	row("CARD", r.PAN)
	row("CRYPTOGRAM", r.Cryptogram)
	row("APPROVAL", r.Approval)
	if o := r.Offline; o != nil {
		row("OFFLINE", fmt.Sprintf("units %d to %d of %d", int(o.From)+1, o.To, o.Unit))
		row("CLAIM", o.Claim[:16])
	}
	row("AMOUNT", r.Amount.Currency().Code()+" "+r.Amount.Decimal())
	b.WriteString(strings.Repeat("-", receiptWidth) + "\n")
	if r.Kind == KindRefund {
		b.WriteString("REFUND ")
	}
	b.WriteString(strings.ToUpper(r.Result.String()))
	if r.Reason != "" {
		b.WriteString(": " + r.Reason)
	}
	if r.Reversed {
		b.WriteString(" (taken back)")
	}
	b.WriteString("\n")
	return b.String()
}
