package pcsctest

import (
	"context"
	"errors"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// Backend is a way to reach a card, with what its tests may do to it. What is nil or false can't be
// done here, and the tests that need it aren't run.
type Backend struct {
	// Name names the subtests.
	Name string
	// Open connects to the card, which lies on the reader. The suite closes the connection before it
	// opens the next. It has at most one at a time, except to see a sharing violation. A connection
	// that ended within a command may hold the card until the command has come back: Open waits.
	Open func(t *testing.T) pcsc.Card
	// Contract is the contract card, if that is what Open connects to. Without it the suite only
	// asks for Probe.
	Contract *Card
	// Probe is a command that the card answers with any status word, however often it is asked. nil
	// means SELECT of [AID].
	Probe []byte
	// ShortOnly says that no extended APDU passes.
	ShortOnly bool
	// OpenSecond tries a second connection to the card while Open's stands, which holds it
	// exclusively.
	OpenSecond func(t *testing.T) (pcsc.Card, error)
	// RemoveCard takes the card off the reader and doesn't wait for the command under way.
	// InsertCard puts it back, and does nothing if it lies there. One comes with the other.
	RemoveCard, InsertCard func(t *testing.T)
	// StopReader ends the reader's service for good. It is what the suite does last.
	StopReader func(t *testing.T)
}

// promise is one test of the contract, and what it needs of a backend.
type promise struct {
	name  string
	needs func(b Backend) bool
	test  func(t *testing.T, b Backend)
}

func always(Backend) bool      { return true }
func contract(b Backend) bool  { return b.Contract != nil }
func hands(b Backend) bool     { return contract(b) && b.RemoveCard != nil && b.InsertCard != nil }
func extended(b Backend) bool  { return contract(b) && !b.ShortOnly }
func exclusive(b Backend) bool { return b.OpenSecond != nil }
func stoppable(b Backend) bool { return b.StopReader != nil }

// promises lists the suite in the order in which it runs.
func promises() []promise {
	return []promise{
		{"a malformed command is refused", always, refusesMalformedCommands},
		{"a cancelled context sends nothing", always, sendsNothingWhenCancelled},
		{"ATR and protocol", always, tellsATRAndProtocol},
		{"an exchange", always, exchanges},
		{"slices belong to the caller", always, keepsNoSlices},
		{"a reset keeps the connection", always, resets},
		{"Close is final and idempotent", always, closes},
		{"sharing violation", exclusive, refusesASecondConnection},

		{"a malformed command never reaches the card", contract, holdsBackMalformedCommands},
		{"61xx is followed", contract, follows61xx},
		{"61xx without end is an error", contract, endsEndless61xx},
		{"6Cxx is followed once", contract, follows6Cxx},
		{"a long command is chained", contract, chains},
		{"a refused chain ends", contract, endsRefusedChain},
		{"short length to its limits", contract, reachesShortLimits},
		{"extended length", extended, movesExtendedLength},
		{"a reset loses volatile state only", contract, resetLosesVolatileState},
		{"an answer of no byte", contract, failsOnNoAnswer},
		{"an answer of one byte", contract, failsOnStub},
		{"an over-long answer", contract, failsOnFlood},
		{"cancelled within a command", contract, endsWhenCancelled},
		{"closed within a command", contract, endsWhenClosed},
		{"removed within a command and put back", hands, survivesRemoval},
		{"dialogues", contract, replaysDialogues},

		{"reader gone", stoppable, noticesThatTheReaderIsGone},
	}
}

// TestCard runs the contract of pcsc.Card over a backend: each promise is a subtest named after it.
func TestCard(t *testing.T, b Backend) {
	t.Helper()
	if b.Probe == nil {
		probe, err := apdu.Command{INS: InsSelect, P1: 0x04, Data: AID(), Ne: 256}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		b.Probe = probe
	}
	t.Run(b.Name, func(t *testing.T) {
		for _, p := range promises() {
			if p.needs(b) {
				t.Run(p.name, func(t *testing.T) { p.test(t, b) })
			}
		}
	})
}

// open connects and closes at the end of the test.
func (b Backend) open(t *testing.T) pcsc.Card {
	t.Helper()
	card := b.Open(t)
	t.Cleanup(func() {
		if err := card.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return card
}

// putBack has the card lie on the reader again at the end of the test, whatever the test did.
func (b Backend) putBack(t *testing.T) {
	t.Helper()
	if b.InsertCard != nil {
		t.Cleanup(func() { b.InsertCard(t) })
	}
}

// probe expects the card to answer.
func (b Backend) probe(t *testing.T, card pcsc.Card) []byte {
	t.Helper()
	answer, err := card.Transmit(t.Context(), b.Probe)
	if err != nil {
		t.Fatalf("Transmit(% X): %v", b.Probe, err)
	}
	if len(answer) < 2 || len(answer) > pcsc.MaxResponse {
		t.Fatalf("Transmit(% X): %d bytes, want 2 to %d", b.Probe, len(answer), pcsc.MaxResponse)
	}
	return answer
}

// refused expects a *pcsc.Error that wraps one of the causes.
func refused(t *testing.T, op string, err error, causes ...error) {
	t.Helper()
	var failure *pcsc.Error
	if !errors.As(err, &failure) {
		t.Errorf("%s: got %v, want a *pcsc.Error", op, err)
		return
	}
	for _, cause := range causes {
		if errors.Is(err, cause) {
			return
		}
	}
	t.Errorf("%s: got %v, want %v", op, err, causes)
}

// unusable expects a connection that answers every call with one of the causes.
func (b Backend) unusable(t *testing.T, card pcsc.Card, causes ...error) {
	t.Helper()
	_, err := card.Transmit(t.Context(), b.Probe)
	refused(t, "Transmit afterwards", err, causes...)
	refused(t, "Reset afterwards", card.Reset(t.Context()), causes...)
}

// cancelled returns a context that has ended.
func cancelled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}
