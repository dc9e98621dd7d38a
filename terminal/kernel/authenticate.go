package kernel

import (
	"context"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// authenticate decides whether the card is one of the TSM's, and may be used for this payment. The
// checks, in this order, and the decline that each gives:
//   - the TSM signed PAN, card key and class with a key that the terminal holds a certificate of,
//     and that certificate hasn't expired: [NotAuthentic];
//   - the class's epoch hasn't ended, and the expiration date hasn't passed: [Expired];
//   - the class is for the payment's currency: [OtherCurrency];
//   - the class's limit covers the amount: [AboveLimit].
//
// A card that is declined here is asked for an AAC, so that its arming ends.
func (t *transaction) authenticate(ctx context.Context) error {
	err := t.step(StepAuthenticate, func() error {
		switch {
		case !t.signedByTSM():
			t.decline(NotAuthentic)
		case t.expired():
			t.decline(Expired)
		case t.data.card.Class.Currency != t.terminal.Currency:
			t.decline(OtherCurrency)
		case t.aboveLimit():
			t.decline(AboveLimit)
		}
		return nil
	})
	if err == nil && t.out.Result == Declined {
		t.endArming(ctx)
	}
	return err
}

func (t *transaction) signedByTSM() bool {
	digest, now := t.data.card.Digest(), message.EpochAt(t.now)
	for _, cert := range t.config.EpochKeys {
		if cert.Check(wire.CertTSMEpoch, t.config.CA, now) == nil &&
			message.Verify(cert.Key, digest, t.data.signature) == nil {
			t.data.epoch = cert
			return true
		}
	}
	return false
}

func (t *transaction) expired() bool {
	today := string(t.terminal.Date[:]) // BCD sorts as its digits do
	return t.data.card.Class.Expiry < message.EpochAt(t.now) || string(t.data.expiration[:]) < today
}

func (t *transaction) aboveLimit() bool {
	limit, err := emv.ParseN12(t.data.card.Class.Limit)
	return err != nil || limit < t.Amount.Uint64()
}

// endArming asks for an AAC in place of the ARQC. What the card makes of it changes nothing.
func (t *transaction) endArming(ctx context.Context) {
	answer, err := t.generateAC(ctx, wire.P1AAC, t.terminal.Encode())
	if err == nil {
		t.out.CID, t.out.ATC, t.out.Cryptogram = answer.CID, answer.ATC, answer.AC
	}
}
