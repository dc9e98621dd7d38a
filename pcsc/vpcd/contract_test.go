package vpcd_test

import (
	"context"
	"net"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/vpcd"
)

// layer lays the contract card on a listener, again and again.
type layer struct {
	listener *vpcd.Listener
	card     *pcsctest.Card
	lift     context.CancelFunc
	served   <-chan error
}

// takeAway takes the card away, and waits until it serves nobody any more.
func (l *layer) takeAway() {
	if l.lift != nil {
		l.lift()
		for range l.served {
			continue
		}
	}
}

// open lays the card on the listener and connects to it.
func (l *layer) open(t *testing.T) pcsc.Card {
	t.Helper()
	l.takeAway()
	ctx, lift := context.WithCancel(context.Background())
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", l.listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	l.lift, l.served = lift, served
	go func() {
		defer close(served)
		served <- vpcd.Serve(ctx, conn, l.card)
	}()
	card, err := l.listener.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return card
}

func TestContract(t *testing.T) {
	l := &layer{listener: listen(t), card: pcsctest.NewCard()}
	t.Cleanup(l.takeAway)
	pcsctest.TestCard(t, pcsctest.Backend{
		Name:       "reader's end",
		Open:       l.open,
		Contract:   l.card,
		RemoveCard: func(*testing.T) { l.lift() },
		InsertCard: func(*testing.T) {}, // open does
	})
}
