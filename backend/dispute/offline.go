package dispute

import (
	"fmt"
	"time"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
)

// OfflinePayment is the evidence of a payment with a token: a merchant's claim. Taken is a
// [doublespend.Spend], or a [doublespend.Meter] with its last tick.
type OfflinePayment struct {
	Token message.Token
	Taken doublespend.Statement
}

// Sum is the claim's key: what the token's key has signed.
func (p OfflinePayment) Sum() message.Hash { return p.Taken.Digest() }

// Issuer is whose token it is.
func (p OfflinePayment) Issuer() message.PartyID { return p.Token.Fields.Issuer }

// Encode returns the claim, as [wire.MsgSpendClaim] or [wire.MsgMeterClaim].
func (p OfflinePayment) Encode() []byte { return doublespend.EncodeClaim(p.Token, p.Taken) }

// Verify checks the claim with the TSM's key alone: the token ([doublespend.ErrToken],
// [doublespend.ErrIssuer]), the statement by itself, as [doublespend.Statement] has it, and that
// the token hadn't expired, by the terminal's clock ([ErrPayment]).
func (p OfflinePayment) Verify(tsm message.PublicKey) error {
	if err := doublespend.VerifyToken(p.Token, tsm); err != nil {
		return err
	}
	if err := p.Taken.Verify(p.Token); err != nil {
		return err
	}
	at, err := p.Time()
	if err != nil {
		return err
	}
	if p.Token.Fields.Epoch.Expired(at) {
		return fmt.Errorf("%w: the token had expired", ErrPayment)
	}
	return nil
}

// Time returns when the payment was, by the terminal's clock. It returns [ErrPayment] for a close.
func (p OfflinePayment) Time() (time.Time, error) {
	switch s := p.Taken.(type) {
	case doublespend.Spend:
		return time.Unix(int64(s.Time), 0).UTC(), nil
	case doublespend.Meter:
		return time.Unix(int64(s.Time), 0).UTC(), nil
	default:
		return time.Time{}, fmt.Errorf("%w: a close pays nothing", ErrPayment)
	}
}

// VerifyIssued checks the TSM's certificate ([doublespend.ErrIssuer]), and [OfflinePayment.Verify].
func (p OfflinePayment) VerifyIssued(ca message.PublicKey, tsm message.Certificate) error {
	if err := verifyIssuer(p.Issuer(), ca, tsm); err != nil {
		return err
	}
	return p.Verify(tsm.Key)
}

func (p OfflinePayment) rolled(c TSMChain) error { return tokenRolled(p.Token, c) }

func (p OfflinePayment) until() (message.Epoch, error) { return p.Token.Fields.Epoch, nil }

// DoubleSpend is the evidence that units of a token were spent twice.
type DoubleSpend struct {
	doublespend.Evidence
}

// Issuer is whose token it is.
func (d DoubleSpend) Issuer() message.PartyID { return d.Token.Fields.Issuer }

// VerifyIssued checks the TSM's certificate ([doublespend.ErrIssuer]), and
// [doublespend.Evidence.Check].
func (d DoubleSpend) VerifyIssued(ca message.PublicKey, tsm message.Certificate) error {
	if err := verifyIssuer(d.Issuer(), ca, tsm); err != nil {
		return err
	}
	_, err := d.Check(tsm.Key)
	return err
}

func (d DoubleSpend) rolled(c TSMChain) error { return tokenRolled(d.Token, c) }

func (d DoubleSpend) until() (message.Epoch, error) { return d.Token.Fields.Epoch, nil }

// verifyIssuer checks that a certificate is of the signing key of a token's TSM.
func verifyIssuer(
	issuer message.PartyID, ca message.PublicKey, tsm message.Certificate,
) error {
	if err := tsm.Check(wire.CertTSMSign, ca, 0); err != nil {
		return fmt.Errorf("%w: %w", doublespend.ErrIssuer, err)
	}
	if tsm.Subject != message.PartySubject(issuer) {
		return fmt.Errorf("%w: it is of %s, the certificate of %s", doublespend.ErrIssuer, issuer,
			tsm.Subject)
	}
	return nil
}

// tokenRolled checks that a TSM account asked for a token: its key, its chain and its class.
func tokenRolled(t message.Token, c TSMChain) error {
	f := t.Fields
	key := message.TokenKey{TSM: f.Issuer, TID: c.tid(), Key: f.Key, Root: f.Root, Unit: f.Unit}
	return c.verify(key.Digest(wire.MsgTokenRoll, rollTranscript(f.Issuer)))
}
