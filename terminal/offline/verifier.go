package offline

import (
	"crypto/ecdsa"
	"fmt"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// Issuer is a TSM whose tokens a terminal takes. Its key is parsed once.
type Issuer struct {
	id  message.PartyID
	key *ecdsa.PublicKey
}

// NewIssuer returns a TSM with its signing key, or [message.ErrKey].
func NewIssuer(id message.PartyID, key message.PublicKey) (Issuer, error) {
	parsed, err := key.ECDSA()
	if err != nil {
		return Issuer{}, fmt.Errorf("key of %s: %w", id, err)
	}
	return Issuer{id, parsed}, nil
}

// DenyList says which tokens the TSM wants refused.
type DenyList interface {
	// Usable returns nil if the list may be relied on at a time, in seconds since 1970 UTC.
	Usable(at uint32) error
	// Contains says whether a token is denied, by its tokID.
	Contains(id message.Hash) bool
}

// Config is what a terminal knows before any tap. All of it is needed.
type Config struct {
	Issuers     []Issuer
	Merchant    [wire.MerchantLen]byte // 9F16
	Certificate message.Hash           // SHA-256 over the merchant's compact certificate
	Seen        Seen
	Denied      DenyList
	// Reuse has the terminal take further units of a token that has paid here before. It is for cards
	// whose users have chosen that; it shows the merchant that two payments are one customer's.
	Reuse bool
}

// Verifier judges offline payments for one merchant.
type Verifier struct {
	config  Config
	checks  []Check
	issuers map[message.PartyID]*ecdsa.PublicKey
}

// New returns a verifier, or [ErrConfig].
func New(c Config) (*Verifier, error) {
	v := &Verifier{config: c, checks: Checks(), issuers: make(map[message.PartyID]*ecdsa.PublicKey)}
	for _, i := range c.Issuers {
		if i.key == nil {
			return nil, fmt.Errorf("%w: an issuer has no key", ErrConfig)
		}
		v.issuers[i.id] = i.key
	}
	switch {
	case len(v.issuers) == 0:
		return nil, fmt.Errorf("%w: no issuer", ErrConfig)
	case c.Merchant == [wire.MerchantLen]byte{} || c.Certificate == message.Hash{}:
		return nil, fmt.Errorf("%w: no merchant certificate", ErrConfig)
	case c.Seen == nil:
		return nil, fmt.Errorf("%w: no table of seen tokens", ErrConfig)
	case c.Denied == nil:
		return nil, fmt.Errorf("%w: no deny list", ErrConfig)
	}
	return v, nil
}

// Payment judges a card's answer to a request for a payment. It makes the checks that [Checks]
// lists, in that order, and returns the first refusal, or [ErrRequest]. The caller keeps the claim
// before it signs the receipt, and enters it in the table of seen tokens before the next tap.
func (v *Verifier) Payment(q Request, a Answer) (Payment, error) {
	t, err := v.judge(q, a, q.Unit == 0)
	if err != nil {
		return Payment{}, err
	}
	return Payment{claim: message.SpendClaim{Token: a.Token, Spend: t.spend(), Signature: a.Signature}},
		nil
}

// Metering judges a card's answer to a request for a metering commitment, as [Verifier.Payment]
// does. Nothing is paid yet: each tick is.
func (v *Verifier) Metering(q Request, a Answer) (*Metering, error) {
	t, err := v.judge(q, a, q.Unit != 0)
	if err != nil {
		return nil, err
	}
	return &Metering{
		token: a.Token, meter: t.meter(), signature: a.Signature, last: a.From,
		rooted: a.From == 0, value: a.Token.Fields.Root,
	}, nil
}

// trial is one answer under judgement.
type trial struct {
	*Verifier
	q      Request
	a      Answer
	id     message.Hash // tokID
	amount [wire.AmountLen]byte
	digest message.Hash // of the statement that the card must have signed
}

func (v *Verifier) judge(q Request, a Answer, kind bool) (*trial, error) {
	if !kind {
		return nil, fmt.Errorf("%w: it is for another kind of statement", ErrRequest)
	}
	if err := q.Check(); err != nil {
		return nil, err
	}
	t := &trial{Verifier: v, q: q, a: a, id: a.Token.ID()}
	var err error
	if t.amount, err = emv.N12(q.Amount); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrRequest, err)
	}
	t.digest = t.statement()
	for _, c := range v.checks {
		if err := c.holds(t); err != nil {
			return nil, fmt.Errorf("checking %s: %w", c.Name, err)
		}
	}
	return t, nil
}

// now returns the terminal's time.
func (t *trial) now() time.Time { return time.Unix(int64(t.q.Time), 0) }

// spend returns the statement that the card must have signed: the terminal's own values, and the
// card's interval.
func (t *trial) spend() message.Spend {
	return message.Spend{
		Token: t.id, From: t.a.From, To: t.a.To, Merchant: t.config.Merchant,
		Certificate: t.config.Certificate, Amount: t.amount, Currency: t.q.Currency, Time: t.q.Time,
		UN: t.q.UN, Relay: t.a.Relay,
	}
}

// meter returns the commitment that the card must have signed.
func (t *trial) meter() message.Meter {
	return message.Meter{
		Token: t.id, From: t.a.From, Max: t.a.To, Merchant: t.config.Merchant,
		Certificate: t.config.Certificate, Unit: t.q.Unit, Currency: t.q.Currency, Time: t.q.Time,
		UN: t.q.UN, Relay: t.a.Relay,
	}
}

// statement returns the digest of what the card must have signed.
func (t *trial) statement() message.Hash {
	if t.q.Unit != 0 {
		return t.meter().Digest()
	}
	return t.spend().Digest()
}

// worth returns what the interval is worth in minor units, 0 for one that is reversed.
func (t *trial) worth(v token.Interval) uint64 {
	return uint64(v.Units()) * uint64(t.a.Token.Fields.Unit) //nolint:gosec // Units isn't negative
}
