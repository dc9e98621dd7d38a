//go:build cgo

package readertest

import (
	"context"
	"errors"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
	"tapbench/pcsc/pcscd"
	"tapbench/pcsc/vpcd"
)

// noticed bounds how long the service may take to see a card come or go.
const noticed = time.Minute

// Reader is a virtual reader of a private pcscd, with a card on it. It ends with the test.
type Reader struct {
	t      testing.TB
	daemon *daemon.Daemon
	client *pcscd.Client
	card   pcsc.Exchangeable
	served chan error
	lift   context.CancelFunc
}

// Start starts a pcscd with one reader and lays a card on it.
func Start(t *testing.T, card pcsc.Processor) *Reader {
	t.Helper()
	r := &Reader{t: t, daemon: daemontest.Start(t, "tapbench SE"), lift: func() {}}
	var err error
	if r.client, err = pcscd.Open(t.Context(), pcscd.Options{Socket: r.daemon.Socket()}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.lift()
		for range r.served {
			continue
		}
		if err := r.client.Close(); err != nil {
			t.Error(err)
		}
	})
	r.card.Put(card)
	r.lay()
	return r
}

// Name returns the reader's name, as PC/SC has it.
func (r *Reader) Name() string { return r.daemon.ReaderName(0) }

// Stop ends the service. Connections answer pcsc.ErrReaderRemoved or the like from then on.
func (r *Reader) Stop() error { return r.daemon.Stop() }

// Card returns the card that lies on the reader.
func (r *Reader) Card() pcsc.Processor { return r.card.Card() }

// Connect connects to the card, exclusively, so that closing resets it.
func (r *Reader) Connect() (pcsc.Card, error) {
	return r.client.Connect(r.t.Context(), r.Name(), pcscd.ConnectOptions{Exclusive: true})
}

// Open exchanges the card for another one and connects to that.
func (r *Reader) Open(t testing.TB, card pcsc.Processor) pcsc.Card {
	t.Helper()
	r.card.Put(card)
	connection, err := r.Connect()
	if err != nil {
		t.Fatal(err)
	}
	return connection
}

// Again closes the connection to a card whose power was cut within a command, lays the card on the
// reader anew, and connects to it.
func (r *Reader) Again(t testing.TB, connection pcsc.Card) pcsc.Card {
	t.Helper()
	if err := connection.Close(); err != nil {
		t.Fatal(err)
	}
	if err := <-r.served; !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Errorf("serving ended with %v, want pcsc.ErrCardRemoved", err)
	}
	r.await(false)
	r.lay()
	connection, err := r.Connect()
	if err != nil {
		t.Fatal(err)
	}
	return connection
}

// lay lays the card on the reader and waits until the service knows it.
func (r *Reader) lay() {
	r.t.Helper()
	conn, err := r.daemon.DialSlot(r.t.Context(), 0)
	if err != nil {
		r.t.Fatal(err)
	}
	ctx, lift := context.WithCancel(context.Background())
	served := make(chan error, 1)
	r.lift, r.served = lift, served
	go func() { // ends with the connection or the context
		served <- vpcd.Serve(ctx, conn, &r.card)
		close(served)
	}()
	r.await(true)
}

// await waits until a card lies on the reader, or none.
func (r *Reader) await(present bool) {
	r.t.Helper()
	ctx, cancel := context.WithTimeout(r.t.Context(), noticed)
	defer cancel()
	for event, err := range r.client.Watch(ctx) {
		if err != nil {
			r.t.Fatalf("waiting for card %t: %v", present, err)
		}
		if event.Reader.Name == r.Name() && event.Reader.Present == present {
			return
		}
	}
}
