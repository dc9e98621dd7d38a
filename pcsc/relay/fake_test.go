package relay_test

import (
	"bytes"
	"context"
	"net"
	"sync"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/relay"
	"tapbench/pcsc/trace"
)

// card answers every command with 9000, or as process says.
type card struct {
	atr     []byte
	process func(command []byte) []byte
}

func (c *card) ATR() []byte { return c.atr }
func (c *card) PowerOn()    {}
func (c *card) PowerOff()   {}
func (c *card) Reset()      {}

func (c *card) Process(command []byte) []byte {
	if c.process == nil {
		return []byte{0x90, 0x00}
	}
	return c.process(command)
}

// plain returns a card of the answer to reset that every test has.
func plain() *card { return &card{atr: []byte{0x3B, 0x80, 0x80, 0x01, 0x01}} }

// table is a relay.Source: cards are laid on it and lifted.
type table struct {
	laid chan pcsc.Processor

	mu    sync.Mutex
	lies  *pcsc.Direct
	empty chan struct{} // closed when the card that lies there is lifted
}

func newTable() *table { return &table{laid: make(chan pcsc.Processor, 1)} }

func (s *table) Await(ctx context.Context) (pcsc.Card, error) {
	select {
	case p := <-s.laid:
		s.mu.Lock()
		defer s.mu.Unlock()
		s.lies, s.empty = pcsc.NewDirect(p), make(chan struct{})
		return s.lies, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (s *table) Gone(ctx context.Context) error {
	s.mu.Lock()
	empty := s.empty
	s.mu.Unlock()
	select {
	case <-empty:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// lift takes the card away, also from under a command.
func (s *table) lift() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lies.Remove()
	close(s.empty)
}

// bench is a relay between a table and the reader's ends that a test opens.
type bench struct {
	table  *table
	ends   chan net.Conn // what the relay has dialled, the reader's end
	text   bytes.Buffer  // the recording; read it when the relay has ended
	cancel context.CancelFunc
	ended  chan error
}

// start starts a relay that is over with the test.
func start(t *testing.T) *bench {
	t.Helper()
	b := &bench{table: newTable(), ends: make(chan net.Conn, 1), ended: make(chan error, 1)}
	ctx, cancel := context.WithCancel(t.Context())
	b.cancel = cancel
	t.Cleanup(cancel)
	go func() { b.ended <- relay.Run(ctx, b.config()) }()
	return b
}

func (b *bench) config() relay.Config {
	return relay.Config{
		Source: b.table,
		Dial: func(context.Context) (net.Conn, error) {
			near, far := net.Pipe()
			b.ends <- far
			return near, nil
		},
		Record: func(card pcsc.Card) (relay.Journal, error) {
			return trace.NewRecorder(card, &b.text, trace.Options{Redact: trace.RevealAll})
		},
	}
}

// end returns the reader's end of the connection on which the card is served.
func (b *bench) end(t *testing.T) net.Conn {
	t.Helper()
	select {
	case conn := <-b.ends:
		t.Cleanup(func() { _ = conn.Close() })
		return conn
	case err := <-b.ended:
		t.Fatalf("the relay has ended: %v", err)
	case <-time.After(time.Minute):
		t.Fatal("the relay doesn't lay the card on the reader")
	}
	return nil
}

// over returns what Run returned and what was recorded until then, without the header.
func (b *bench) over(t *testing.T) (recorded string, err error) {
	t.Helper()
	select {
	case err = <-b.ended:
	case <-time.After(time.Minute):
		t.Fatal("the relay doesn't end")
	}
	const header = trace.Magic + "\natr: 3B 80 80 01 01\nprotocol: T=1\n"
	text, found := bytes.CutPrefix(b.text.Bytes(), []byte(header))
	if !found {
		t.Errorf("the recording has another header:\n%s", b.text.String())
	}
	return string(text), err
}
