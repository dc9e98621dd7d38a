package wallet

import (
	"bytes"
	"context"
	"slices"

	"tapbench/applet"
	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// maxKept is how many offline payments a wallet keeps, the last ones.
const maxKept = 256

// KeptPayment is an offline payment as the wallet keeps it, beyond the token's life in the element.
type KeptPayment struct {
	// Statement is SHA-256 over what the element has signed: the payment's name.
	Statement []byte `json:"statement"`
	// Claim is what the merchant claims with, an encoded [message.SpendClaim], or a
	// [message.MeterClaim] up to the last tick without its value.
	Claim []byte `json:"claim"`
	// Receipt is SK_M's signature, merchant-receipt; empty: none came back.
	Receipt []byte `json:"receipt,omitempty"`
}

// Payments returns the offline payments that the wallet keeps, the oldest first.
func (w *Wallet) Payments() []KeptPayment { return slices.Clone(w.state.Books.Payments) }

// noteUse is how far a token's payments are kept.
type noteUse struct {
	Taps    uint8 `json:"taps"`
	Ticks   uint8 `json:"ticks,omitempty"`
	Receipt bool  `json:"receipt,omitempty"`
}

// keepPayments writes down what the element's tokens have paid since it was looked at last: the
// element keeps one payment of each token only. The element is unlocked.
func (w *Wallet) keepPayments(ctx context.Context) error {
	if len(w.state.Books.Tokens) == 0 {
		return nil
	}
	tokens, err := w.config.SE.Tokens(ctx)
	if err != nil {
		return err
	}
	changed := false
	for i := range w.state.Books.Tokens {
		t := &w.state.Books.Tokens[i]
		if int(t.Slot) >= len(tokens) || !tokens[t.Slot].Signed {
			continue
		}
		s := tokens[t.Slot]
		use := noteUse{Taps: s.Taps, Ticks: s.Ticks, Receipt: s.Receipt}
		if t.Use == use {
			continue
		}
		record, err := w.config.SE.ShowToken(ctx, t.Slot)
		if err != nil {
			return err
		}
		w.state.Books.keep(newKept(record))
		t.Use, changed = use, true
	}
	if !changed {
		return nil
	}
	return w.config.Folder.Save(w.state)
}

// newKept returns the last payment of a token.
func newKept(r applet.TokenRecord) KeptPayment {
	var k KeptPayment
	var statement message.Hash
	if r.Kind == wire.TokenMeter {
		statement = r.Meter().Digest()
		k.Claim = message.Encode(wire.MsgMeterClaim, message.MeterClaim{
			Token: r.Token, Meter: r.Meter(), Signature: r.Signature, To: r.Ticks,
		})
	} else {
		statement = r.Spend().Digest()
		k.Claim = message.Encode(wire.MsgSpendClaim, message.SpendClaim{
			Token: r.Token, Spend: r.Spend(), Signature: r.Signature,
		})
	}
	k.Statement = statement[:]
	if r.Receipt != (message.Signature{}) {
		k.Receipt = r.Receipt[:]
	}
	return k
}

// keep adds a payment, or what is new of one that is there.
func (b *Books) keep(k KeptPayment) {
	same := func(o KeptPayment) bool { return bytes.Equal(o.Statement, k.Statement) }
	b.Payments = append(slices.DeleteFunc(b.Payments, same), k)
	b.Payments = b.Payments[max(0, len(b.Payments)-maxKept):]
}
