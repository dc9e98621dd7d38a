package terminal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/dispute"
	"tapbench/backend/dispute/doublespend"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal/claims"
	"tapbench/terminal/kernel"
	"tapbench/terminal/offline"
	"tapbench/terminal/settle"
)

// ErrAboveFloor means that a payment is to be taken without the TSM, and that its amount is above
// what the terminal takes so. Nothing happened.
var ErrAboveFloor = errors.New("without the TSM the amount is above the floor limit")

// OfflineMode says when a terminal takes payments without the TSM.
type OfflineMode string

// The modes.
const (
	OfflineAuto OfflineMode = "auto" // when the TSM can't be reached
	OfflineOnly OfflineMode = "only" // always
)

// Offline is what a point of sale needs to take payments without the TSM.
type Offline struct {
	Mode  OfflineMode
	Floor money.Amount // the most that one payment may be
	// Verifier judges tokens. Its table of seen tokens is Seen, which Open fills from Claims.
	Verifier *offline.Verifier
	// Denied is the verifier's deny list, which is looked at before a card is asked too.
	Denied offline.DenyList
	Seen   *offline.Table
	Claims *claims.Journal
}

// reachTime is how long a terminal waits for the TSM before it takes a payment without it.
const reachTime = 3 * time.Second

// fill enters what the journal holds into the table of seen tokens.
func (o *Offline) fill() error {
	for r, err := range o.Claims.Claims() {
		if err == nil && r.Payload != nil {
			err = o.see(r.Payload)
		}
		if err != nil {
			return fmt.Errorf("reading the terminal's claims: %w", err)
		}
	}
	return nil
}

func (o *Offline) see(payload []byte) error {
	spend, meter, err := settle.Parse(payload)
	switch {
	case err != nil:
		return err
	case spend != nil:
		o.Seen.AddSpend(*spend)
	default:
		o.Seen.AddMeter(*meter)
	}
	return nil
}

// keep keeps a claim in the journal, and enters it into the table of seen tokens.
func (o *Offline) keep(c kernel.Claim) error {
	var payload []byte
	if c.Spend != nil {
		payload = message.Encode(wire.MsgSpendClaim, *c.Spend)
	} else {
		payload = message.Encode(wire.MsgMeterClaim, *c.Meter)
	}
	key, _, err := settle.Key(payload)
	if err != nil {
		return err
	}
	if _, err := o.Claims.Append(key, payload); err != nil {
		return fmt.Errorf("keeping a claim: %w", err)
	}
	return o.see(payload)
}

// offline reports whether a payment is to be taken without the TSM: that is asked before the tap,
// because a card that was asked for an ARQC is spent.
func (p *POS) offline(ctx context.Context, amount money.Amount) (bool, error) {
	o := p.config.Offline
	if o == nil {
		return false, nil
	}
	if o.Mode != OfflineOnly {
		reach, cancel := context.WithTimeout(ctx, reachTime)
		defer cancel()
		err := p.Manage(reach, acquirer.NetworkEcho)
		if err == nil || ctx.Err() != nil {
			return false, ctx.Err()
		}
		p.config.Log.Info().Err(err).Msg("the TSM can't be reached: the payment is taken offline")
	}
	return true, p.takes(amount)
}

// takes refuses what would only cost the card a token: an amount above the floor, or any while the
// deny list can't be used.
func (p *POS) takes(amount money.Amount) error {
	o := p.config.Offline
	if amount.Minor() > o.Floor.Minor() {
		return fmt.Errorf("%w of %s", ErrAboveFloor, o.Floor)
	}
	now := p.config.Now().Unix()
	if err := o.Denied.Usable(uint32(max(0, min(now, 1<<32-1)))); err != nil {
		return fmt.Errorf("%w: %w", offline.ErrDenyList, err)
	}
	return nil
}

// payOffline takes a payment by token. A tap that breaks off before the claim is kept is taken
// again, on the same terms, as often as a card answers.
func (p *POS) payOffline(ctx context.Context, amount money.Amount) (Receipt, error) {
	terms, err := p.kernel.NewTerms(amount, 0)
	if err != nil {
		return Receipt{}, err
	}
	var out kernel.OfflineOutcome
	for try := 1; ; try++ {
		out, err = p.tapOffline(ctx, terms)
		if !again(out, err) || try == wire.TapTries {
			break
		}
		p.config.Log.Info().Err(err).Int("try", try).Msg("the tap broke off: waiting for the card again")
	}
	r := p.offlineReceipt(terms, out)
	if err == nil && r.Approved() {
		err = p.saveOffline(&r)
	}
	p.log(r, err)
	return r, err
}

// again says whether a tap broke off so that the card would go on with it.
func again(out kernel.OfflineOutcome, err error) bool {
	broken := new(pcsc.Error)
	return out.Shown && out.Result == kernel.Unfinished && errors.As(err, &broken)
}

func (p *POS) tapOffline(ctx context.Context, terms kernel.Terms) (kernel.OfflineOutcome, error) {
	card, err := p.config.Cards.WaitCard(ctx)
	if err != nil {
		return kernel.OfflineOutcome{}, fmt.Errorf("waiting for a card: %w", err)
	}
	defer func() { _ = card.Close() }() // it is done with, whatever happens
	return p.taker().Pay(ctx, card, terms)
}

// taker is the kernel's offline part.
func (p *POS) taker() kernel.Offline {
	return kernel.Offline{
		Kernel: p.kernel, Verifier: p.config.Offline.Verifier, Keep: p.config.Offline.keep,
		Observe: p.config.Observe,
	}
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

// saveOffline keeps a receipt. The payment stands without: its claim is in the journal.
func (p *POS) saveOffline(r *Receipt) error {
	stan, err := p.config.Journal.NextSTAN()
	if err != nil {
		return err
	}
	r.STAN, r.Sent = stan, acquirer.NewStamp(r.Time)
	return p.save(*r)
}

// OfflinePart is what only the receipt of an offline payment has.
type OfflinePart struct {
	Claim    string `json:"claim"` // its key in the terminal's claims, hexadecimal
	Unit     uint8  `json:"unit"`  // minor units
	From     uint8  `json:"from"`  // the token's units From+1 to To
	To       uint8  `json:"to"`
	Received bool   `json:"received"` // the card has the merchant's signed receipt
}
