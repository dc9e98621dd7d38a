//go:build cgo

package pcscd_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/daemon/daemontest"
	"tapbench/pcsc/pcscd"
)

// checkError fails the test unless err is a *pcsc.Error that wraps want.
func checkError(tb testing.TB, err, want error) {
	tb.Helper()
	var transport *pcsc.Error
	if !errors.Is(err, want) || !errors.As(err, &transport) {
		tb.Errorf("got %v (%T), want a *pcsc.Error that wraps %v", err, err, want)
	}
}

func TestOpenWithoutAService(t *testing.T) {
	if !alone(t) {
		return
	}
	socket := filepath.Join(t.TempDir(), "pcscd.comm")
	_, err := pcscd.Open(t.Context(), pcscd.Options{Socket: socket})
	checkError(t, err, pcsc.ErrNoService)
}

func TestOpenRefusesASecondService(t *testing.T) {
	d := service(t)
	open(t, d)
	_, err := pcscd.Open(t.Context(), pcscd.Options{Socket: "/elsewhere/pcscd.comm"})
	checkError(t, err, pcsc.ErrNotSupported)
	if text := err.Error(); !strings.Contains(text, d.Socket()) || !strings.Contains(text, "else") {
		t.Errorf("got %q, want it to name both sockets", text)
	}
	again, err := pcscd.Open(t.Context(), pcscd.Options{})
	if err != nil {
		t.Fatalf("the same service, unnamed: %v", err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
}

func TestCancelledBefore(t *testing.T) {
	d := service(t)
	client := open(t, d)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	calls := map[string]func() error{
		"open": func() error {
			_, err := pcscd.Open(ctx, pcscd.Options{Socket: d.Socket()})
			return err
		},
		"readers":  func() error { _, err := client.Readers(ctx); return err },
		"waitcard": func() error { _, err := client.WaitCard(ctx); return err },
		"connect": func() error {
			_, err := client.Connect(ctx, d.ReaderName(0), pcscd.ConnectOptions{})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { checkError(t, call(), context.Canceled) })
	}
}

func TestClosedClient(t *testing.T) {
	client := open(t, service(t))
	for range 2 {
		if err := client.Close(); err != nil {
			t.Fatal(err)
		}
	}
	calls := map[string]func() error{
		"readers":  func() error { _, err := client.Readers(t.Context()); return err },
		"waitcard": func() error { _, err := client.WaitCard(t.Context()); return err },
		"connect": func() error {
			_, err := client.Connect(t.Context(), "any", pcscd.ConnectOptions{})
			return err
		},
	}
	for name, call := range calls {
		t.Run(name, func(t *testing.T) { checkError(t, call(), pcsc.ErrClosed) })
	}
}

func TestCloseEndsAWait(t *testing.T) {
	client := open(t, service(t))
	waited := make(chan error, 1)
	go func() {
		_, err := client.WaitCard(t.Context(), "a reader that never comes")
		waited <- err
	}()
	if err := client.Close(); err != nil {
		t.Fatal(err)
	}
	checkError(t, <-waited, pcsc.ErrClosed)
}

func TestReaders(t *testing.T) {
	d := service(t)
	slot := freeSlot(t)
	l := lay(t, d, slot, &fakeCard{})
	readers, err := open(t, d).Readers(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(readers) != d.Slots() {
		t.Fatalf("got %d readers, want %d: %v", len(readers), d.Slots(), readers)
	}
	for i, r := range readers {
		if r.Name != d.ReaderName(i) {
			t.Errorf("reader %d is named %q, want %q", i, r.Name, d.ReaderName(i))
		}
	}
	got := readers[slot]
	if !got.Present || got.Mute || got.InUse || !bytes.Equal(got.ATR, l.card.ATR()) {
		t.Errorf("got %+v, want a card at rest with the ATR % X", got, l.card.ATR())
	}
}

func TestOtherProgramsSeeTheCard(t *testing.T) {
	d := service(t)
	l := lay(t, d, freeSlot(t), &fakeCard{})
	tests := []struct {
		program, pack, option, want string
	}{
		{"opensc-tool", "opensc", "-l", l.reader},
		{"opensc-tool", "opensc", "-ar" + l.reader, "3b:80:80:01:01"},
		{"pcsc_scan", "pcsc-tools", "-r", l.reader},
	}
	for _, test := range tests {
		t.Run(test.program+test.option[:2], func(t *testing.T) {
			path, err := exec.LookPath(test.program)
			if err != nil {
				daemontest.Missing(t, test.program+": apt-get install "+test.pack)
			}
			command := exec.CommandContext(t.Context(), path, test.option)
			command.Env = append(os.Environ(), "PCSCLITE_CSOCK_NAME="+d.Socket())
			out, err := command.CombinedOutput()
			if err != nil || !strings.Contains(string(out), test.want) {
				t.Errorf("%v: %v\n%s\nwant it to say %q", command.Args, err, out, test.want)
			}
		})
	}
}

func TestServiceStops(t *testing.T) {
	if !alone(t) {
		return
	}
	d := daemontest.Start(t)
	client := open(t, d)
	l := lay(t, d, 0, &fakeCard{})
	card := connect(t, client, l, pcscd.ConnectOptions{})
	waited := make(chan error, 1)
	go func() {
		_, err := client.WaitCard(t.Context(), d.ReaderName(1))
		waited <- err
	}()
	if _, err := card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0}); err != nil {
		t.Fatal(err)
	}
	if err := d.Stop(); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0})
		checkError(t, err, pcsc.ErrNoService)
	}
	checkError(t, <-waited, pcsc.ErrNoService)
	_, err := client.Readers(t.Context())
	checkError(t, err, pcsc.ErrNoService)
	_, err = client.Connect(t.Context(), l.reader, pcscd.ConnectOptions{})
	checkError(t, err, pcsc.ErrNoService)
	if err := card.Close(); err != nil {
		t.Error(err)
	}
	checkError(t, card.Reset(t.Context()), pcsc.ErrClosed)
}

func TestServiceStopsWithinACommand(t *testing.T) {
	if !alone(t) {
		return
	}
	d := daemontest.Start(t)
	client := open(t, d)
	within, finish := make(chan struct{}), make(chan struct{})
	defer close(finish)
	l := lay(t, d, 0, &fakeCard{process: func([]byte) []byte {
		close(within)
		<-finish
		return nil
	}})
	t.Cleanup(l.lift)
	card := connect(t, client, l, pcscd.ConnectOptions{})
	stopped := make(chan error, 1)
	go func() {
		<-within
		stopped <- d.Stop()
	}()
	_, err := card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0})
	checkError(t, err, pcsc.ErrNoService)
	if err := <-stopped; err != nil {
		t.Error(err)
	}
}

func TestWaitCard(t *testing.T) {
	d := service(t)
	client := open(t, d)
	slot := freeSlot(t)
	awaitReader(t, client, d.ReaderName(slot), false)
	short, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := client.WaitCard(short, d.ReaderName(slot))
	checkError(t, err, context.DeadlineExceeded)

	type result struct {
		reader pcscd.Reader
		err    error
	}
	waited := make(chan result, 1)
	go func() {
		reader, err := client.WaitCard(t.Context(), "another", d.ReaderName(slot))
		waited <- result{reader, err}
	}()
	l := lay(t, d, slot, &fakeCard{})
	r := <-waited
	if r.err != nil || r.reader.Name != l.reader || !bytes.Equal(r.reader.ATR, l.card.ATR()) {
		t.Errorf("got %+v, %v, want %s with its ATR", r.reader, r.err, l.reader)
	}
	// A card that lies there already is found at once.
	if reader, err := client.WaitCard(t.Context(), l.reader); err != nil || !reader.Present {
		t.Errorf("got %+v, %v, want the card", reader, err)
	}
}

// TestWatchEndsOnce lets the consumer and the context stop at the same moment.
func TestWatchEndsOnce(t *testing.T) {
	client := open(t, service(t))
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	for _, err := range client.Watch(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		cancel()
		break
	}
}

func TestWatch(t *testing.T) {
	d := service(t)
	client := open(t, d)
	slot := freeSlot(t)
	awaitReader(t, client, d.ReaderName(slot), false)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	var l *laid
	var kinds []pcscd.EventKind
	for event, err := range client.Watch(ctx) {
		if err != nil {
			t.Fatal(err)
		}
		if event.Reader.Name != d.ReaderName(slot) {
			continue
		}
		kinds = append(kinds, event.Kind)
		switch len(kinds) {
		case 1:
			l = lay(t, d, slot, &fakeCard{})
		case 2:
			l.takeAway()
		default:
			want := []pcscd.EventKind{pcscd.ReaderAdded, pcscd.CardInserted, pcscd.CardRemoved}
			for i, kind := range want {
				if kinds[i] != kind {
					t.Errorf("event %d is %v, want %v", i, kinds[i], kind)
				}
			}
			return
		}
	}
}
