package vpcd_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/vpcd"
)

// say writes text to conn and then, if that is wanted, closes it.
func say(conn net.Conn, text string, leave bool) {
	_, _ = io.WriteString(conn, text)
	if leave {
		_ = conn.Close()
	}
}

const atrFrame = "\x00\x03\x3B\x81\x01"

func TestOpenRefusesWhatIsNoCard(t *testing.T) {
	tests := []struct {
		name, answer string
		leaves       bool
		want         error
	}{
		{"leaves at once", "", true, pcsc.ErrCardRemoved},
		{"leaves within its ATR", "\x00\x03\x3B", true, pcsc.ErrCardRemoved},
		{"an empty ATR", "\x00\x00", false, pcsc.ErrCardRemoved},
		{"an ATR of one byte", "\x00\x01\x3B", false, pcsc.ErrBadAnswer},
		{"an ATR of 34 bytes", "\x00\x22" + string(make([]byte, 34)), false, pcsc.ErrBadAnswer},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			conn, far := tcpPair(t)
			say(far, test.answer, test.leaves)
			card, err := vpcd.Open(t.Context(), conn, "test")
			if card != nil {
				t.Error("a card, want none")
			}
			checkError(t, err, test.want)
			if _, err := conn.Read(make([]byte, 1)); !errors.Is(err, net.ErrClosed) {
				t.Errorf("the connection is left open: %v", err)
			}
		})
	}
}

func TestOpenIsCancelled(t *testing.T) {
	conn, far := tcpPair(t)
	ctx, cancel := cancellable(t)
	opened := running(func() error {
		_, err := vpcd.Open(ctx, conn, "test")
		return err
	})
	// On and the question for the ATR have come: Open waits for a silent card.
	if _, err := io.ReadFull(far, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	cancel()
	checkError(t, <-opened, context.Canceled)
}

// open returns a card whose other end is in the test's hands.
func open(t *testing.T) (*vpcd.Card, net.Conn) {
	t.Helper()
	conn, far := tcpPair(t)
	say(far, atrFrame, false)
	card, err := vpcd.Open(t.Context(), conn, "test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(far, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	return card, far
}

func TestTransmitJudgesAnswers(t *testing.T) {
	tests := []struct {
		name, answer string
		leaves       bool
		want, later  error
	}{
		{"leaves", "", true, pcsc.ErrCardRemoved, pcsc.ErrCardRemoved},
		{"leaves within a length", "\x00", true, pcsc.ErrCardRemoved, pcsc.ErrCardRemoved},
		{
			"leaves within an answer", "\x00\x02\x90", true, pcsc.ErrCardRemoved,
			pcsc.ErrCardRemoved,
		},
		{"an empty answer", "\x00\x00", false, pcsc.ErrCardRemoved, pcsc.ErrCardRemoved},
		{"an answer of one byte", "\x00\x01\x90", false, pcsc.ErrBadAnswer, nil},
		{"an answer of two bytes", "\x00\x02\x90\x00", false, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			card, far := open(t)
			say(far, test.answer, test.leaves)
			answer, err := card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0})
			if test.want == nil {
				if err != nil || !bytes.Equal(answer, []byte{0x90, 0}) {
					t.Errorf("got % X, %v, want 90 00", answer, err)
				}
			} else {
				checkError(t, err, test.want)
			}
			say(far, "\x00\x02\x90\x00", false)
			_, err = card.Transmit(t.Context(), []byte{0, 0xA4, 4, 0})
			if !errors.Is(err, test.later) {
				t.Errorf("the next command: got %v, want %v", err, test.later)
			}
		})
	}
}

func TestTransmitKeepsCommandsFromTheCard(t *testing.T) {
	tests := []struct {
		name   string
		length int
		want   error
	}{
		{"empty", 0, pcsc.ErrBadCommand},
		{"a control", 1, pcsc.ErrBadCommand},
		{"short of a header", 3, pcsc.ErrBadCommand},
		{"longer than a frame", vpcd.MaxPayload + 1, pcsc.ErrNotSupported},
		{"longer than an extended APDU", apdu.MaxCommand + 1, pcsc.ErrBadCommand},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			card, far := open(t)
			_, err := card.Transmit(t.Context(), make([]byte, test.length))
			checkError(t, err, test.want)
			if err := card.Close(); err != nil {
				t.Fatal(err)
			}
			rest, err := io.ReadAll(far)
			if err != nil || !bytes.Equal(rest, []byte{0, 1, 0}) {
				t.Errorf("the card got % X, %v, want its power taken away only", rest, err)
			}
		})
	}
}

func TestCancelledTransmitEndsTheConnection(t *testing.T) {
	card, far := open(t)
	ctx, cancel := cancellable(t)
	transmitted := running(func() error {
		_, err := card.Transmit(ctx, []byte{0, 0xA4, 4, 0})
		return err
	})
	if _, err := io.ReadFull(far, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	cancel()
	checkError(t, <-transmitted, context.Canceled)
	checkError(t, card.Reset(t.Context()), pcsc.ErrClosed)
	if _, err := far.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the card got %v, want the connection's end", err)
	}
}

func TestCloseInterruptsTransmit(t *testing.T) {
	card, far := open(t)
	transmitted := running(func() error {
		_, err := card.Transmit(context.Background(), []byte{0, 0xA4, 4, 0})
		return err
	})
	if _, err := io.ReadFull(far, make([]byte, 6)); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := card.Close(); err != nil {
			t.Fatal(err)
		}
	}
	checkError(t, <-transmitted, pcsc.ErrClosed)
}

func TestClosedAfterRemoval(t *testing.T) {
	card, far := open(t)
	_ = far.Close()
	checkError(t, card.Reset(t.Context()), pcsc.ErrCardRemoved)
	if err := card.Close(); err != nil {
		t.Fatal(err)
	}
	checkError(t, card.Reset(t.Context()), pcsc.ErrClosed)
}
