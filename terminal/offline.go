package terminal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
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

// Offline is what a point of sale needs to take payments without the TSM. All of it is needed.
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

// maxTaps is how often a card may be laid on again for one payment. The card itself answers
// wire.TapTries times; this ends what never comes so far.
const maxTaps = 3 * wire.TapTries

// check refuses what can't work.
func (o *Offline) check(key *kernel.MerchantKey) error {
	switch {
	case key == nil || o.Verifier == nil || o.Denied == nil || o.Seen == nil || o.Claims == nil:
		return fmt.Errorf("%w: offline it needs a merchant's key, a verifier, a deny list, a table of "+
			"seen tokens and a journal of claims", kernel.ErrConfig)
	case o.Mode != OfflineAuto && o.Mode != OfflineOnly:
		return fmt.Errorf("%w: offline %q", kernel.ErrConfig, string(o.Mode))
	default:
		return nil
	}
}

// fill enters what the journal holds into the table of seen tokens, and returns the last claim, or
// an empty one.
func (o *Offline) fill() (last kernel.Claim, err error) {
	for r, err := range o.Claims.Claims() {
		if err != nil {
			return last, fmt.Errorf("reading the terminal's claims: %w", err)
		}
		last = kernel.Claim{}
		if r.Payload == nil {
			continue // paid, and forgotten
		}
		if last.Spend, last.Meter, err = settle.Parse(r.Payload); err != nil {
			return last, fmt.Errorf("reading the terminal's claims: number %d: %w", r.Number, err)
		}
		o.see(last)
	}
	return last, nil
}

func (o *Offline) see(c kernel.Claim) {
	if c.Spend != nil {
		o.Seen.AddSpend(*c.Spend)
	} else {
		o.Seen.AddMeter(*c.Meter)
	}
}

// keep keeps a claim in the journal, and enters it into the table of seen tokens.
func (o *Offline) keep(c kernel.Claim) error {
	key, payload := settle.Record(c.Spend, c.Meter)
	if _, err := o.Claims.Append(key, payload); err != nil {
		return err
	}
	o.see(c)
	return nil
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
		if ctx.Err() != nil {
			return false, ctx.Err()
		}
		if !unreachable(err) {
			return false, nil // it is there; if it refuses this terminal, the payment says so
		}
		p.config.Log.Info().Err(err).Msg("the TSM can't be reached: the payment is taken offline")
	}
	return true, p.takes(amount)
}

// unreachable says of the error of an echo that there is no TSM at the other end.
func unreachable(err error) bool {
	for _, away := range []error{
		acquirer.ErrUnreachable, acquirer.ErrTLS, acquirer.ErrNoAnswer, context.DeadlineExceeded,
	} {
		if errors.Is(err, away) {
			return true
		}
	}
	return false
}

// takes refuses what would only cost the card a token: an amount above the floor, or any while the
// deny list can't be used.
func (p *POS) takes(amount money.Amount) error {
	o := p.config.Offline
	if order, err := amount.Compare(o.Floor); err != nil || order > 0 {
		return fmt.Errorf("%w of %s", ErrAboveFloor, o.Floor)
	}
	if err := o.Denied.Usable(kernel.Seconds(p.config.Now())); err != nil {
		return fmt.Errorf("%w: %w", offline.ErrDenyList, err)
	}
	return nil
}

// payOffline takes a payment by token. A tap that breaks off after the card may have written the
// payment down, and before the claim is kept, is taken again on the same terms, as often as a card
// answers.
func (p *POS) payOffline(ctx context.Context, amount money.Amount) (Receipt, error) {
	terms, err := p.kernel.NewTerms(amount, 0)
	if err != nil {
		return Receipt{}, err
	}
	var out kernel.OfflineOutcome
	err = p.taps(func() (bool, error) {
		var err error
		out, err = p.tapOffline(ctx, terms)
		terms.Near = out.Near
		return out.Shown, err
	})
	r := p.offlineReceipt(terms, out)
	if r.Approved() {
		p.saveOffline(&r)
	}
	p.log(r, err)
	return r, err
}

// taps repeats a tap while the card goes away within it, once it may have written the payment down.
func (p *POS) taps(tap func() (shown bool, err error)) error {
	written := false
	for n := 1; ; n++ {
		shown, err := tap()
		written = written || shown
		if !written || n == maxTaps || !brokeOff(err) {
			return err
		}
		p.config.Log.Info().Err(err).Int("tap", n).Msg("the tap broke off: waiting for the card again")
	}
}

// errNoCard means that no card came.
var errNoCard = errors.New("waiting for a card")

// brokeOff says that a card was there and has gone.
func brokeOff(err error) bool {
	broken := new(pcsc.Error)
	return errors.As(err, &broken) && !errors.Is(err, errNoCard) &&
		!errors.Is(err, context.Canceled) && !errors.Is(err, context.DeadlineExceeded)
}

// waitCard connects to the next card.
func (p *POS) waitCard(ctx context.Context) (pcsc.Card, error) {
	card, err := p.config.Cards.WaitCard(ctx)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", errNoCard, err)
	}
	return card, nil
}

func (p *POS) tapOffline(ctx context.Context, terms kernel.Terms) (kernel.OfflineOutcome, error) {
	card, err := p.waitCard(ctx)
	if err != nil {
		return kernel.OfflineOutcome{}, err
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
