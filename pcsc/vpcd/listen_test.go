package vpcd_test

import (
	"context"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
	"tapbench/pcsc/vpcd"
)

// listen opens a virtual reader that is closed with the test.
func listen(t *testing.T) *vpcd.Listener {
	t.Helper()
	listener, err := vpcd.Listen(t.Context(), "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

// lay serves a card to the listener until ctx is cancelled.
func lay(ctx context.Context, t *testing.T, listener *vpcd.Listener, card *fakeCard) <-chan error {
	t.Helper()
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "tcp", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return running(func() error { return vpcd.Serve(ctx, conn, card) })
}

func TestListenRefusesAddresses(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "127.0.0.1:70000"} {
		if listener, err := vpcd.Listen(t.Context(), address); err == nil {
			t.Errorf("%q: listens at %v, want an error", address, listener.Addr())
			_ = listener.Close()
		}
	}
}

func TestAcceptIsCancelledAndCalledAgain(t *testing.T) {
	listener := listen(t)
	cancelled, cancel := cancellable(t)
	accepted := running(func() error {
		_, err := listener.Accept(cancelled)
		return err
	})
	cancel()
	checkError(t, <-accepted, context.Canceled)
	_, err := listener.Accept(cancelled)
	checkError(t, err, context.Canceled)

	ctx, remove := cancellable(t)
	laid := &fakeCard{}
	served := lay(ctx, t, listener, laid)
	card, err := listener.Accept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]byte{0x3B, 0x81, 0x01}, card.ATR()); diff != "" {
		t.Errorf("ATR (-want +got)\n%s", diff)
	}
	if card.Protocol() != pcsc.ProtocolT1 {
		t.Errorf("got %v, want %v", card.Protocol(), pcsc.ProtocolT1)
	}
	if err := card.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	remove()
	checkError(t, <-served, context.Canceled)
	if diff := cmp.Diff([]string{"on", "reset", "off"}, laid.story()); diff != "" {
		t.Errorf("what happened to the card (-want +got)\n%s", diff)
	}
	_, err = card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0})
	checkError(t, err, pcsc.ErrCardRemoved)
}

func TestAcceptAfterClose(t *testing.T) {
	listener := listen(t)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err := listener.Accept(t.Context())
	checkError(t, err, pcsc.ErrClosed)
}

func TestDial(t *testing.T) {
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := listener.Addr().String()
	served := running(func() error {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		return vpcd.Serve(t.Context(), conn, &fakeCard{})
	})
	card, err := vpcd.Dial(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	checkError(t, <-served, pcsc.ErrNoReader)
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	_, err = vpcd.Dial(t.Context(), address)
	checkError(t, err, pcsc.ErrNoCard)
	cancelled, cancel := cancellable(t)
	cancel()
	_, err = vpcd.Dial(cancelled, address)
	checkError(t, err, context.Canceled)
}
