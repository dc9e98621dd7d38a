package payout

import (
	"time"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/backend/api"
)

// Skew is how far before the first epoch of a token a terminal's clock may lie.
const Skew = 24 * time.Hour

// Check makes the checks that need neither book nor clock: merchant, certificate, token, interval,
// currency, amount, time, the token key's signature, and a metering claim's last value. It returns
// nil or why the claim is refused. It takes one signature verification and, for a metering claim,
// at most 250 hashes.
func (c Claim) Check(b Batch) *RefusedError {
	for _, check := range []func(Batch) *RefusedError{
		c.checkMerchant, c.checkUnits, c.checkTime, c.checkProof,
	} {
		if err := check(b); err != nil {
			return err
		}
	}
	return nil
}

func (c Claim) checkMerchant(b Batch) *RefusedError {
	switch {
	case c.body.merchant != b.Merchant:
		return refuse(api.ClaimMerchant, "the claim is %.15q's, the batch %.15q's",
			c.body.merchant[:], b.Merchant[:])
	case c.body.certificate != b.Certificate:
		return refuse(api.ClaimCertificate, "the claim was signed to another certificate")
	case c.body.named != c.Token:
		return refuse(api.ClaimToken, "the statement names another token")
	default:
		return nil
	}
}

func (c Claim) checkUnits(Batch) *RefusedError {
	s := c.Statement
	if !s.Within(c.body.token.Length) || c.To <= s.From || c.To > s.To {
		return refuse(api.ClaimInterval, "units %d to %d of a statement over %d to %d of %d",
			s.From, c.To, s.From, s.To, c.body.token.Length)
	}
	if c.body.currency != c.body.token.Policy.Currency {
		return refuse(api.ClaimCurrency, "currency %x, the token's is %x",
			c.body.currency, c.body.token.Policy.Currency)
	}
	if c.meter {
		if c.body.unit != c.Unit {
			return refuse(api.ClaimAmount, "units of %d, the token's are of %d", c.body.unit, c.Unit)
		}
		return nil
	}
	amount, err := emv.ParseN12(c.body.amount)
	if err != nil || amount != uint64(c.Worth()) { //nolint:gosec // never negative
		return refuse(api.ClaimAmount, "amount %x for %d units of %d",
			c.body.amount, s.Units(), c.Unit)
	}
	return nil
}

// checkTime: a token is issued in the epoch before its last one, at the earliest.
func (c Claim) checkTime(Batch) *RefusedError {
	at, last := time.Unix(int64(c.body.time), 0).UTC(), c.body.token.Epoch
	if first := last.End().Add(-2*message.EpochLength - Skew); at.Before(first) || last.Expired(at) {
		return refuse(api.ClaimTime, "taken at %s, the token lived from %s to %s",
			at.Format(time.RFC3339), first.Format(time.RFC3339), last.End().Format(time.RFC3339))
	}
	return nil
}

func (c Claim) checkProof(Batch) *RefusedError {
	if err := message.Verify(c.body.token.Key, c.Key, c.body.signature); err != nil {
		return refuse(api.ClaimSignature, "the token's key hasn't signed it: %v", err)
	}
	if !c.meter {
		return nil
	}
	if err := token.CheckValue(c.body.token, int(c.To), c.body.value); err != nil {
		return refuse(api.ClaimChain, "tick %d: %v", c.To, err)
	}
	return nil
}
