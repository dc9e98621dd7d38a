package relay_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/daemon"
	"tapbench/pcsc/daemon/daemontest"
	"tapbench/pcsc/pcscd"
	"tapbench/pcsc/relay"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/vpcd"
)

// relayVariable holds, as JSON, the order for a relay that this test binary is to run when it is a
// process of its own: libpcsclite talks to one service in a process's life.
const relayVariable = "TAPBENCH_TEST_RELAY"

// order says what that process relays, and to where.
type order struct {
	Socket string // of the service with the real reader
	Reader string
	Slots  string // slot socket of the other service
	File   string // the recording
}

// runRelay relays until standard input ends.
func runRelay(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	file, err := os.Create(o.File)
	if err != nil {
		return err
	}
	defer file.Close()
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		cancel()
	}()
	client, err := pcscd.Open(ctx, pcscd.Options{Socket: o.Socket})
	if err != nil {
		return err
	}
	defer client.Close()
	err = relay.Run(ctx, relay.Config{
		Source: relay.NewReader(client, o.Reader),
		Dial: func(ctx context.Context) (net.Conn, error) {
			return daemon.DialSlotAt(ctx, o.Slots, 0)
		},
		Record: func(card pcsc.Card) (relay.Journal, error) {
			return trace.NewRecorder(card, file, trace.Options{Redact: trace.RevealAll})
		},
	})
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// services are the two: one with the real reader, whose part a virtual one plays, and one for the
// program. The test is the program.
type services struct {
	real, private *daemon.Daemon
	file          string
	client        *pcscd.Client // of the private one
	stop          func()        // ends the relay
}

// startServices starts both and the relay between them.
func startServices(tb testing.TB) *services {
	tb.Helper()
	s := &services{
		real: daemontest.Start(tb, "real"), private: private(tb),
		file: filepath.Join(tb.TempDir(), "trace"),
	}
	text, err := json.Marshal(order{
		Socket: s.real.Socket(), Reader: s.real.ReaderName(0), Slots: s.private.SlotSocket(),
		File: s.file,
	})
	if err != nil {
		tb.Fatal(err)
	}
	command := exec.CommandContext(context.Background(), "/proc/self/exe") // stop ends it
	command.Env = append(os.Environ(), relayVariable+"="+string(text))
	var said bytes.Buffer
	command.Stderr = &said
	in, err := command.StdinPipe()
	if err != nil {
		tb.Fatal(err)
	}
	if err := command.Start(); err != nil {
		tb.Fatal(err)
	}
	var once sync.Once
	s.stop = func() {
		once.Do(func() {
			_ = in.Close()
			if err := command.Wait(); err != nil {
				tb.Errorf("the relay: %v\n%s", err, said.String())
			}
		})
	}
	tb.Cleanup(s.stop)
	s.client, err = pcscd.Open(tb.Context(), pcscd.Options{Socket: s.private.Socket()})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.client.Close() })
	return s
}

// lay lays a card on a slot of a service, and returns how to take it away.
func lay(tb testing.TB, d *daemon.Daemon, slot int, card pcsc.Processor) (lift func()) {
	tb.Helper()
	conn, err := d.DialSlot(tb.Context(), slot)
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var served sync.WaitGroup
	served.Go(func() { _ = vpcd.Serve(ctx, conn, card) })
	lift = func() {
		cancel()
		served.Wait()
	}
	tb.Cleanup(lift)
	return lift
}
