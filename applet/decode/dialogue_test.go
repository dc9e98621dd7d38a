package decode_test

import (
	"context"
	"slices"
	"testing"

	"tapbench/applet/applettest"
	"tapbench/applet/emulator"
	"tapbench/pcsc"
)

// pair is a command with its answer.
type pair struct{ command, answer []byte }

// listener is a card that writes down what passes.
type listener struct {
	pcsc.Card
	heard []pair
}

func (l *listener) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := l.Card.Transmit(ctx, command)
	l.heard = append(l.heard, pair{slices.Clone(command), slices.Clone(answer)})
	return answer, err
}

// ownDialogue returns what passes between a wallet, a terminal and our emulator, from a fresh card
// to the end of a payment.
func ownDialogue(t testing.TB) []pair {
	t.Helper()
	card, err := emulator.New(emulator.Config{})
	if err != nil {
		t.Fatal(err)
	}
	l := &listener{Card: pcsc.NewDirect(card)}
	h := applettest.NewHost(t, l).Advance(applettest.Armed)
	h.Tap()
	return l.heard
}
