package doublespend

import (
	"fmt"

	"tapbench/applet/emv"
	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// Statement is something that a token's key has signed: [Spend], [Meter] or [Close]. Encoded it is
// the type, label and fields that are signed, and behind them what verifies it.
type Statement interface {
	// Kind is the type of what is signed.
	Kind() wire.MessageType
	// Digest is what SK_t signs, and the statement's identity.
	Digest() message.Hash
	// Encode returns the statement with its signature.
	Encode() []byte
	// Verify checks the statement by itself, of a token that its issuer has signed.
	Verify(t message.Token) error
}

// Spend is one payment, 186 bytes encoded. The signature alone carries the proof.
type Spend struct {
	message.Spend
	Signature message.Signature // SK_t, spend
}

// Kind returns [wire.SigSpend].
func (Spend) Kind() wire.MessageType { return wire.SigSpend }

// Encode returns the spend with its signature.
func (s Spend) Encode() []byte { return message.Encode(s.Kind(), s) }

// Units is what was spent.
func (s Spend) Units() token.Interval { return token.Interval{From: s.From, To: s.To} }

// Verify checks, in this order: [ErrOtherToken], [ErrInterval], [ErrValue], [ErrSignature].
func (s Spend) Verify(t message.Token) error {
	v := s.Units()
	switch {
	case s.Token != t.ID():
		return fmt.Errorf("%w: spend", ErrOtherToken)
	case !v.Within(t.Fields.Length):
		return fmt.Errorf("%w: spend of units %d to %d, of %d", ErrInterval, int(v.From)+1, v.To,
			t.Fields.Length)
	}
	amount, err := emv.ParseN12(s.Amount)
	worth := uint64(v.Units()) * uint64(t.Fields.Unit) //nolint:gosec // within: at least 1
	if err != nil || amount != worth || s.Currency != t.Fields.Policy.Currency {
		return fmt.Errorf("%w: amount %x for %d x %d", ErrValue, s.Amount, v.Units(), t.Fields.Unit)
	}
	return signed(t, s, s.Signature)
}

// Meter is a commitment with the last tick shown under it, 214 bytes encoded.
type Meter struct {
	message.Meter
	Signature message.Signature // SK_t, meter
	To        uint8             // k, the last unit that was ticked
	Value     message.Hash      // w_k
}

// Kind returns [wire.SigMeter].
func (Meter) Kind() wire.MessageType { return wire.SigMeter }

// Encode returns the commitment with its signature and what was shown.
func (m Meter) Encode() []byte { return message.Encode(m.Kind(), m) }

// Units is what was committed to, ticked or not.
func (m Meter) Units() token.Interval { return token.Interval{From: m.From, To: m.Max} }

// Verify checks, in this order: [ErrOtherToken], [ErrInterval], which a tick outside of the
// commitment is too, [ErrValue], [ErrSignature], [ErrChain].
func (m Meter) Verify(t message.Token) error {
	v := m.Units()
	switch {
	case m.Token != t.ID():
		return fmt.Errorf("%w: meter", ErrOtherToken)
	case !v.Within(t.Fields.Length):
		return fmt.Errorf("%w: meter of units %d to %d, of %d", ErrInterval, int(v.From)+1, v.To,
			t.Fields.Length)
	case m.To <= v.From || m.To > v.To:
		return fmt.Errorf("%w: tick %d of a meter of units %d to %d", ErrInterval, m.To,
			int(v.From)+1, v.To)
	case m.Unit != t.Fields.Unit || m.Currency != t.Fields.Policy.Currency:
		return fmt.Errorf("%w: ticks of %d for units of %d", ErrValue, m.Unit, t.Fields.Unit)
	}
	if err := signed(t, m, m.Signature); err != nil {
		return err
	}
	if err := token.CheckValue(t.Fields, int(m.To), m.Value); err != nil {
		return fmt.Errorf("%w: %w", ErrChain, err)
	}
	return nil
}

// Close is the end of a token: units behind At go back to the account. 108 bytes encoded.
type Close struct {
	message.TokenClose
	Signature message.Signature // SK_t, token-close
}

// Kind returns [wire.SigTokenClose].
func (Close) Kind() wire.MessageType { return wire.SigTokenClose }

// Encode returns the close with its signature.
func (c Close) Encode() []byte { return message.Encode(c.Kind(), c) }

// Verify checks, in this order: [ErrOtherToken], [ErrInterval], [ErrSignature].
func (c Close) Verify(t message.Token) error {
	switch {
	case c.Token != t.ID():
		return fmt.Errorf("%w: close", ErrOtherToken)
	case c.At > t.Fields.Length:
		return fmt.Errorf("%w: close at %d of %d", ErrInterval, c.At, t.Fields.Length)
	}
	return signed(t, c, c.Signature)
}

// signed checks the token key's signature over a statement.
func signed(t message.Token, s Statement, signature message.Signature) error {
	if err := message.Verify(t.Fields.Key, s.Digest(), signature); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return nil
}

// VerifyToken checks that there is such a token ([ErrToken]) and that the TSM has signed it
// ([ErrIssuer]).
func VerifyToken(t message.Token, tsm message.PublicKey) error {
	f := t.Fields
	if f.Version != message.TokenVersion || f.Length < 1 || f.Length > wire.TokenUnits ||
		!token.KnownClass(f.Unit) {
		return fmt.Errorf("%w: version %d, %d units of %d", ErrToken, f.Version, f.Length, f.Unit)
	}
	if err := message.Verify(tsm, t.ID(), t.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrIssuer, err)
	}
	return nil
}
