package examiner

import (
	"encoding/json"
	"fmt"
)

// Told is a payment or refund that a terminal has acknowledged to a customer, written down by
// whoever stood beside it.
type Told struct {
	slip
	// Voided says that the merchant has asked to take the payment back since: it may have been.
	Voided bool
}

// ParseTold reads a receipt as "terminal run --json" prints it. It reports false for one that
// acknowledges nothing: a decline, or a payment that was taken back. A document that is no receipt
// is [ErrForeign].
func ParseTold(receipt []byte) (told Told, acknowledged bool, err error) {
	if err := json.Unmarshal(receipt, &told.slip); err != nil {
		return Told{}, false, fmt.Errorf("reading a receipt: %w: %w", ErrForeign, err)
	}
	s := told.slip
	if s.Kind != kindPayment && s.Kind != kindRefund || s.Outcome == "" {
		return Told{}, false, fmt.Errorf("reading a receipt: %w: kind %.16q", ErrForeign, s.Kind)
	}
	return told, s.Outcome == "approved" && !s.Reversed, nil
}

// Refund reports whether it is a refund.
func (t Told) Refund() bool { return t.Kind == kindRefund }

// ByToken reports whether it is a payment that the TSM wasn't asked for.
func (t Told) ByToken() bool { return t.Offline != nil }

// Reference names the transaction: terminal, STAN and amount.
func (t Told) Reference() string {
	return fmt.Sprintf("%s %06d of %s", t.Terminal, t.STAN, t.Amount)
}

// compareTold holds what customers were told against what is booked.
func compareTold(r *Report, all []Told, services []tsm) error {
	payments, refunds := allPayments(services), allRefunds(services)
	seen := map[string]bool{}
	for _, t := range all {
		if t.Offline != nil {
			continue // the TSM wasn't asked: its claim is what has to be there
		}
		id := t.paymentID()
		if seen[id] {
			r.find("customer", "%s was told twice: %s", t.Kind, t.Reference())
		}
		seen[id] = true
		minor, err := t.minor()
		if err != nil {
			return fmt.Errorf("examining what a customer was told: %w", err)
		}
		booked, ok := refunds[id]
		if t.Kind == kindPayment {
			var p payment
			p, ok = payments[id]
			booked, ok = p.minor, ok && (!p.reversed || t.Voided)
		}
		if !ok || booked != minor {
			r.find("customer", "%s was acknowledged and isn't booked: %s", t.Kind, t.Reference())
		}
	}
	return nil
}
