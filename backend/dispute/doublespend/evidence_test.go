package doublespend_test

import (
	"crypto/elliptic"
	"errors"
	"math/big"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/token"
	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
)

func TestCheckRefuses(t *testing.T) {
	w, other := newWorld(t, 20), newWorld(t, 20)
	a := w.spend(t, 2, 7, 1)
	type made = doublespend.Evidence
	pair := func(x, y doublespend.Statement) func() made {
		return func() made { return doublespend.New(w.token, x, y) }
	}
	resign := func(m doublespend.Meter) doublespend.Meter {
		m.Signature = w.se.sign(t, m.Digest())
		return m
	}
	worth := w.spend(t, 4, 9, 2)
	worth.Amount[5]++
	worth.Signature = w.se.sign(t, worth.Digest())
	foreign := w.spend(t, 4, 9, 2)
	foreign.Currency[1]++
	foreign.Signature = w.se.sign(t, foreign.Digest())
	unit := w.meter(t, 4, 9, 6, 2)
	unit.Unit = 50
	offByOne := w.meter(t, 4, 9, 6, 2)
	offByOne.To = 7
	bent := w.spend(t, 4, 9, 2)
	bent.UN[3] ^= 1
	mallory := w
	mallory.se = newSigner(t)
	for _, row := range []struct {
		name string
		make func() doublespend.Evidence
		want error
	}{
		{"nothing", func() made { return made{Token: w.token} }, doublespend.ErrFormat},
		{"an unknown version of token", reissued(t, w, func(f *message.TokenFields) {
			f.Version++
		}), doublespend.ErrToken},
		{"a token without units", reissued(t, w, func(f *message.TokenFields) {
			f.Length = 0
		}), doublespend.ErrToken},
		{"a token of too many units", reissued(t, w, func(f *message.TokenFields) {
			f.Length = wire.TokenUnits + 1
		}), doublespend.ErrToken},
		{"an unknown class", reissued(t, w, func(f *message.TokenFields) {
			f.Unit = 2
		}), doublespend.ErrToken},
		{"a token of another TSM", func() made {
			return doublespend.New(other.token, other.spend(t, 2, 7, 1), other.spend(t, 4, 9, 2))
		}, doublespend.ErrIssuer},
		{"a token with a bit flipped", func() made {
			e := doublespend.New(w.token, a, w.spend(t, 4, 9, 2))
			e.Token.Fields.Policy.Grace ^= 1
			return e
		}, doublespend.ErrIssuer},
		{"a spend of another token", pair(a, other.spend(t, 4, 9, 2)), doublespend.ErrOtherToken},
		{"a meter of another token", pair(a, other.meter(t, 4, 9, 6, 2)), doublespend.ErrOtherToken},
		{"a close of another token", pair(a, other.close(t, 3)), doublespend.ErrOtherToken},
		{"a reversed spend", pair(a, w.spend(t, 6, 5, 2)), doublespend.ErrInterval},
		{"an empty spend", pair(a, w.spend(t, 5, 5, 2)), doublespend.ErrInterval},
		{"a spend past the end", pair(a, w.spend(t, 6, 21, 2)), doublespend.ErrInterval},
		{"a reversed meter", pair(a, w.meter(t, 6, 5, 6, 2)), doublespend.ErrInterval},
		{"a meter past the end", pair(a, w.meter(t, 6, 21, 7, 2)), doublespend.ErrInterval},
		{"a tick below the commitment", pair(a, w.meter(t, 6, 9, 6, 2)), doublespend.ErrInterval},
		{"a tick behind the commitment", pair(a, w.meter(t, 6, 9, 10, 2)), doublespend.ErrInterval},
		{"a close past the end", pair(a, w.close(t, 21)), doublespend.ErrInterval},
		{"an amount that isn't the units'", pair(a, worth), doublespend.ErrValue},
		{"a spend in another currency", pair(a, foreign), doublespend.ErrValue},
		{"ticks of another class", pair(a, resign(unit)), doublespend.ErrValue},
		{"a spend by another key", pair(a, mallory.spend(t, 4, 9, 2)), doublespend.ErrSignature},
		{"a meter by another key", pair(a, mallory.meter(t, 4, 9, 6, 2)), doublespend.ErrSignature},
		{"a close by another key", pair(a, mallory.close(t, 3)), doublespend.ErrSignature},
		{"a spend with a bit flipped", pair(a, bent), doublespend.ErrSignature},
		{"a chain value that is off by one", pair(a, offByOne), doublespend.ErrChain},
		{"the same spend", pair(a, a), doublespend.ErrSame},
		{"the same spend, signed again", pair(a, w.spend(t, 2, 7, 1)), doublespend.ErrSame},
		{
			"the same commitment, further ticked", pair(w.meter(t, 2, 9, 4, 1), w.meter(t, 2, 9, 8, 1)),
			doublespend.ErrSame,
		},
		{"the same close, signed again", pair(w.close(t, 7), w.close(t, 7)), doublespend.ErrSame},
		{"two closes", pair(w.close(t, 7), w.close(t, 3)), doublespend.ErrTwoCloses},
		{"spends side by side", pair(a, w.spend(t, 7, 9, 2)), doublespend.ErrDisjoint},
		{"a spend, then a meter", pair(a, w.meter(t, 7, 9, 8, 2)), doublespend.ErrDisjoint},
		{
			"a spend behind a meter", pair(w.meter(t, 2, 7, 3, 1), w.spend(t, 7, 9, 2)),
			doublespend.ErrDisjoint,
		},
		{
			"meters side by side", pair(w.meter(t, 2, 7, 3, 1), w.meter(t, 7, 9, 8, 2)),
			doublespend.ErrDisjoint,
		},
		{"a close where the spend ends", pair(a, w.close(t, 7)), doublespend.ErrDisjoint},
		{
			"a close at the last tick, below Max", pair(w.meter(t, 2, 9, 4, 1), w.close(t, 4)),
			doublespend.ErrDisjoint,
		},
	} {
		found, err := row.make().Check(w.tsm.public)
		if !errors.Is(err, row.want) || found != (token.Interval{}) {
			t.Errorf("%s: got %v, %v, want %v", row.name, found, err, row.want)
		}
	}
}

// reissued is evidence about a token that the TSM has signed with other fields.
func reissued(
	t *testing.T, w world, change func(*message.TokenFields),
) func() doublespend.Evidence {
	t.Helper()
	change(&w.token.Fields)
	w.issue(t)
	e := doublespend.New(w.token, w.spend(t, 2, 7, 1), w.spend(t, 4, 9, 2))
	return func() doublespend.Evidence { return e }
}

// TestCheckRefusesMalleated: s and n-s are two signatures of one statement. Neither form of the
// second makes evidence.
func TestCheckRefusesMalleated(t *testing.T) {
	w := newWorld(t, 20)
	a := w.spend(t, 2, 7, 1)
	high := a
	s := new(big.Int).SetBytes(a.Signature[32:])
	s.Sub(elliptic.P256().Params().N, s).FillBytes(high.Signature[32:])
	_, err := doublespend.New(w.token, a, high).Check(w.tsm.public)
	if !errors.Is(err, message.ErrHighS) {
		t.Errorf("the other half: %v", err)
	}
}

func TestCheckAccepts(t *testing.T) {
	w := newWorld(t, 20)
	units := func(from, to uint8) token.Interval { return token.Interval{From: from, To: to} }
	for _, row := range []struct {
		name string
		a, b doublespend.Statement
		want token.Interval
	}{
		{"one interval, two merchants", w.spend(t, 2, 7, 1), w.spend(t, 2, 7, 2), units(2, 7)},
		{"one unit shared", w.spend(t, 2, 7, 1), w.spend(t, 6, 9, 2), units(6, 7)},
		{"a spend inside of another", w.spend(t, 2, 9, 1), w.spend(t, 4, 5, 2), units(4, 5)},
		{"a spend of ticked units", w.meter(t, 2, 9, 6, 1), w.spend(t, 4, 5, 2), units(4, 5)},
		{"a spend of units committed to", w.meter(t, 2, 9, 3, 1), w.spend(t, 8, 12, 2), units(8, 9)},
		{"two meters", w.meter(t, 2, 9, 3, 1), w.meter(t, 5, 20, 6, 2), units(5, 9)},
		{"a spend behind a close", w.close(t, 4), w.spend(t, 2, 7, 2), units(4, 7)},
		{"a spend long after a close", w.close(t, 0), w.spend(t, 19, 20, 2), units(19, 20)},
		{"a tick behind a close", w.close(t, 4), w.meter(t, 2, 9, 5, 2), units(4, 5)},
	} {
		for _, e := range []doublespend.Evidence{
			doublespend.New(w.token, row.a, row.b), {Token: w.token, A: row.b, B: row.a},
		} {
			got, err := e.Check(w.tsm.public)
			if err != nil || got != row.want {
				t.Errorf("%s: got %v, %v, want %v", row.name, got, err, row.want)
			}
		}
	}
}

func TestSum(t *testing.T) {
	w := newWorld(t, 20)
	e := doublespend.New(w.token, w.spend(t, 2, 7, 1), w.meter(t, 2, 9, 6, 2))
	again := doublespend.Evidence{Token: w.token, A: e.B, B: e.A}
	if e.Sum() != again.Sum() {
		t.Error("the order of the statements changes the identity")
	}
	more := doublespend.New(w.token, w.spend(t, 2, 7, 1), w.meter(t, 2, 9, 8, 2))
	if e.Sum() != more.Sum() {
		t.Error("another signature or a later tick changes the identity")
	}
	if e.Sum() == doublespend.New(w.token, w.spend(t, 2, 7, 3), e.B).Sum() {
		t.Error("another spend has the same identity")
	}
}
