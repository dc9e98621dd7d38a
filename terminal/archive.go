package terminal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"strings"

	"tapbench/backend/acquirer"
	"tapbench/terminal/journal"
	"tapbench/terminal/kernel"
)

// Archive keeps documents by their names: receipts of payments and refunds that were approved, and
// closed days. What the day has come to stands in the journal; the archive is for people, and for
// refunds to find their payment.
type Archive interface {
	// Save keeps a document in the place of the one with that name. When it returns nil the document
	// is on the disk; when it fails, or power does, the old one or the new one is, whole.
	Save(name string, document []byte) error
	// Load returns a document, or an error that is fs.ErrNotExist.
	Load(name string) ([]byte, error)
	// Names returns all names in ascending order.
	Names() ([]string, error)
}

// What names begin with.
const (
	receiptPrefix = "receipt-"
	dayPrefix     = "day-"
)

// receiptName returns what the name begins with under which a transaction's receipt is kept.
func receiptName(k acquirer.Key) string {
	return fmt.Sprintf("%s%s-%06d", receiptPrefix, k.Sent, k.STAN)
}

// name returns the name under which a receipt is kept. It ends in the payment's reference number,
// if it has one: a refund finds its payment by that, and the refunds before it.
func (r Receipt) name() string {
	name := receiptName(acquirer.Key{Sent: r.Sent, STAN: r.STAN})
	rrn := r.RRN
	if r.Kind == KindRefund {
		rrn = r.Original
	}
	if rrn == "" {
		return name
	}
	return name + "-" + rrn
}

// save keeps a receipt under its name.
func (p *POS) save(r Receipt) error {
	raw, err := json.Marshal(r)
	if err != nil {
		return fmt.Errorf("keeping a receipt: %w", err)
	}
	if err := p.config.Archive.Save(r.name(), append(raw, '\n')); err != nil {
		return fmt.Errorf("keeping a receipt: %w", err)
	}
	return nil
}

func (p *POS) load(name string) (Receipt, error) {
	var r Receipt
	raw, err := p.config.Archive.Load(name)
	if err != nil {
		return r, fmt.Errorf("reading a receipt: %w", err)
	}
	if err := json.Unmarshal(raw, &r); err != nil {
		return r, fmt.Errorf("reading a receipt: %s: %w", name, err)
	}
	return r, nil
}

// receiptOf returns the receipt of a transaction, or an error that is fs.ErrNotExist.
func (p *POS) receiptOf(k acquirer.Key) (Receipt, error) {
	start := receiptName(k)
	receipts, err := p.receipts(func(name string) bool { return strings.HasPrefix(name, start) })
	if err != nil {
		return Receipt{}, err
	}
	if len(receipts) == 0 {
		return Receipt{}, fmt.Errorf("reading a receipt: %s: %w", start, fs.ErrNotExist)
	}
	return receipts[0], nil
}

// markReversed has a payment's receipt say that it was taken back. One that isn't there or can't be
// read holds nothing up: the journal counts.
func (p *POS) markReversed(e journal.Entry) error {
	r, err := p.receiptOf(e.Key)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			p.config.Log.Warn().Err(err).Msg("receipt of a reversed payment")
		}
		return nil
	}
	r.Reversed = true
	return p.save(r)
}

// Receipts returns all receipts that are kept, in the order of their names. That of a payment which
// the journal still has to reverse is among them.
func (p *POS) Receipts() ([]Receipt, error) {
	return p.receipts(func(string) bool { return true })
}

// receipts returns the receipts whose names are chosen.
func (p *POS) receipts(chosen func(name string) bool) ([]Receipt, error) {
	names, err := p.config.Archive.Names()
	if err != nil {
		return nil, fmt.Errorf("reading receipts: %w", err)
	}
	var receipts []Receipt
	for _, name := range names {
		if !strings.HasPrefix(name, receiptPrefix) || !chosen(name) {
			continue
		}
		r, err := p.load(name)
		if err != nil {
			return nil, err
		}
		receipts = append(receipts, r)
	}
	return receipts, nil
}

// Find returns the receipt of a payment by its reference number, and how much of it was given back,
// in minor units. It reads the receipts of that payment only. It returns [ErrNoReceipt].
func (p *POS) Find(rrn string) (payment Receipt, refunded int64, err error) {
	receipts, err := p.receipts(func(name string) bool { return strings.HasSuffix(name, "-"+rrn) })
	if err != nil {
		return Receipt{}, 0, err
	}
	found := false
	for _, r := range receipts {
		switch {
		case r.Kind == KindPayment && r.RRN == rrn:
			payment, found = r, true
		case r.Kind == KindRefund && r.Original == rrn && r.Approved():
			refunded += r.Amount.Minor()
		}
	}
	if !found {
		return Receipt{}, 0, fmt.Errorf("%w: %.32q", ErrNoReceipt, rrn)
	}
	return payment, refunded, nil
}

// payment returns the journal's name of a receipt's payment.
func (r Receipt) payment() (journal.Payment, error) {
	merchant, err := acquirer.NewMerchant(r.Merchant)
	if err != nil {
		return journal.Payment{}, err
	}
	terminal, err := acquirer.NewTerminal(r.Terminal)
	if err != nil {
		return journal.Payment{}, err
	}
	k, err := acquirer.NewKey(string(merchant[:]), string(terminal[:]), r.STAN, string(r.Sent))
	return journal.Payment{Key: k, Amount: r.Amount, RRN: r.RRN}, err
}

// stands reports whether a receipt is of a payment that can be given back.
func (r Receipt) stands() bool {
	return r.Kind == KindPayment && r.Result == kernel.Approved && !r.Reversed
}
