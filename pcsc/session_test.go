package pcsc_test

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
)

// unhex decodes spaced hexadecimal.
func unhex(t testing.TB, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(strings.ReplaceAll(s, " ", ""))
	if err != nil {
		t.Fatalf("test row %q: %v", s, err)
	}
	return b
}

// answers is a card that gives one answer after the other and keeps what it was sent.
type answers struct {
	list   [][]byte
	sent   []string
	closed bool
}

func (a *answers) ATR() []byte                 { return []byte{0x3B, 0x00} }
func (a *answers) Protocol() pcsc.Protocol     { return pcsc.ProtocolT0 }
func (a *answers) Reset(context.Context) error { return nil }
func (a *answers) Close() error                { a.closed = true; return nil }

func (a *answers) Transmit(_ context.Context, command []byte) ([]byte, error) {
	a.sent = append(a.sent, shorten(command))
	if len(a.list) == 0 {
		return nil, &pcsc.Error{Op: "transmitting", Err: pcsc.ErrCardRemoved}
	}
	answer := a.list[0]
	a.list = a.list[1:]
	return answer, nil
}

// shorten writes a command for a test row: long data as its length.
func shorten(command []byte) string {
	if len(command) < 16 {
		return fmt.Sprintf("% X", command)
	}
	return fmt.Sprintf("% X…%d", command[:7], len(command))
}

func TestExchange(t *testing.T) {
	long := bytes.Repeat([]byte{0xDA}, 300)
	get := apdu.Command{CLA: 0x80, INS: 0xCA, Ne: 256}
	for _, row := range []struct {
		name    string
		options pcsc.Options
		command apdu.Command
		answers string // hexadecimal, separated by bars
		sent    []string
		err     error
		data    string
		sw      apdu.SW
	}{
		{
			name: "a refusal", command: get, answers: "6A 82",
			sent: []string{"80 CA 00 00 00"}, err: apdu.SWFileNotFound, sw: 0x6A82,
		},
		{
			name: "6Cxx in answer to the second try", command: get, answers: "6C 02|6C 03",
			sent: []string{"80 CA 00 00 00", "80 CA 00 00 02"}, err: apdu.SW(0x6C03), sw: 0x6C03,
		},
		{
			name: "6Cxx twice in answer to GET RESPONSE", command: get, answers: "61 02|6C 01|6C 01",
			sent: []string{"80 CA 00 00 00", "00 C0 00 00 02", "00 C0 00 00 01"},
			err:  apdu.SW(0x6C01), sw: 0x6C01,
		},
		{
			name: "61xx without data in answer to GET RESPONSE", command: get, answers: "61 02|61 02",
			sent: []string{"80 CA 00 00 00", "00 C0 00 00 02"}, err: pcsc.ErrBadAnswer,
		},
		{
			name: "an error after half the data", command: get, answers: "61 02|01 61 01|6F 00",
			sent: []string{"80 CA 00 00 00", "00 C0 00 00 02", "00 C0 00 00 01"},
			err:  apdu.SWUnknown, data: "01", sw: 0x6F00,
		},
		{
			name: "a link that is refused", command: apdu.Command{INS: 0xE2, Data: long},
			answers: "68 84", sent: []string{"10 E2 00 00 FF DA DA…260"},
			err: apdu.SWChainingNotSupported, sw: 0x6884,
		},
		{
			name: "a link that is answered with a warning", command: apdu.Command{INS: 0xE2, Data: long},
			answers: "62 00", sent: []string{"10 E2 00 00 FF DA DA…260"},
			err: apdu.SWWarning, sw: 0x6200,
		},
		{
			name: "a link that is answered with data", command: apdu.Command{INS: 0xE2, Data: long},
			answers: "01 90 00", sent: []string{"10 E2 00 00 FF DA DA…260"}, err: pcsc.ErrBadAnswer,
		},
		{
			name: "a chain in a class without chaining", err: pcsc.ErrBadCommand,
			command: apdu.Command{CLA: 0xA0, INS: 0xE2, Data: long},
		},
		{
			name: "a chain whose class would become FF", err: pcsc.ErrBadCommand,
			command: apdu.Command{CLA: 0xEF, INS: 0xE2, Data: long},
		},
		{
			name: "more data than an extended Lc codes", err: pcsc.ErrBadCommand,
			command: apdu.Command{INS: 0xE2, Data: make([]byte, 65536)},
		},
		{
			name: "an Ne that no Le codes, after data for a chain", err: pcsc.ErrBadCommand,
			command: apdu.Command{INS: 0xE2, Data: long, Ne: 65537},
		},
		{
			name: "an answer of one byte", command: get, answers: "90",
			sent: []string{"80 CA 00 00 00"}, err: pcsc.ErrBadAnswer,
		},
		{
			name: "an error of the connection", command: get, answers: "",
			sent: []string{"80 CA 00 00 00"}, err: pcsc.ErrCardRemoved,
		},
		{
			name: "9000", command: get, answers: "AB CD 90 00",
			sent: []string{"80 CA 00 00 00"}, data: "AB CD", sw: 0x9000,
		},
		{
			name: "a warning with data", command: get, answers: "AB 62 82",
			sent: []string{"80 CA 00 00 00"}, data: "AB", sw: 0x6282,
		},
		{
			name: "6Cxx, then the answer", command: get, answers: "6C 02|AB CD 90 00",
			sent: []string{"80 CA 00 00 00", "80 CA 00 00 02"}, data: "AB CD", sw: 0x9000,
		},
		{
			name: "61xx behind data, then 6Cxx, then the rest", command: get,
			answers: "01 61 03|6C 02|02 03 90 00",
			sent:    []string{"80 CA 00 00 00", "00 C0 00 00 03", "00 C0 00 00 02"},
			data:    "01 02 03", sw: 0x9000,
		},
		{
			name: "6Cxx, then 61xx", command: get, answers: "6C 05|61 02|01 02 90 00",
			sent: []string{"80 CA 00 00 00", "80 CA 00 00 05", "00 C0 00 00 02"},
			data: "01 02", sw: 0x9000,
		},
		{
			name: "61xx on logical channel 2 under secure messaging", answers: "61 01|01 90 00",
			command: apdu.Command{CLA: 0x8E, INS: 0xCA, Ne: 256},
			sent:    []string{"8E CA 00 00 00", "02 C0 00 00 01"}, data: "01", sw: 0x9000,
		},
		{
			name: "300 bytes as a chain", command: apdu.Command{INS: 0xE2, P1: 1, Data: long, Ne: 9},
			answers: "90 00|AA 90 00",
			sent:    []string{"10 E2 01 00 FF DA DA…260", "00 E2 01 00 2D DA DA…51"},
			data:    "AA", sw: 0x9000,
		},
		{
			name: "a chain in links of 100, the last sent again", options: pcsc.Options{ChunkLen: 100},
			command: apdu.Command{CLA: 0x80, INS: 0xE2, Data: long[:201], Ne: 4},
			answers: "90 00|90 00|6C 01|AA 90 00",
			sent: []string{
				"90 E2 00 00 64 DA DA…105", "90 E2 00 00 64 DA DA…105",
				"80 E2 00 00 01 DA 04", "80 E2 00 00 01 DA 01",
			},
			data: "AA", sw: 0x9000,
		},
		{
			name: "a link length out of range", options: pcsc.Options{ChunkLen: 256},
			command: apdu.Command{INS: 0xE2, Data: long[:255]}, answers: "90 00",
			sent: []string{"00 E2 00 00 FF DA DA…260"}, sw: 0x9000,
		},
		{
			name: "a long Ne without extended length", command: apdu.Command{INS: 0xB0, Ne: 65536},
			answers: "01 90 00", sent: []string{"00 B0 00 00 00"}, data: "01", sw: 0x9000,
		},
		{
			name: "300 bytes in extended length", options: pcsc.Options{Extended: true},
			command: apdu.Command{INS: 0xE2, Data: long, Ne: 65536}, answers: "01 90 00",
			sent: []string{"00 E2 00 00 00 01 2C…309"}, data: "01", sw: 0x9000,
		},
	} {
		t.Run(row.name, func(t *testing.T) {
			card := &answers{}
			for part := range strings.SplitSeq(row.answers, "|") {
				if part != "" {
					card.list = append(card.list, unhex(t, part))
				}
			}
			got, err := pcsc.NewSessionWith(card, row.options).Exchange(t.Context(), row.command)
			if !errors.Is(err, row.err) {
				t.Errorf("Exchange: got %v, want %v", err, row.err)
			}
			if diff := cmp.Diff(row.sent, card.sent); diff != "" {
				t.Errorf("commands (-want +got):\n%s", diff)
			}
			if want := unhex(t, row.data); !bytes.Equal(got.Data, want) || got.SW != row.sw {
				t.Errorf("response: got % X %s, want % X %s", got.Data, got.SW, want, row.sw)
			}
		})
	}
}

// endless always announces more and always gives some.
type endless struct {
	answers
	count, step int
}

func (e *endless) Transmit(context.Context, []byte) ([]byte, error) {
	e.count++
	return append(make([]byte, e.step), 0x61, 0x00), nil
}

func TestExchangeEndsAnEndlessAnswer(t *testing.T) {
	card := &endless{step: 255}
	_, err := pcsc.NewSession(card).Exchange(t.Context(), apdu.Command{INS: 0xCA, Ne: 256})
	if !errors.Is(err, pcsc.ErrBadAnswer) {
		t.Errorf("Exchange: got %v, want ErrBadAnswer", err)
	}
	if most := pcsc.MaxCollected/card.step + 2; card.count > most {
		t.Errorf("asked %d times, want at most %d", card.count, most)
	}
}

func TestExchangeLooksAtTheContextBeforeEachAPDU(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	card := &cancelling{answers: answers{list: [][]byte{{0x61, 0x01}, {1, 0x90, 0}}}, cancel: cancel}
	_, err := pcsc.NewSession(card).Exchange(ctx, apdu.Command{INS: 0xCA, Ne: 256})
	var failure *pcsc.Error
	if !errors.Is(err, context.Canceled) || !errors.As(err, &failure) {
		t.Errorf("Exchange: got %v, want a *pcsc.Error around context.Canceled", err)
	}
	if len(card.sent) != 1 {
		t.Errorf("sent %q after the cancellation", card.sent[1:])
	}
}

// cancelling cancels its caller's context with the first answer.
type cancelling struct {
	answers
	cancel context.CancelFunc
}

func (c *cancelling) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	c.cancel()
	return c.answers.Transmit(ctx, command)
}

func TestSessionHandsOutAndClosesItsCard(t *testing.T) {
	card := &answers{}
	session := pcsc.NewSession(card)
	if session.Card() != pcsc.Card(card) {
		t.Errorf("Card: got %v, want the card of the session", session.Card())
	}
	if err := session.Close(); err != nil || !card.closed {
		t.Errorf("Close: got %v, card closed: %t", err, card.closed)
	}
}

func TestCounterCountsWhatPasses(t *testing.T) {
	counter := pcsc.NewCounter(&answers{list: [][]byte{{1, 2, 0x90, 0}}})
	if _, err := counter.Transmit(t.Context(), make([]byte, 5)); err != nil {
		t.Fatal(err)
	}
	if _, err := counter.Transmit(t.Context(), make([]byte, 4)); err == nil {
		t.Error("the card's error was swallowed")
	}
	if counter.APDUs != 2 || counter.Sent != 9 || counter.Received != 4 {
		t.Errorf("got %d APDUs, %d and %d bytes", counter.APDUs, counter.Sent, counter.Received)
	}
}
