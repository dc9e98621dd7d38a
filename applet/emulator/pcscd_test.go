//go:build cgo

package emulator_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"tapbench/applet/applettest"
	"tapbench/applet/emulator"
	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
	"tapbench/pcsc/pcscd"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/vpcd"
)

// exchangeable is a card on a reader that is exchanged for another between two connections, faster
// than a service notices.
type exchangeable struct {
	mu   sync.Mutex
	card *emulator.Card
}

var _ pcsc.Processor = (*exchangeable)(nil)

func (e *exchangeable) current() *emulator.Card {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.card
}

func (e *exchangeable) put(card *emulator.Card) {
	e.mu.Lock()
	defer e.mu.Unlock()
	card.PowerOn()
	e.card = card
}

func (e *exchangeable) ATR() []byte                   { return e.current().ATR() }
func (e *exchangeable) PowerOn()                      { e.current().PowerOn() }
func (e *exchangeable) PowerOff()                     { e.current().PowerOff() }
func (e *exchangeable) Reset()                        { e.current().Reset() }
func (e *exchangeable) Process(command []byte) []byte { return e.current().Process(command) }

// virtualReader is a card on a virtual reader of a private pcscd.
type virtualReader struct {
	t      testing.TB
	daemon *daemon.Daemon
	client *pcscd.Client
	card   exchangeable
	served chan error
	lift   context.CancelFunc
}

func newVirtualReader(t *testing.T) *virtualReader {
	t.Helper()
	v := &virtualReader{t: t, daemon: daemontest.Start(t, "tapbench SE")}
	var err error
	if v.client, err = pcscd.Open(t.Context(), pcscd.Options{Socket: v.daemon.Socket()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		v.lift()
		for range v.served {
			continue
		}
		if err := v.client.Close(); err != nil {
			t.Error(err)
		}
	})
	v.card.put(newCard(t, emulator.Config{}))
	v.lay()
	return v
}

func (v *virtualReader) name() string { return v.daemon.ReaderName(0) }

// lay lays the card on the reader and waits until the service knows it.
func (v *virtualReader) lay() {
	v.t.Helper()
	conn, err := v.daemon.DialSlot(v.t.Context(), 0)
	if err != nil {
		v.t.Fatal(err)
	}
	ctx, lift := context.WithCancel(context.Background())
	served := make(chan error, 1)
	v.lift, v.served = lift, served
	go func() {
		served <- vpcd.Serve(ctx, conn, &v.card)
		close(served)
	}()
	v.await(true)
}

// await waits until a card lies on the reader, or none.
func (v *virtualReader) await(present bool) {
	v.t.Helper()
	ctx, cancel := context.WithTimeout(v.t.Context(), 10*time.Second)
	defer cancel()
	for event, err := range v.client.Watch(ctx) {
		if err != nil {
			v.t.Fatalf("waiting for card %t: %v", present, err)
		}
		if event.Reader.Name == v.name() && event.Reader.Present == present {
			return
		}
	}
}

// connect connects to the card, exclusively, so that closing resets it.
func (v *virtualReader) connect() (pcsc.Card, error) {
	return v.client.Connect(v.t.Context(), v.name(), pcscd.ConnectOptions{Exclusive: true})
}

// open connects to a fresh card.
func (v *virtualReader) open(t testing.TB) pcsc.Card {
	t.Helper()
	v.card.put(newCard(t, emulator.Config{}))
	card, err := v.connect()
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// again lays the card, whose power was cut, on the reader anew.
func (v *virtualReader) again(t testing.TB, card pcsc.Card) pcsc.Card {
	t.Helper()
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-v.served; !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Errorf("serving ended with %v, want pcsc.ErrCardRemoved", err)
	}
	v.await(false)
	v.lay()
	card, err := v.connect()
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// TestThroughPCSCD runs the conformance suite over a virtual reader and a real pcscd, then the
// contract of pcsc.Card. Power cuts take the card off the reader, half a second each, so that one
// stands for all.
func TestThroughPCSCD(t *testing.T) {
	v := newVirtualReader(t)
	backend := applettest.Backend{
		Name: "emulator in a virtual reader", Open: v.open, Caps: applettest.Caps{Slow: true},
	}
	t.Run("conformance", func(t *testing.T) { applettest.Run(t, backend) })
	backend.Tear = func(_ pcsc.Card, n int, after bool) { tear(v.card.current(), n, after) }
	backend.Again = v.again
	t.Run("power cut", func(t *testing.T) { applettest.RunDialogue(t, backend, "generate-key-torn") })
	pcsctest.TestCard(t, pcsctest.Backend{
		Name:       "contract",
		Open:       func(t *testing.T) pcsc.Card { return v.open(t) },
		OpenSecond: func(*testing.T) (pcsc.Card, error) { return v.connect() },
		StopReader: func(t *testing.T) {
			if err := v.daemon.Stop(); err != nil {
				t.Error(err)
			}
		},
	})
}

// TestContract runs the contract of pcsc.Card over the emulator in process.
func TestContract(t *testing.T) {
	pcsctest.TestCard(t, pcsctest.Backend{
		Name: "emulator",
		Open: func(t *testing.T) pcsc.Card { return connect(newCard(t, emulator.Config{})) },
	})
}
