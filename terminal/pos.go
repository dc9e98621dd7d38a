package terminal

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/acquirer"
	"tapbench/backend/money"
	"tapbench/pcsc"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
	"tapbench/terminal/kernel/relay"
)

// How a payment can end that was begun with the issuer.
var (
	// ErrReversed means that a payment broke off after the TSM was asked, and was taken back:
	// nothing is booked. Take the payment again.
	ErrReversed = errors.New("payment broke off and was taken back")
	// ErrReversalPending means that a payment broke off and may be booked: the TSM hasn't confirmed
	// its reversal. It is kept and sent again before the next payment. Don't hand the goods out.
	ErrReversalPending = errors.New("payment broke off and its reversal isn't confirmed yet")
	// ErrUnrecorded means that card and TSM have approved, and that the journal could neither be
	// written nor the payment be reversed. Mend the disk and start again: a payment that is still
	// in the journal is reversed then, one that isn't stands.
	ErrUnrecorded = errors.New("payment was approved, but can't be recorded")
	// ErrUnanswered means that a refund or the close of the day was asked for and has no answer: it
	// may be done or not. It is kept and asked for again, as the same one, before anything else.
	ErrUnanswered = errors.New("the TSM hasn't answered yet")
	// ErrVoidRefused means that the TSM doesn't take a payment back that was approved: it stands.
	// Refund it.
	ErrVoidRefused = errors.New("the TSM doesn't take the payment back")
	// ErrNotClosed means that the TSM doesn't close the day: it stays open.
	ErrNotClosed = errors.New("the TSM doesn't close the day")
	// ErrNoReceipt means that there is no receipt of an approved payment with that number.
	ErrNoReceipt = errors.New("no such receipt")
	// ErrNotRefundable means that a receipt is of no payment that stands, or of less than is to be
	// given back.
	ErrNotRefundable = errors.New("nothing to give back")
)

// CardSource is where cards come from: a reader.
type CardSource interface {
	// WaitCard waits until a card is there, and connects to it. The caller closes it. Errors are
	// *pcsc.Error.
	WaitCard(ctx context.Context) (pcsc.Card, error)
}

// CardSourceFunc is a function as a [CardSource].
type CardSourceFunc func(ctx context.Context) (pcsc.Card, error)

// WaitCard calls the function.
func (f CardSourceFunc) WaitCard(ctx context.Context) (pcsc.Card, error) { return f(ctx) }

// Config is what a point of sale is made of.
type Config struct {
	// Merchant is the merchant identifier, which begins with the party ID of the merchant's
	// certificate; Terminal the terminal's identification.
	Merchant acquirer.Merchant
	Terminal acquirer.Terminal
	Country  [2]byte // n3, ISO 3166-1
	// CA and EpochKeys are how the terminal knows the TSM's cards; see kernel.Config.
	CA        message.PublicKey
	EpochKeys []message.Certificate

	Acquirer acquirer.Decider // an *acquirer.Client
	// Manage, if set, signs on and off and asks whether the TSM is there: [acquirer.Client.Manage].
	Manage   func(ctx context.Context, k acquirer.Key, n acquirer.Network) error
	Journal  *journal.Journal
	Archive  Archive        // for receipts and closed days
	Currency money.Currency // of a day without payments; 0 stands for the euro
	Cards    CardSource
	Now      func() time.Time // local time
	Rand     io.Reader        // for unpredictable numbers
	Log      zerolog.Logger
	// MerchantKey is how the merchant authenticates to cards that ask for it; nil: not at all.
	MerchantKey *kernel.MerchantKey
	// Relay is what the terminal does against relays; the zero value requires that cards take part.
	Relay relay.Policy
	// Offline is how payments are taken without the TSM; nil: not at all. It needs MerchantKey.
	Offline *Offline
	// Observe, if set, is told each step of a payment when it has ended.
	Observe func(kernel.Step)
}

// POS is a point of sale.
type POS struct {
	config   Config
	kernel   *kernel.Kernel
	restored *Receipt
}

// Open returns a point of sale. It sends nothing: see [POS.Recover]. Claims that got no receipt get
// it now: see [POS.Restored]. A configuration that can't work is kernel.ErrConfig.
func Open(c Config) (*POS, error) {
	if c.Acquirer == nil || c.Journal == nil || c.Cards == nil || c.Archive == nil {
		return nil, fmt.Errorf("%w: it needs an acquirer, a journal, an archive and a reader",
			kernel.ErrConfig)
	}
	k, err := kernel.New(kernel.Config{
		Merchant: [wire.MerchantLen]byte(c.Merchant), Country: c.Country, CA: c.CA,
		EpochKeys: c.EpochKeys, MerchantKey: c.MerchantKey, Relay: c.Relay, Now: c.Now, Rand: c.Rand,
	})
	if err != nil {
		return nil, err
	}
	if c.Currency == 0 {
		c.Currency = money.EUR
	}
	p := &POS{config: c, kernel: k}
	if c.Offline == nil {
		return p, nil
	}
	if err := c.Offline.check(c.MerchantKey); err != nil {
		return nil, err
	}
	last, err := c.Offline.fill()
	if err != nil {
		return nil, err
	}
	return p, p.restore(last)
}

// Pay finishes what is open, waits for a card and takes an amount from it; without the TSM, if
// [Config.Offline] says how, by token, and what is open waits. See the package for how it can end.
// A receipt comes beside an error too, with what is known of the payment.
func (p *POS) Pay(ctx context.Context, amount money.Amount) (Receipt, error) {
	if offline, err := p.offline(ctx, amount); err != nil {
		return Receipt{}, err
	} else if offline {
		return p.payOffline(ctx, amount)
	}
	if _, err := p.Recover(ctx); err != nil {
		return Receipt{}, err
	}
	card, err := p.waitCard(ctx)
	if err != nil {
		return Receipt{}, err
	}
	defer func() { _ = card.Close() }() // it is done with, whatever happens
	h := &host{POS: p}
	outcome, err := p.kernel.Pay(ctx, card, h, kernel.Purchase{
		Amount: amount, Observe: p.config.Observe,
	})
	receipt := p.receipt(amount, outcome, h)
	receipt, err = p.finish(ctx, receipt, outcome, h, err)
	p.log(receipt, err)
	return receipt, err
}

// finish brings journal and TSM to what the payment came to.
func (p *POS) finish(
	ctx context.Context, r Receipt, o kernel.Outcome, h *host, err error,
) (Receipt, error) {
	if h.entry == nil {
		return r, err // the TSM was never asked
	}
	if !o.NeedReversal {
		recording := p.record(r, o, h)
		if recording == nil || o.Result != kernel.Approved {
			// A decline that stays in the journal is reversed in vain: nothing to tell.
			return r, err
		}
		// The journal will have the payment reversed, so it mustn't get a receipt.
		err = recording
	}
	open := ErrReversalPending
	if o.Result == kernel.Approved {
		open = ErrUnrecorded
		r.Result, r.Reason = kernel.Unfinished, "not recorded"
	}
	if reversing := p.reverse(ctx, *h.entry); reversing != nil {
		return r, fmt.Errorf("%w: %w", open, oneLine(err, reversing))
	}
	r.Reversed = true
	if err != nil {
		return r, fmt.Errorf("%w: %w", ErrReversed, err)
	}
	return r, nil
}

// record brings the journal to the end of a payment that needs no reversal. An approval's receipt
// is kept first: what the journal counts has a receipt, and a receipt whose payment the journal
// still has is marked when that is reversed.
func (p *POS) record(r Receipt, o kernel.Outcome, h *host) error {
	if o.Result != kernel.Approved {
		return p.config.Journal.Clear(*h.entry)
	}
	if err := p.save(r); err != nil {
		return err
	}
	return p.config.Journal.Approve(*h.entry, r.RRN, h.completion(o))
}

// oneLine joins two errors, of which the first may be nil, in one line.
func oneLine(err, then error) error {
	if err == nil {
		return then
	}
	return fmt.Errorf("%w; then %w", err, then)
}

func (p *POS) log(r Receipt, err error) {
	event := p.config.Log.Info()
	if errors.Is(err, ErrReversalPending) || errors.Is(err, ErrUnrecorded) {
		event = p.config.Log.Error()
	} else if err != nil {
		event = p.config.Log.Warn()
	}
	event.Err(err).Str("result", r.Result.String()).Str("reason", r.Reason).
		Str("amount", r.Amount.String()).Uint32("stan", r.STAN).Bool("reversed", r.Reversed).
		Msg("payment ended")
}

// Journal returns the terminal's memory, to be read.
func (p *POS) Journal() *journal.Journal { return p.config.Journal }
