package terminal

import (
	"fmt"
	"strings"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/money"
	"tapbench/terminal/claims"
	"tapbench/terminal/kernel"
)

// OfflinePart is what only the receipt of an offline payment has.
type OfflinePart struct {
	// Claim is the payment's key at the TSM, hexadecimal; a payment's claim is kept under it too.
	Claim    string `json:"claim"`
	Unit     uint8  `json:"unit"` // minor units
	From     uint8  `json:"from"` // the token's units From+1 to To
	To       uint8  `json:"to"`
	Received bool   `json:"received"` // the card has the merchant's signed receipt
	// Restored: the terminal had ended before it gave this receipt; it was made from the claim.
	Restored bool `json:"restored,omitempty"`
}

// offlineReceipt returns what is known of an offline payment.
func (p *POS) offlineReceipt(terms kernel.Terms, out kernel.OfflineOutcome) Receipt {
	r := Receipt{
		Kind: KindPayment, Result: out.Result, Amount: terms.Amount, Time: terms.Time,
		Merchant: p.config.Merchant.String(), Terminal: p.config.Terminal.String(),
		AID: fmt.Sprintf("%X", out.AID), Label: out.Label,
	}
	if out.Refused != nil {
		r.Reason = out.Refused.Error()
	}
	if out.Result == kernel.Approved {
		r.Offline = &OfflinePart{
			Claim: claims.Key(out.Key).String(), Unit: out.Token.Unit, From: out.From, To: out.To,
			Received: out.Received,
		}
		r.Evidence = proof(out.Claim)
	}
	return r
}

// proof is a claim as a merchant shows it when the payment is denied.
func proof(c kernel.Claim) dispute.Subject {
	switch {
	case c.Spend != nil:
		return dispute.OfflinePayment{Token: c.Spend.Token, Taken: doublespend.OfSpend(*c.Spend)}
	case c.Meter != nil:
		return dispute.OfflinePayment{Token: c.Meter.Token, Taken: doublespend.OfMeter(*c.Meter)}
	default:
		return nil
	}
}

// saveOffline gives a receipt its number and keeps it. The payment stands without, because its
// claim is kept: a receipt that can't be is logged, and made again at the next start.
func (p *POS) saveOffline(r *Receipt) {
	r.Sent = acquirer.NewStamp(r.Time)
	stan, err := p.config.Journal.NextSTAN()
	if err == nil {
		r.STAN = stan
		err = p.save(*r)
	}
	if err != nil {
		p.config.Log.Error().Err(err).Str("claim", r.Offline.Claim).
			Msg("payment stands, but its receipt isn't kept")
	}
}

// restore makes the receipt of a claim again, if there is none: the terminal ended between the two.
// A terminal takes one payment after the other, so that it can only be the last claim's.
func (p *POS) restore(last kernel.Claim) error {
	if last.Spend == nil && last.Meter == nil {
		return nil
	}
	r, err := p.receiptOfClaim(last)
	if err != nil {
		return fmt.Errorf("making the last claim's receipt: %w", err)
	}
	begins := receiptPrefix + string(acquirer.NewStamp(r.Time))
	there, err := p.receipts(func(name string) bool { return strings.HasPrefix(name, begins) })
	if err != nil {
		return err
	}
	for _, old := range there {
		if old.Offline != nil && old.Offline.Claim == r.Offline.Claim {
			return nil
		}
	}
	p.saveOffline(&r)
	p.restored = &r
	p.config.Log.Warn().Str("claim", r.Offline.Claim).Str("amount", r.Amount.String()).
		Msg("a payment by token was taken and got no receipt: this is it")
	return nil
}

// receiptOfClaim returns what is known of a payment by its claim.
func (p *POS) receiptOfClaim(c kernel.Claim) (Receipt, error) {
	out := kernel.OfflineOutcome{Claim: c}
	var seconds uint32
	var minor uint64
	var n3 [wire.CurrencyLen]byte
	var err error
	if s := c.Spend; s != nil {
		out.Token, out.From, out.To, out.Key = s.Token.Fields, s.Spend.From, s.Spend.To, s.Spend.Digest()
		seconds, n3 = s.Spend.Time, s.Spend.Currency
		minor, err = emv.ParseN12(s.Spend.Amount)
	} else {
		m := c.Meter
		out.Token, out.From, out.To, out.Key = m.Token.Fields, m.Meter.From, m.To, m.Meter.Digest()
		seconds, n3 = m.Meter.Time, m.Meter.Currency
		minor = uint64(m.To-m.Meter.From) * uint64(m.Meter.Unit)
	}
	if err != nil {
		return Receipt{}, err
	}
	out.Result, out.AID, out.Label = kernel.Approved, []byte(wire.AIDOffline), emv.Label
	currency, err := money.ParseN3(n3)
	if err != nil {
		return Receipt{}, err
	}
	amount, err := money.New(int64(minor), currency) //nolint:gosec // 12 digits
	r := p.offlineReceipt(kernel.Terms{
		Amount: amount, Time: time.Unix(int64(seconds), 0).In(p.config.Now().Location()),
	}, out)
	r.Offline.Restored = true
	return r, err
}

// Restored returns the receipt of a payment by token that an earlier run has taken and got no
// receipt for, because it was ended; nil: there is none. The merchant is paid.
func (p *POS) Restored() *Receipt { return p.restored }
