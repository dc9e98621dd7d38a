package vpcd_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
	"tapbench/pcsc/vpcd"
)

func TestServeAnswersFrames(t *testing.T) {
	long := bytes.Repeat([]byte{0x5A}, vpcd.MaxPayload-2)
	tests := []struct {
		name    string
		stream  string
		process func([]byte) []byte
		answers string
		story   []string
		err     error
	}{
		{
			"the reader leaves at once", "", nil, "", nil, pcsc.ErrNoReader,
		},
		{
			"the reader leaves within a frame", "\x00\x05\x00", nil, "", nil, pcsc.ErrNoReader,
		},
		{
			"an empty frame", "\x00\x00", nil, "", nil, pcsc.ErrComm,
		},
		{
			"an empty answer", "\x00\x01\x01\x00\x04\x00\xA4\x04\x00",
			func([]byte) []byte { return nil },
			"\x00\x00",
			[]string{"on", "command", "off"},
			pcsc.ErrCardRemoved,
		},
		{
			"an answer too long for a frame", "\x00\x01\x01\x00\x04\x00\xA4\x04\x00",
			func([]byte) []byte { return make([]byte, vpcd.MaxPayload+1) },
			"",
			[]string{"on", "command", "off"},
			pcsc.ErrBadAnswer,
		},
		{
			"an answer of one byte passes", "\x00\x04\x00\xA4\x04\x00",
			func([]byte) []byte { return []byte{0x90} },
			"\x00\x01\x90",
			[]string{"command"},
			pcsc.ErrNoReader,
		},
		{
			"the longest answer", "\x00\x04\x00\xA4\x04\x00",
			func([]byte) []byte { return append(bytes.Clone(long), 0x90, 0x00) },
			"\xFF\xFF" + string(long) + "\x90\x00",
			[]string{"command"},
			pcsc.ErrNoReader,
		},
		{
			"an unknown control", "\x00\x01\x03", nil,
			"\x00\x02\x67\x00", nil, pcsc.ErrNoReader,
		},
		{
			"a command without a whole header", "\x00\x03\x00\xA4\x04", nil,
			"\x00\x02\x67\x00", nil, pcsc.ErrNoReader,
		},
		{
			"the ATR, asked without an effect", "\x00\x01\x04\x00\x01\x04", nil,
			"\x00\x03\x3B\x81\x01\x00\x03\x3B\x81\x01", nil, pcsc.ErrNoReader,
		},
		{
			"power and reset have no answer",
			"\x00\x01\x01\x00\x01\x01\x00\x01\x02\x00\x01\x00\x00\x01\x00\x00\x01\x01", nil,
			"",
			[]string{"on", "reset", "off", "on", "off"},
			pcsc.ErrNoReader,
		},
		{
			"a command reaches the card as it is", "\x00\x05\x80\xCA\x00\x00\x02",
			func(command []byte) []byte { return command },
			"\x00\x05\x80\xCA\x00\x00\x02",
			[]string{"command"},
			pcsc.ErrNoReader,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			card := &fakeCard{process: test.process}
			reader, conn := tcpPair(t)
			served := running(func() error { return vpcd.Serve(t.Context(), conn, card) })
			if _, err := io.WriteString(reader, test.stream); err != nil {
				t.Fatal(err)
			}
			if err := reader.(*net.TCPConn).CloseWrite(); err != nil {
				t.Fatal(err)
			}
			answers, err := io.ReadAll(reader)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff([]byte(test.answers), answers); diff != "" {
				t.Errorf("answers (-want +got)\n%s", diff)
			}
			checkError(t, <-served, test.err)
			if diff := cmp.Diff(test.story, card.story()); diff != "" {
				t.Errorf("what happened to the card (-want +got)\n%s", diff)
			}
		})
	}
}

// checkError fails the test unless err is a *pcsc.Error that wraps want.
func checkError(tb testing.TB, err, want error) {
	tb.Helper()
	var transport *pcsc.Error
	if !errors.Is(err, want) || !errors.As(err, &transport) {
		tb.Errorf("got %v (%T), want a *pcsc.Error that wraps %v", err, err, want)
	}
}

func TestServeWithCancelledContext(t *testing.T) {
	ctx, cancel := cancellable(t)
	cancel()
	card := &fakeCard{}
	_, conn := tcpPair(t)
	checkError(t, vpcd.Serve(ctx, conn, card), context.Canceled)
	if story := card.story(); len(story) > 0 {
		t.Errorf("the card saw %v, want nothing", story)
	}
}

func TestServeTakesTheCardAwayBetweenCommands(t *testing.T) {
	ctx, cancel := cancellable(t)
	card := &fakeCard{}
	reader, conn := tcpPair(t)
	served := running(func() error { return vpcd.Serve(ctx, conn, card) })
	if _, err := reader.Write([]byte{0, 1, 1, 0, 1, 4}); err != nil {
		t.Fatal(err)
	}
	if _, err := io.ReadFull(reader, make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	cancel()
	if _, err := reader.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the reader got %v, want %v", err, io.EOF)
	}
	checkError(t, <-served, context.Canceled)
	if diff := cmp.Diff([]string{"on", "off"}, card.story()); diff != "" {
		t.Errorf("what happened to the card (-want +got)\n%s", diff)
	}
}

func TestServeTakesTheCardAwayWithinACommand(t *testing.T) {
	ctx, cancel := cancellable(t)
	within, finish := make(chan struct{}), make(chan struct{})
	card := &fakeCard{process: func([]byte) []byte {
		close(within)
		<-finish
		return []byte{0x90, 0x00}
	}}
	reader, conn := tcpPair(t)
	served := running(func() error { return vpcd.Serve(ctx, conn, card) })
	// A second command is on its way already: the card must not see it.
	stream := "\x00\x01\x01" + "\x00\x04\x00\xA4\x04\x00" + "\x00\x04\x00\xB0\x00\x00"
	if _, err := io.WriteString(reader, stream); err != nil {
		t.Fatal(err)
	}
	<-within
	cancel()
	// The reader is told at once, not when the command ends.
	if n, err := reader.Read(make([]byte, 1)); n > 0 || err == nil {
		t.Errorf("the reader got %d bytes, %v, want the connection's end", n, err)
	}
	select {
	case err := <-served:
		t.Fatalf("served until %v while the card was still busy", err)
	default:
	}
	close(finish)
	checkError(t, <-served, context.Canceled)
	if diff := cmp.Diff([]string{"on", "command", "off"}, card.story()); diff != "" {
		t.Errorf("what happened to the card (-want +got)\n%s", diff)
	}
}

// FuzzServe sends any bytes to a card. Whatever they are, the card answers each command and each
// question for the ATR with one frame, and has no power in the end.
func FuzzServe(f *testing.F) {
	for _, seed := range []string{
		"", "\x00\x00", "\x00\x01\x01\x00\x01\x04", "\x00\x01\x02\x00\x04\x00\xA4\x04\x00",
		"\x00\x01\x07", "\xFF\xFF\x00\xA4",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, stream []byte) {
		want, commands := expectedAnswers(stream)
		card := &fakeCard{}
		conn := &scriptedConn{Reader: bytes.NewReader(stream)}
		if err := vpcd.Serve(t.Context(), conn, card); err == nil {
			t.Fatal("serving ended without an error")
		}
		if got := conn.written.Len(); got != want {
			t.Errorf("answered % X with %d bytes, want %d", stream, got, want)
		}
		counts := make(map[string]int)
		for _, event := range card.story() {
			counts[event]++
		}
		if counts["on"] != counts["off"] || counts["command"] != commands {
			t.Errorf("% X: the card saw %v, want as many off as on and %d commands", stream,
				counts, commands)
		}
	})
}

// expectedAnswers returns how many bytes answer a stream, and how many commands are in it.
func expectedAnswers(stream []byte) (answerLen, commands int) {
	for len(stream) >= 2 {
		length := int(binary.BigEndian.Uint16(stream))
		if length == 0 || len(stream) < 2+length {
			break
		}
		switch control := stream[2]; {
		case length == 1 && control == 4:
			answerLen += 2 + len((&fakeCard{}).ATR())
		case length > 1 || control > 2:
			answerLen += 2 + 2
		}
		if length >= 4 {
			commands++
		}
		stream = stream[2+length:]
	}
	return answerLen, commands
}

// scriptedConn reads from a script and keeps what is written.
type scriptedConn struct {
	net.Conn
	io.Reader
	written bytes.Buffer
}

func (c *scriptedConn) Read(p []byte) (int, error)  { return c.Reader.Read(p) }
func (c *scriptedConn) Write(p []byte) (int, error) { return c.written.Write(p) }
func (c *scriptedConn) Close() error                { return nil }
