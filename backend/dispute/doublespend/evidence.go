package doublespend

import (
	"bytes"
	"fmt"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
)

// Evidence is two statements by one token's key. It names the token, and nobody.
type Evidence struct {
	Token message.Token
	A, B  Statement // in the order of their digests
}

// New makes evidence of two statements, in either order.
func New(t message.Token, a, b Statement) Evidence {
	if x, y := a.Digest(), b.Digest(); bytes.Compare(x[:], y[:]) > 0 {
		a, b = b, a
	}
	return Evidence{t, a, b}
}

// Sum is the evidence's identity: SHA-256 over both digests, without signatures, ticks and order.
func (e Evidence) Sum() message.Hash {
	type fields struct{ Token, A, B message.Hash }
	e = New(e.Token, e.A, e.B)
	return message.SumHash(wire.MsgDoubleSpend, fields{e.Token.ID(), e.A.Digest(), e.B.Digest()})
}

// Check verifies that the element has spent units twice, and returns which. It needs the TSM's
// public key and nothing else. It checks, in this order: the token ([ErrToken], [ErrIssuer]); each
// statement by itself ([Statement]'s Verify); that the two are no retry ([ErrSame]) and share a
// unit ([ErrTwoCloses], [ErrDisjoint]).
func (e Evidence) Check(tsm message.PublicKey) (token.Interval, error) {
	if err := VerifyToken(e.Token, tsm); err != nil {
		return token.Interval{}, err
	}
	for _, s := range []Statement{e.A, e.B} {
		if s == nil {
			return token.Interval{}, fmt.Errorf("%w: a statement is missing", ErrFormat)
		}
		if err := s.Verify(e.Token); err != nil {
			return token.Interval{}, err
		}
	}
	return Twice(e.A, e.B)
}

// Twice returns the units that two statements of one token take twice, so that no honest element
// has signed both. It returns [ErrSame], [ErrTwoCloses] or [ErrDisjoint], and verifies nothing.
func Twice(a, b Statement) (token.Interval, error) {
	if a.Digest() == b.Digest() {
		return token.Interval{}, ErrSame
	}
	x, y := taken(a, b), taken(b, a)
	if a.Kind() == wire.SigTokenClose && b.Kind() == wire.SigTokenClose {
		return token.Interval{}, ErrTwoCloses
	}
	if !x.Overlaps(y) {
		return token.Interval{}, fmt.Errorf("%w: %s, and %s", ErrDisjoint, text(a, x), text(b, y))
	}
	return token.Interval{From: max(x.From, y.From), To: min(x.To, y.To)}, nil
}

// text says which units a statement takes.
func text(s Statement, v token.Interval) string {
	if s.Kind() == wire.SigTokenClose {
		return fmt.Sprintf("%d on given back", int(v.From)+1)
	}
	return fmt.Sprintf("%d to %d taken", int(v.From)+1, v.To)
}

// taken is the units that a statement takes, held against another one. A meter takes all units that
// it commits to, since an honest element's index has moved behind them; held against a close it
// takes those that were ticked, since an honest element closes behind its last tick.
func taken(s, other Statement) token.Interval {
	switch s := s.(type) {
	case Spend:
		return s.Units()
	case Meter:
		if other.Kind() == wire.SigTokenClose {
			return token.Interval{From: s.From, To: s.To}
		}
		return s.Units()
	case Close:
		return token.Interval{From: s.At, To: wire.TokenUnits}
	}
	return token.Interval{}
}
