package offline

import (
	"crypto/ecdsa"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/token"
)

// Metering is a verified metering commitment and the ticks so far. Only [Verifier.Metering] makes
// one. It is for one goroutine.
type Metering struct {
	token     message.Token
	meter     message.Meter
	signature message.Signature

	last   uint8        // the last tick, or From
	value  message.Hash // w_last, if rooted
	rooted bool         // the value is known to be the chain's
}

// Next returns the next tick's index, or false if the commitment is used up.
func (m *Metering) Next() (k uint8, ok bool) {
	if m.last >= m.meter.Max {
		return 0, false
	}
	return m.last + 1, true
}

// Tick verifies the next tick's chain value with one hash, the first one with as many as lead to
// the token's root. It returns [ErrTick] or [ErrTicksEnd]; the commitment is as it was then.
func (m *Metering) Tick(value message.Hash) error {
	k, ok := m.Next()
	if !ok {
		return fmt.Errorf("%w: %d ticks", ErrTicksEnd, m.Ticks())
	}
	var err error
	if m.rooted {
		err = token.CheckNext(m.token.Fields, int(k), value, m.value)
	} else {
		err = token.CheckValue(m.token.Fields, int(k), value)
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrTick, err)
	}
	m.last, m.value, m.rooted = k, value, true
	return nil
}

// Ticks returns how many units are paid.
func (m *Metering) Ticks() int { return int(m.last) - int(m.meter.From) }

// Amount returns what is paid, in minor units.
func (m *Metering) Amount() uint64 {
	return uint64(m.Ticks()) * uint64(m.meter.Unit) //nolint:gosec // ticks aren't negative
}

// Key returns the key of the account of ticks: SHA-256 over the commitment's signed fields.
func (m *Metering) Key() message.Hash { return m.meter.Digest() }

// Interval returns which units of the token are committed.
func (m *Metering) Interval() token.Interval {
	return token.Interval{From: m.meter.From, To: m.meter.Max}
}

// Claim returns the claim for all ticks so far. Before the first one its To is the commitment's
// From, and it claims nothing.
func (m *Metering) Claim() message.MeterClaim {
	c := message.MeterClaim{Token: m.token, Meter: m.meter, Signature: m.signature, To: m.last}
	if m.Ticks() > 0 {
		c.Value = m.value
	}
	return c
}

// Receipt signs that the merchant has taken the ticks so far. The claim must be on the disk. It
// returns [ErrUnverified] before the first tick.
func (m *Metering) Receipt(merchant *ecdsa.PrivateKey) (message.MerchantReceipt, error) {
	if m.Ticks() == 0 {
		return message.MerchantReceipt{}, ErrUnverified
	}
	return receipt(merchant, m.Key(), m.last)
}

// Resumes verifies that a card that was laid on again goes on with this commitment. It returns
// [ErrStatement].
func (m *Metering) Resumes(a Answer) error {
	if a.Token.ID() != m.meter.Token || a.interval() != m.Interval() ||
		a.Relay != m.meter.Relay || a.Signature != m.signature {
		return fmt.Errorf("%w: it isn't the commitment that was begun", ErrStatement)
	}
	return nil
}
