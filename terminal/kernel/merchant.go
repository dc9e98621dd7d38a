package kernel

import (
	"context"
	"crypto/ecdsa"
	"encoding/binary"
	"errors"
	"fmt"
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/pcsc/apdu"
)

// What can come between a card that asks who the merchant is, and its records.
var (
	// ErrNoMerchantKey means that the card wants the merchant to authenticate, and that the terminal
	// has no key for it. Nothing happened.
	ErrNoMerchantKey = errors.New("card wants the merchant to authenticate")
	// ErrMerchantRefused means that the card doesn't take the merchant's certificate or signature
	// (6982). Nothing was shown.
	ErrMerchantRefused = errors.New("card doesn't take the merchant's certificate")
)

// MerchantKey is how a merchant says who it is: SK_M and the CA's compact certificate over it,
// whose subject is the merchant identifier.
type MerchantKey struct {
	Key         *ecdsa.PrivateKey
	Certificate message.Certificate
}

// Seconds returns a terminal's time as a card gets it: seconds since 1970 UTC, from 0 to 2^32-1,
// which is in 2106.
func Seconds(t time.Time) uint32 {
	return uint32(max(0, min(t.Unix(), 1<<32-1)))
}

// authenticateMerchant answers the card's challenge, if it gave one: before anything that
// identifies card or token is shown, the card verifies certificate and signature.
func (t *transaction) authenticateMerchant(ctx context.Context) error {
	if t.data.options.Challenge == nil {
		return nil
	}
	return t.step(StepMerchant, func() error {
		m := t.config.MerchantKey
		if m == nil {
			return ErrNoMerchantKey
		}
		a := emv.MerchantAuth{Time: Seconds(t.now), Certificate: m.Certificate}
		var err error
		a.Signature, err = message.Sign(m.Key, message.MerchantAuth{
			Challenge: *t.data.options.Challenge, Certificate: m.Certificate.Sum(),
			Amount: t.terminal.Amount, Currency: t.terminal.Currency, Time: a.Time, UN: t.terminal.UN,
		}.Digest())
		if err != nil {
			return fmt.Errorf("signing for the card: %w", err)
		}
		_, err = t.exchange(ctx, apdu.Command{
			CLA: byte(wire.CLAInterindustry), INS: byte(wire.InsExternalAuthenticate), Data: a.Encode(),
		})
		if errors.Is(err, apdu.SWSecurityStatusNotSatisfied) {
			return fmt.Errorf("%w: %w", ErrMerchantRefused, err)
		}
		return err
	})
}

func bigEndian(n uint32) []byte { return binary.BigEndian.AppendUint32(nil, n) }
