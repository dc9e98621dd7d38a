package dispute

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// Payment is the evidence of a payment with a card, which a terminal and a TSM have alike. It names
// a card.
type Payment struct {
	Card   message.VCard
	VCard  message.Signature   // SK_TSM,epoch, over Card
	Epoch  message.Certificate // of the key that made VCard
	Tap    message.Tap
	Signed message.Signature // SK_V, over Tap
}

// Sum is the payment's identity: SHA-256 over what is signed, without the signatures.
func (p Payment) Sum() message.Hash {
	type fields struct {
		Card message.VCard
		TSM  message.PartyID
		Tap  message.Tap
	}
	return message.SumHash(wire.MsgDisputed, fields{p.Card, p.Issuer(), p.Tap})
}

// Date returns the day of the payment, by the terminal's clock.
func (p Payment) Date() (time.Time, error) {
	date, err := time.Parse("060102", fmt.Sprintf("%x", p.Tap.Date))
	if err != nil {
		return date, fmt.Errorf("%w: its date is %x", ErrPayment, p.Tap.Date)
	}
	return date, nil
}

// Verify checks, in this order: the epoch key's certificate by the CA, valid on the day of the
// payment, and its signature over the card ([ErrCard]); the card's signature over the payment, that
// it is of this card's PAN, and within the card's class ([ErrPayment]).
func (p Payment) Verify(ca message.PublicKey) error {
	if err := p.Epoch.Check(wire.CertTSMEpoch, ca, 0); err != nil {
		return fmt.Errorf("%w: %w", ErrCard, err)
	}
	if p.Epoch.Subject != message.PartySubject(p.Issuer()) {
		return fmt.Errorf("%w: its certificate is of %s", ErrCard, p.Epoch.Subject)
	}
	if err := message.Verify(p.Epoch.Key, p.Card.Digest(), p.VCard); err != nil {
		return fmt.Errorf("%w: %w", ErrCard, err)
	}
	if err := message.Verify(p.Card.Key, p.Tap.Digest(), p.Signed); err != nil {
		return fmt.Errorf("%w: %w", ErrPayment, err)
	}
	if p.Tap.PAN != sha256.Sum256(p.Card.PAN[:]) {
		return fmt.Errorf("%w: it is of another card number", ErrPayment)
	}
	return p.checkClass()
}

// checkClass holds the payment against what the card is good for.
func (p Payment) checkClass() error {
	date, err := p.Date()
	if err != nil {
		return err
	}
	// The terminal's day may have begun before the epoch's instant, or end after it.
	day := message.EpochAt(date)
	limit, errLimit := emv.ParseN12(p.Card.Class.Limit)
	amount, errAmount := emv.ParseN12(p.Tap.Amount)
	switch {
	case day > p.Epoch.Expiry:
		return fmt.Errorf("%w: the key that signed it had expired", ErrCard)
	case day > p.Card.Class.Expiry:
		return fmt.Errorf("%w: the card had expired", ErrPayment)
	case errLimit != nil, errAmount != nil, amount > limit, p.Tap.Currency != p.Card.Class.Currency:
		return fmt.Errorf("%w: it is outside of the card's class", ErrPayment)
	}
	return nil
}

// Amount returns the amount in minor units, and its currency (n3).
func (p Payment) Amount() (minor uint64, currency [wire.CurrencyLen]byte, err error) {
	minor, err = emv.ParseN12(p.Tap.Amount)
	if err != nil {
		return 0, currency, fmt.Errorf("%w: its amount: %w", ErrPayment, err)
	}
	return minor, p.Tap.Currency, nil
}

// ATC is the card's transaction counter.
func (p Payment) ATC() uint16 { return binary.BigEndian.Uint16(p.Tap.ATC[:]) }
