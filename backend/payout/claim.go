package payout

import (
	"crypto/sha256"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// Claim is one claim as it came, and what of it is decided on.
type Claim struct {
	Raw   []byte       // encoded, within the request's bytes: evidence
	Key   message.Hash // over the statement's signed fields: the claim's identity
	Token message.Hash // tokID of the token that the claim brings

	Statement token.Interval // what the token's key has signed: units From+1 to To
	To        uint8          // the last unit that is claimed; of a spend the statement's
	Unit      uint8          // minor units, the token's

	meter bool
	body  claimBody
}

// claimBody is what the claim says.
type claimBody struct {
	token       message.TokenFields
	named       message.Hash // the statement's tokID
	merchant    [wire.MerchantLen]byte
	certificate message.Hash
	amount      [wire.AmountLen]byte // a spend's
	unit        uint8                // a metering commitment's
	currency    [wire.CurrencyLen]byte
	time        uint32
	signature   message.Signature
	value       message.Hash // w_To of a metering claim
}

// Metered says whether the claim is a metering commitment's.
func (c Claim) Metered() bool { return c.meter }

// Worth returns what the claimed units are worth in minor units, at most 12,500.
func (c Claim) Worth() int64 {
	return int64(token.Interval{From: c.Statement.From, To: c.To}.Units()) * int64(c.Unit)
}

// Proof returns the statement with its signature, and a metering claim's value, as package
// doublespend encodes it: evidence beside the token, which isn't in it.
func (c Claim) Proof() []byte {
	t := wire.SigSpend
	if c.meter {
		t = wire.SigMeter
	}
	return append(message.Prefix(t), c.Raw[statementAt:]...)
}

// parseClaim reads one claim off the front.
func parseClaim(raw []byte) (c Claim, rest []byte, err error) {
	if len(raw) == 0 {
		return c, nil, fmt.Errorf("%w: nothing is left", message.ErrLayout)
	}
	switch t := wire.MessageType(raw[0]); t {
	case wire.MsgSpendClaim:
		return cut(raw, message.Size[message.SpendClaim](), parseSpend)
	case wire.MsgMeterClaim:
		return cut(raw, message.Size[message.MeterClaim](), parseMeter)
	default:
		return c, nil, fmt.Errorf("%w: type %02x", message.ErrLayout, byte(t))
	}
}

// cut reads a claim of a known length off the front.
func cut(
	raw []byte, n int, parse func([]byte) (Claim, error),
) (c Claim, rest []byte, err error) {
	if len(raw) < n {
		return c, nil, fmt.Errorf("%w: %d of %d bytes", message.ErrLayout, len(raw), n)
	}
	c, err = parse(raw[:n:n])
	c.Raw = raw[:n:n]
	return c, raw[n:], err
}

func parseSpend(raw []byte) (Claim, error) {
	m, err := message.Decode[message.SpendClaim](wire.MsgSpendClaim, raw)
	s := m.Spend
	return Claim{
		Key: digest(wire.SigSpend, raw[statementAt:len(raw)-wire.SignatureLen]), Token: tokenID(raw),
		Statement: token.Interval{From: s.From, To: s.To}, To: s.To, Unit: m.Token.Fields.Unit,
		body: claimBody{
			token: m.Token.Fields, named: s.Token, merchant: s.Merchant, certificate: s.Certificate,
			amount: s.Amount, currency: s.Currency, time: s.Time, signature: m.Signature,
		},
	}, err
}

func parseMeter(raw []byte) (Claim, error) {
	m, err := message.Decode[message.MeterClaim](wire.MsgMeterClaim, raw)
	s := m.Meter
	const behind = wire.SignatureLen + 1 + wire.HashLen
	return Claim{
		Key: digest(wire.SigMeter, raw[statementAt:len(raw)-behind]), Token: tokenID(raw),
		Statement: token.Interval{From: s.From, To: s.Max}, To: m.To, Unit: m.Token.Fields.Unit,
		meter: true,
		body: claimBody{
			token: m.Token.Fields, named: s.Token, merchant: s.Merchant, certificate: s.Certificate,
			unit: s.Unit, currency: s.Currency, time: s.Time, signature: m.Signature, value: m.Value,
		},
	}, err
}

// Where a claim's parts lie: type and label, the token's fields and its signature, the statement.
const (
	fieldsAt    = 1 + len(wire.Label)
	statementAt = wire.TokenLen
	signatureAt = statementAt - wire.SignatureLen
)

// tokenID returns tokID of the token at a claim's front.
func tokenID(raw []byte) message.Hash { return digest(wire.SigToken, raw[fieldsAt:signatureAt]) }

// digest hashes encoded fields as [message.SumHash] does, which would encode them once more.
func digest(t wire.MessageType, fields []byte) message.Hash {
	in := make([]byte, 0, 1+len(wire.Label)+len(fields))
	in = append(append(append(in, byte(t)), wire.Label...), fields...)
	return sha256.Sum256(in)
}
