package offline

import (
	"crypto/ecdsa"

	"tapbench/applet/message"
	"tapbench/applet/token"
)

// Payment is a verified offline payment. Only [Verifier.Payment] makes one.
type Payment struct{ claim message.SpendClaim }

// Claim returns what the merchant keeps, and claims from the TSM.
func (p Payment) Claim() message.SpendClaim { return p.claim }

// Key returns the claim's key: SHA-256 over the signed fields.
func (p Payment) Key() message.Hash { return p.claim.Spend.Digest() }

// Interval returns which units of the token were taken.
func (p Payment) Interval() token.Interval {
	return token.Interval{From: p.claim.Spend.From, To: p.claim.Spend.To}
}

// Receipt signs that the merchant has accepted the payment. The claim must be on the disk. It
// returns [ErrUnverified] for the zero value.
func (p Payment) Receipt(merchant *ecdsa.PrivateKey) (message.MerchantReceipt, error) {
	if p.Interval().Units() == 0 {
		return message.MerchantReceipt{}, ErrUnverified
	}
	return receipt(merchant, p.Key(), p.claim.Spend.To)
}

func receipt(
	merchant *ecdsa.PrivateKey, statement message.Hash, to uint8,
) (message.MerchantReceipt, error) {
	r := message.MerchantReceipt{Statement: statement, To: to}
	var err error
	r.Signature, err = message.Sign(merchant, r.Digest())
	return r, err
}
