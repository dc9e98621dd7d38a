package pcsctest

import (
	"context"
	"testing"
	"time"

	"tapbench/pcsc"
)

// command encodes a command of the contract card whose P1-P2 is n.
func command(t *testing.T, ins byte, n, ne int) []byte {
	t.Helper()
	raw, err := numbered(ins, n, ne).Encode()
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

// failsOn expects that a command's answer can't be returned, and that the backend still works on
// a new connection.
func (b Backend) failsOn(t *testing.T, ins byte, causes ...error) {
	t.Helper()
	b.putBack(t)
	card := b.open(t)
	answer, err := card.Transmit(t.Context(), command(t, ins, 0, 256))
	refused(t, "Transmit", err, causes...)
	if answer != nil {
		t.Errorf("Transmit: got %d bytes beside the error", len(answer))
	}
	if err := card.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	if b.InsertCard != nil {
		b.InsertCard(t)
	}
	b.probe(t, b.open(t))
}

// failsOnNoAnswer allows both causes: a carrier that can't tell nothing from a card without power
// says that the card left.
func failsOnNoAnswer(t *testing.T, b Backend) {
	b.failsOn(t, InsNothing, pcsc.ErrBadAnswer, pcsc.ErrCardRemoved)
}

func failsOnStub(t *testing.T, b Backend) { b.failsOn(t, InsStub, pcsc.ErrBadAnswer) }

// failsOnFlood allows both causes: where such an answer can't even be carried, the card's end
// ejects the card.
func failsOnFlood(t *testing.T, b Backend) {
	b.failsOn(t, InsFlood, pcsc.ErrBadAnswer, pcsc.ErrCardRemoved)
}

// patience is how long a command that was ended may take to return.
const patience = time.Minute

// during runs act while the card works on a WAIT, and returns what became of it. The card is
// released when the caller has its answer, not before: whoever ends a connection within a command
// doesn't wait for the card.
func (b Backend) during(ctx context.Context, t *testing.T, card pcsc.Card, act func()) error {
	t.Helper()
	t.Cleanup(b.Contract.Release)
	raw := command(t, InsWait, 0, 0)
	outcome := make(chan error, 1)
	go func() {
		_, err := card.Transmit(ctx, raw)
		outcome <- err
	}()
	select {
	case <-b.Contract.Arrived():
		act()
	case err := <-outcome:
		t.Fatalf("Transmit: %v before the card had the command", err)
	}
	select {
	case err := <-outcome:
		b.Contract.Release()
		return err
	case <-time.After(patience):
		t.Errorf("Transmit waits for the card %s after its connection ended", patience)
		b.Contract.Release()
		return <-outcome
	}
}

func endsWhenCancelled(t *testing.T, b Backend) {
	b.putBack(t)
	card := b.open(t)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	refused(t, "Transmit", b.during(ctx, t, card, cancel), context.Canceled)
	b.unusable(t, card, pcsc.ErrClosed)
	if err := card.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	b.probe(t, b.open(t))
}

func endsWhenClosed(t *testing.T, b Backend) {
	b.putBack(t)
	card := b.open(t)
	err := b.during(t.Context(), t, card, func() {
		if err := card.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	refused(t, "Transmit", err, pcsc.ErrClosed)
	b.unusable(t, card, pcsc.ErrClosed)
	b.probe(t, b.open(t))
}

func survivesRemoval(t *testing.T, b Backend) {
	b.putBack(t)
	card := b.open(t)
	counters(t, card, 2)
	counters(t, card, 1)
	err := b.during(t.Context(), t, card, func() { b.RemoveCard(t) })
	refused(t, "Transmit", err, pcsc.ErrCardRemoved)
	b.unusable(t, card, pcsc.ErrCardRemoved)
	if err := card.Close(); err != nil {
		t.Errorf("Close: %v", err)
	}
	b.unusable(t, card, pcsc.ErrClosed)
	b.InsertCard(t)
	card = b.open(t)
	if v, p := counters(t, card, 0); v != 0 || p != 1 {
		t.Errorf("put back: volatile %d, persistent %d, want 0 and 1", v, p)
	}
}
