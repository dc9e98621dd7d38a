package relay_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
	"tapbench/pcsc/relay"
	"tapbench/pcsc/trace"
	"tapbench/pcsc/vpcd"
)

// open is a reader's power-on and question for the ATR.
func open(t *testing.T, conn net.Conn) *vpcd.Card {
	t.Helper()
	card, err := vpcd.Open(t.Context(), conn, "virtual")
	if err != nil {
		t.Fatal(err)
	}
	return card
}

// ask sends a command of four bytes that differ by its INS, and expects an answer.
func ask(t *testing.T, card pcsc.Card, ins byte) {
	t.Helper()
	if _, err := card.Transmit(t.Context(), []byte{0x00, ins, 0x00, 0x00}); err != nil {
		t.Fatalf("command %02X: %v", ins, err)
	}
}

func TestRunPassesOnAndRecords(t *testing.T) {
	b := start(t)
	p := plain()
	p.process = func(command []byte) []byte { return append(bytes.Clone(command), 0x90, 0x00) }
	b.table.laid <- p
	card := open(t, b.end(t))
	if got := card.ATR(); !bytes.Equal(got, p.atr) {
		t.Errorf("ATR: got % X, want % X", got, p.atr)
	}
	answer, err := card.Transmit(t.Context(), []byte{0x00, 0xCA, 0x01, 0x02})
	if want := []byte{0x00, 0xCA, 0x01, 0x02, 0x90, 0x00}; err != nil || !bytes.Equal(answer, want) {
		t.Errorf("got % X, %v; want % X", answer, err, want)
	}
	for range 2 {
		if err := card.Reset(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	ask(t, card, 0xCB)
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	got, err := b.over(t)
	if !errors.Is(err, pcsc.ErrNoReader) {
		t.Errorf("the reader has gone: got %v, want ErrNoReader", err)
	}
	want := "> 00 CA 01 02\n< 00 CA 01 02 90 00\nreset\nreset\n> 00 CB 00 00\n< 00 CB 00 00 90 00\n"
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// TestPowerIsPassedOnAsAReset speaks for the reader byte by byte: what power means is seen in the
// recording alone.
func TestPowerIsPassedOnAsAReset(t *testing.T) {
	const off, on, reset = 0x00, 0x01, 0x02
	for _, row := range []struct {
		name   string
		frames []byte // a control, or 0xCA for a command
		want   string
	}{
		{"nothing", nil, ""},
		{"on", []byte{on}, ""},
		{"on twice", []byte{on, on}, ""},
		{"off and on, unused", []byte{on, off, on}, ""},
		{"off after a command", []byte{on, 0xCA, off}, command},
		{"off and on after a command", []byte{on, 0xCA, off, on, 0xCA}, command + "reset\n" + command},
		{"off and on after a reset", []byte{on, 0xCA, reset, off, on}, command + "reset\n"},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := start(t)
			b.table.laid <- plain()
			conn := b.end(t)
			for _, frame := range append(row.frames, 0x04) { // an answered one is last
				payload := []byte{frame}
				if frame == 0xCA {
					payload = []byte{0x00, 0xCA, 0x00, 0x00}
				}
				if _, err := conn.Write(append([]byte{0, byte(len(payload))}, payload...)); err != nil {
					t.Fatal(err)
				}
				if frame == 0xCA || frame == 0x04 {
					answer := make([]byte, 256)
					if _, err := conn.Read(answer); err != nil {
						t.Fatal(err)
					}
				}
			}
			b.cancel()
			got, err := b.over(t)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v, want the context's error", err)
			}
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const command = "> 00 CA 00 00\n< 90 00\n"

func TestACardLeavesAndComesBack(t *testing.T) {
	b := start(t)
	b.table.laid <- plain()
	card := open(t, b.end(t))
	ask(t, card, 0xCA)
	b.table.lift()
	_, err := card.Transmit(t.Context(), []byte{0, 0xCA, 0, 0})
	if !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Errorf("lifted: got %v, want ErrCardRemoved", err)
	}
	b.table.laid <- plain()
	ask(t, open(t, b.end(t)), 0xCA)
	b.cancel()
	got, _ := b.over(t)
	// The command after the lifting may or may not have been on its way.
	lost := "> 00 CA 00 00\n! removed\n"
	want := command + "remove\ninsert\n" + command
	if got != want && got != command+lost+"remove\ninsert\n"+command {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestACardLeavesWithinACommand(t *testing.T) {
	b := start(t)
	p, within, release := plain(), make(chan struct{}), make(chan struct{})
	p.process = func([]byte) []byte {
		close(within)
		<-release
		return []byte{0x90, 0x00}
	}
	b.table.laid <- p
	card := open(t, b.end(t))
	go func() {
		<-within
		b.table.lift()
		close(release)
	}()
	_, err := card.Transmit(t.Context(), []byte{0, 0xCA, 0, 0})
	if !errors.Is(err, pcsc.ErrCardRemoved) {
		t.Errorf("got %v, want ErrCardRemoved", err)
	}
	b.table.laid <- plain()
	ask(t, open(t, b.end(t)), 0xCA)
	b.cancel()
	got, _ := b.over(t)
	if diff := cmp.Diff("> 00 CA 00 00\n! removed\nremove\ninsert\n"+command, got); diff != "" {
		t.Error(diff)
	}
}

func TestAnotherCardEndsTheRecording(t *testing.T) {
	b := start(t)
	b.table.laid <- plain()
	ask(t, open(t, b.end(t)), 0xCA)
	b.table.lift()
	b.table.laid <- &card{atr: []byte{0x3B, 0x00}}
	got, err := b.over(t)
	if !errors.Is(err, relay.ErrOtherCard) {
		t.Errorf("got %v, want ErrOtherCard", err)
	}
	if diff := cmp.Diff(command+"remove\n", got); diff != "" {
		t.Error(diff)
	}
}

// source is a relay.Source that does what its functions say.
type source struct {
	await func(context.Context) (pcsc.Card, error)
	gone  func(context.Context) error
}

func (s source) Await(ctx context.Context) (pcsc.Card, error) { return s.await(ctx) }
func (s source) Gone(ctx context.Context) error               { return s.gone(ctx) }

func TestRunReturnsWhatFailed(t *testing.T) {
	fault := errors.New("fault")
	lies := func(context.Context) (pcsc.Card, error) { return pcsc.NewDirect(plain()), nil }
	stays := func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	}
	dial := func(context.Context) (net.Conn, error) {
		near, far := net.Pipe()
		t.Cleanup(func() { _ = far.Close() })
		return near, nil
	}
	for _, row := range []struct {
		name   string
		config relay.Config
	}{
		{"no card to be had", relay.Config{Source: source{
			await: func(context.Context) (pcsc.Card, error) { return nil, fault },
		}}},
		{"no virtual reader", relay.Config{
			Source: source{await: lies, gone: stays},
			Dial:   func(context.Context) (net.Conn, error) { return nil, fault },
		}},
		{"no recording", relay.Config{
			Source: source{await: lies, gone: stays}, Dial: dial,
			Record: func(pcsc.Card) (relay.Journal, error) { return nil, fault },
		}},
		{"the other reader's service gone", relay.Config{
			Source: source{await: lies, gone: func(context.Context) error { return fault }}, Dial: dial,
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			if err := relay.Run(t.Context(), row.config); !errors.Is(err, fault) {
				t.Errorf("got %v, want the fault", err)
			}
		})
	}
}

func TestAFaultOfTheCardThatNoReturnMends(t *testing.T) {
	for _, row := range []struct {
		name  string
		cause error
		again bool // the relay looks for the card again
	}{
		{"its service has gone", pcsc.ErrNoService, false},
		{"another program took it", pcsc.ErrSharing, false},
		{"it lost its signal", pcsc.ErrComm, true},
		{"it answered one byte", pcsc.ErrBadAnswer, true},
	} {
		t.Run(row.name, func(t *testing.T) {
			ends, asked := make(chan net.Conn, 2), 0
			ended := make(chan error, 1)
			go func() {
				ended <- relay.Run(t.Context(), relay.Config{
					Source: source{
						await: func(ctx context.Context) (pcsc.Card, error) {
							if asked++; asked > 1 {
								return nil, errAgain
							}
							return broken{pcsc.NewDirect(plain()), row.cause}, nil
						},
						gone: func(ctx context.Context) error {
							<-ctx.Done()
							return ctx.Err()
						},
					},
					Dial: func(context.Context) (net.Conn, error) {
						near, far := net.Pipe()
						ends <- far
						return near, nil
					},
				})
			}()
			card := open(t, <-ends)
			_, err := card.Transmit(t.Context(), []byte{0, 0xCA, 0, 0})
			if !errors.Is(err, pcsc.ErrCardRemoved) {
				t.Errorf("the program got %v, want ErrCardRemoved", err)
			}
			want := row.cause
			if row.again {
				want = errAgain
			}
			if err := <-ended; !errors.Is(err, want) {
				t.Errorf("got %v, want %v", err, want)
			}
		})
	}
}

var errAgain = errors.New("asked for the card again")

// broken is a card that answers every command with a failure.
type broken struct {
	pcsc.Card
	cause error
}

func (b broken) Transmit(context.Context, []byte) ([]byte, error) {
	return nil, &pcsc.Error{Op: "transmitting", Err: b.cause}
}

var _ relay.Journal = (*trace.Recorder)(nil)
