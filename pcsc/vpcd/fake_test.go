package vpcd_test

import (
	"context"
	"net"
	"slices"
	"sync"
	"testing"
)

// fakeCard notes what happens to it and answers commands as process says, or with 9000.
type fakeCard struct {
	atr     []byte
	process func(command []byte) []byte

	mu     sync.Mutex
	events []string
}

func (c *fakeCard) note(event string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.events = append(c.events, event)
}

// story returns what has happened to the card so far.
func (c *fakeCard) story() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.events)
}

func (c *fakeCard) ATR() []byte {
	if c.atr == nil {
		return []byte{0x3B, 0x81, 0x01}
	}
	return c.atr
}
func (c *fakeCard) PowerOn()  { c.note("on") }
func (c *fakeCard) PowerOff() { c.note("off") }
func (c *fakeCard) Reset()    { c.note("reset") }

func (c *fakeCard) Process(command []byte) []byte {
	c.note("command")
	if c.process == nil {
		return []byte{0x90, 0x00}
	}
	return c.process(command)
}

// tcpPair returns both ends of a TCP connection, closed with the test.
func tcpPair(t *testing.T) (near, far net.Conn) {
	t.Helper()
	var config net.ListenConfig
	listener, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	var dialer net.Dialer
	if near, err = dialer.DialContext(t.Context(), "tcp", listener.Addr().String()); err != nil {
		t.Fatal(err)
	}
	if far, err = listener.Accept(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = near.Close()
		_ = far.Close()
	})
	return near, far
}

// running calls f in a goroutine and returns where its error arrives.
func running(f func() error) <-chan error {
	done := make(chan error, 1)
	go func() { done <- f() }()
	return done
}

// cancellable returns a context of the test that can be cancelled.
func cancellable(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	return ctx, cancel
}
