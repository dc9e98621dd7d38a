//go:build cgo

package pcscd_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
	"tapbench/pcsc/pcscd"
	"tapbench/pcsc/pcsctest"
)

// desk is a reader on which the contract card lies and is laid back.
type desk struct {
	daemon *daemon.Daemon
	client *pcscd.Client
	card   *pcsctest.Card
	laid   *laid
	lifted bool
}

// insert lays the card on the reader if it isn't there.
func (d *desk) insert(t *testing.T) {
	t.Helper()
	if d.laid != nil {
		if !d.lifted && len(d.laid.served) == 0 {
			return
		}
		d.laid.takeAway()
	}
	d.laid, d.lifted = place(t, d.daemon, 0, d.card), false
}

// remove takes the card away and doesn't wait for the command under way.
func (d *desk) remove(*testing.T) {
	d.lifted = true
	d.laid.lift()
}

// open connects exclusively. The service may still be at the connection before, if that was broken
// off within a command.
func (d *desk) open(t *testing.T) pcsc.Card {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ask := time.NewTicker(5 * time.Millisecond)
	defer ask.Stop()
	for {
		card, err := d.second(t)
		if err == nil {
			return card
		}
		if !errors.Is(err, pcsc.ErrSharing) {
			t.Fatal(err)
		}
		select {
		case <-ask.C:
		case <-ctx.Done():
			t.Fatal(err)
		}
	}
}

func (d *desk) second(t *testing.T) (pcsc.Card, error) {
	t.Helper()
	return d.client.Connect(t.Context(), d.daemon.ReaderName(0),
		pcscd.ConnectOptions{Exclusive: true})
}

func TestContract(t *testing.T) {
	if !alone(t) {
		return
	}
	d := &desk{daemon: daemontest.Start(t), card: pcsctest.NewCard()}
	d.client = open(t, d.daemon)
	d.insert(t)
	t.Cleanup(func() { d.laid.takeAway() })
	pcsctest.TestCard(t, pcsctest.Backend{
		Name:       "virtual reader",
		Open:       d.open,
		Contract:   d.card,
		OpenSecond: d.second,
		RemoveCard: d.remove,
		InsertCard: d.insert,
		StopReader: func(t *testing.T) {
			t.Helper()
			if err := d.daemon.Stop(); err != nil {
				t.Fatal(err)
			}
		},
	})
}
