package doublespend

import (
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/wire"
)

// EncodeClaim returns a merchant's claim, as [wire.MsgSpendClaim] or [wire.MsgMeterClaim], and nil
// for a close, which claims nothing.
func EncodeClaim(t message.Token, s Statement) []byte {
	switch s := s.(type) {
	case Spend:
		return message.Encode(wire.MsgSpendClaim, message.SpendClaim{
			Token: t, Spend: s.Spend, Signature: s.Signature,
		})
	case Meter:
		return message.Encode(wire.MsgMeterClaim, message.MeterClaim{
			Token: t, Meter: s.Meter, Signature: s.Signature, To: s.To, Value: s.Value,
		})
	default:
		return nil
	}
}

// DecodeClaim is the inverse of [EncodeClaim]. It returns [ErrFormat]; it verifies nothing.
func DecodeClaim(raw []byte) (message.Token, Statement, error) {
	if kindOf(raw) == wire.MsgMeterClaim {
		c, err := message.Decode[message.MeterClaim](wire.MsgMeterClaim, raw)
		if err != nil {
			return message.Token{}, nil, fmt.Errorf("%w: %w", ErrFormat, err)
		}
		return c.Token, OfMeter(c), nil
	}
	c, err := message.Decode[message.SpendClaim](wire.MsgSpendClaim, raw)
	if err != nil {
		return message.Token{}, nil, fmt.Errorf("%w: %w", ErrFormat, err)
	}
	return c.Token, OfSpend(c), nil
}

// OfSpend is what a claim says of its token.
func OfSpend(c message.SpendClaim) Spend { return Spend{c.Spend, c.Signature} }

// OfMeter is what a claim says of its token.
func OfMeter(c message.MeterClaim) Meter { return Meter{c.Meter, c.Signature, c.To, c.Value} }
