package doublespend_test

import (
	"errors"
	"testing"

	"tapbench/applet/message"
	"tapbench/applet/wire"
	"tapbench/backend/dispute/doublespend"
)

// These tests walk into the traps that the models' controls name: what would happen by a rule that
// looks as good, and that it isn't ours.

// TestTrapSignatureIsIdentity: one statement has many signatures. By them it would be two claims,
// or proof against an honest element.
func TestTrapSignatureIsIdentity(t *testing.T) {
	w := newWorld(t, 20)
	a, b := w.spend(t, 2, 7, 1), w.spend(t, 2, 7, 1)
	if a.Signature == b.Signature {
		t.Fatal("both signatures are alike")
	}
	check(t, a.Verify(w.token))
	check(t, b.Verify(w.token))
	if a.Digest() != b.Digest() {
		t.Error("a claim is another one by its signature")
	}
	if _, err := doublespend.Twice(a, b); !errors.Is(err, doublespend.ErrSame) {
		t.Errorf("two signatures are evidence: %v", err)
	}
}

// TestTrapMerchantIsUnsigned: another merchant, or his certificate, can't be put into a spend.
func TestTrapMerchantIsUnsigned(t *testing.T) {
	w := newWorld(t, 20)
	for name, change := range map[string]func(*doublespend.Spend){
		"merchant":    func(s *doublespend.Spend) { s.Merchant[0]++ },
		"certificate": func(s *doublespend.Spend) { s.Certificate[0]++ },
	} {
		s := w.spend(t, 2, 7, 1)
		change(&s)
		if err := s.Verify(w.token); !errors.Is(err, doublespend.ErrSignature) {
			t.Errorf("another %s: %v", name, err)
		}
	}
}

// TestTrapMeterIsSpend: were a commitment's signature that of a spend, all of it would be paid
// unticked. Even with the same bytes behind the type the signature doesn't verify.
func TestTrapMeterIsSpend(t *testing.T) {
	w := newWorld(t, 20)
	m, s := w.meter(t, 2, 9, 3, 1), w.spend(t, 2, 9, 1)
	s.Signature = m.Signature
	if err := s.Verify(w.token); !errors.Is(err, doublespend.ErrSignature) {
		t.Errorf("a commitment's signature on a spend: %v", err)
	}
	s.Signature = w.se.sign(t, message.SumHash(wire.SigMeter, s.Spend))
	if err := s.Verify(w.token); !errors.Is(err, doublespend.ErrSignature) {
		t.Errorf("a spend's bytes under a commitment's type: %v", err)
	}
}

// TestTrapCloseBelowMax: an honest element that is stopped after two of seven ticks closes there.
// By Max it would be guilty.
func TestTrapCloseBelowMax(t *testing.T) {
	w := newWorld(t, 20)
	m, c := w.meter(t, 2, 9, 4, 1), w.close(t, 4)
	if m.Max <= c.At {
		t.Fatal("the close isn't below Max")
	}
	_, err := doublespend.New(w.token, m, c).Check(w.tsm.public)
	if !errors.Is(err, doublespend.ErrDisjoint) {
		t.Errorf("an honest element is framed: %v", err)
	}
}

// TestTrapIndexMovesWithTicks: an element whose index follows the ticks signs the rest to somebody
// else, and frames itself.
func TestTrapIndexMovesWithTicks(t *testing.T) {
	w := newWorld(t, 20)
	_, err := doublespend.New(w.token, w.meter(t, 2, 9, 4, 1), w.spend(t, 4, 9, 2)).
		Check(w.tsm.public)
	if err != nil {
		t.Errorf("the trap is gone: %v", err)
	}
}

// TestTrapStateAfterAnswer: an element that writes its state behind the answer loses it when power
// is cut, signs the units again, and frames itself.
func TestTrapStateAfterAnswer(t *testing.T) {
	w := newWorld(t, 20)
	before := element{}
	first, second := before.steps(1), before.steps(2) // the state of the first was lost
	j := newJudge(t)
	if !j.guilty(t, first[0].out, second[0].out) {
		t.Error("the trap is gone")
	}
	if _, err := doublespend.Twice(w.spend(t, 0, 1, 1), w.spend(t, 0, 1, 2)); err != nil {
		t.Errorf("the trap is gone: %v", err)
	}
}

// TestTrapSpendBehindCommitment: what a later spend shows is the chain of every tick before it. No
// unit is spent twice, so it is no evidence; the payer pays for what he didn't get.
func TestTrapSpendBehindCommitment(t *testing.T) {
	w := newWorld(t, 20)
	m, s := w.meter(t, 2, 9, 4, 1), w.spend(t, 9, 12, 2)
	_, err := doublespend.New(w.token, m, s).Check(w.tsm.public)
	if !errors.Is(err, doublespend.ErrDisjoint) {
		t.Errorf("got %v", err)
	}
	shown, _, err := w.chain.Value(12)
	check(t, err)
	m.To, m.Value = 9, down(w.se.public, 12, 9, shown)
	if err := m.Verify(w.token); err != nil {
		t.Errorf("five ticks that never were aren't claimed: %v", err)
	}
}
