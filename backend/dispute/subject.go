package dispute

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
)

// Subject is what is disputed: a [Payment], an [OfflinePayment] or a [DoubleSpend]. It names
// nobody.
type Subject interface {
	// Sum is the subject's identity: a hash over what is signed, without the signatures.
	Sum() message.Hash
	// Issuer is the TSM that issued the card or the token.
	Issuer() message.PartyID
	// Encode returns what the TSM is shown.
	Encode() []byte
	// VerifyIssued checks the subject with the CA's key, and with the certificate of the TSM's
	// signing key, which the CA has signed.
	VerifyIssued(ca message.PublicKey, tsm message.Certificate) error
	// rolled checks that a TSM account asked for the card or the token.
	rolled(c TSMChain) error
	// until is the epoch in which the account's funding must not have expired.
	until() (message.Epoch, error)
}

// DecodeSubject reads what [Subject].Encode has made. It returns [ErrFormat]; it checks no
// signature.
func DecodeSubject(raw []byte) (Subject, error) {
	if len(raw) == 0 {
		return nil, fmt.Errorf("%w: nothing is disputed", ErrFormat)
	}
	switch wire.MessageType(raw[0]) {
	case wire.MsgDisputed:
		p, err := message.Decode[Payment](wire.MsgDisputed, raw)
		return p, malformed(err)
	case wire.MsgSpendClaim, wire.MsgMeterClaim:
		t, s, err := doublespend.DecodeClaim(raw)
		return OfflinePayment{t, s}, malformed(err)
	case wire.MsgDoubleSpend:
		e, err := doublespend.Decode(raw)
		return DoubleSpend{e}, malformed(err)
	default:
		return nil, fmt.Errorf("%w: nothing that can be disputed, type %02x", ErrFormat, raw[0])
	}
}

// Encode returns the payment with its signatures, as [wire.MsgDisputed].
func (p Payment) Encode() []byte { return message.Encode(wire.MsgDisputed, p) }

// Issuer is whose card it is.
func (p Payment) Issuer() message.PartyID {
	return message.PartyID(p.Epoch.Subject[:wire.PartyIDLen])
}

// VerifyIssued is [Payment.Verify]: the payment brings the certificate of the key that signed the
// card.
func (p Payment) VerifyIssued(ca message.PublicKey, _ message.Certificate) error {
	return p.Verify(ca)
}

func (p Payment) rolled(c TSMChain) error {
	key := message.CardKey{
		TSM: p.Issuer(), TID: c.tid(), Key: p.Card.Key, Kind: p.Card.Class.Kind,
	}
	return c.verify(key.Digest(wire.MsgRoll, rollTranscript(p.Issuer())))
}

func (p Payment) until() (message.Epoch, error) {
	date, err := p.Date()
	return message.EpochAt(date), err
}
