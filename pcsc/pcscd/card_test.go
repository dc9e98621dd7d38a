//go:build cgo

package pcscd_test

import (
	"bytes"
	"context"
	"os"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/apdu"
	"tapbench/pcsc/pcscd"
	"tapbench/pcsc/vpcd"
)

// selecting is a command like any other.
var selecting = []byte{0x00, 0xA4, 0x04, 0x00}

func TestConnectRefuses(t *testing.T) {
	d := service(t)
	client := open(t, d)
	empty := freeSlot(t)
	awaitReader(t, client, d.ReaderName(empty), false)
	t14 := lay(t, d, freeSlot(t), &fakeCard{atr: []byte{0x3B, 0x80, 0x0E}})
	taken := lay(t, d, freeSlot(t), &fakeCard{})
	connect(t, client, taken, pcscd.ConnectOptions{Exclusive: true})
	shared := lay(t, d, freeSlot(t), &fakeCard{})
	connect(t, client, shared, pcscd.ConnectOptions{})
	tests := []struct {
		name, reader string
		options      pcscd.ConnectOptions
		want         error
	}{
		{"no name", "", pcscd.ConnectOptions{}, pcsc.ErrNoReader},
		{"a NUL in the name", "one 00 00\x00", pcscd.ConnectOptions{}, pcsc.ErrNoReader},
		{"no such reader", "none 00 00", pcscd.ConnectOptions{}, pcsc.ErrNoReader},
		{"a reader without a card", d.ReaderName(empty), pcscd.ConnectOptions{}, pcsc.ErrNoCard},
		{"a card of another protocol", t14.reader, pcscd.ConnectOptions{}, pcsc.ErrNotSupported},
		{"taken exclusively", taken.reader, pcscd.ConnectOptions{}, pcsc.ErrSharing},
		{
			"exclusively, while shared", shared.reader,
			pcscd.ConnectOptions{Exclusive: true},
			pcsc.ErrSharing,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			card, err := client.Connect(t.Context(), test.reader, test.options)
			if card != nil {
				t.Error("a card, want none")
			}
			checkError(t, err, test.want)
		})
	}
}

func TestProtocols(t *testing.T) {
	d := service(t)
	client := open(t, d)
	for name, test := range map[string]struct {
		atr  []byte
		want pcsc.Protocol
	}{
		"T=0": {[]byte{0x3B, 0x00}, pcsc.ProtocolT0},
		"T=1": {[]byte{0x3B, 0x80, 0x80, 0x01, 0x01}, pcsc.ProtocolT1},
	} {
		t.Run(name, func(t *testing.T) {
			card := connect(t, client, lay(t, d, freeSlot(t), &fakeCard{atr: test.atr}),
				pcscd.ConnectOptions{})
			if card.Protocol() != test.want || !bytes.Equal(card.ATR(), test.atr) {
				t.Errorf("got %v, ATR % X, want %v, % X",
					card.Protocol(), card.ATR(), test.want, test.atr)
			}
			if _, err := card.Transmit(t.Context(), selecting); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestTransmitKeepsCommandsFromTheCard(t *testing.T) {
	d := service(t)
	l := lay(t, d, freeSlot(t), &fakeCard{})
	card := connect(t, open(t, d), l, pcscd.ConnectOptions{})
	for name, length := range map[string]int{
		"nothing": 0, "a header cut short": 3, "longer than an extended APDU": apdu.MaxCommand + 1,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := card.Transmit(t.Context(), make([]byte, length))
			checkError(t, err, pcsc.ErrBadCommand)
		})
	}
	if n := l.card.count("command"); n != 0 {
		t.Errorf("%d commands reached the card, want none", n)
	}
	if _, err := card.Transmit(t.Context(), selecting); err != nil {
		t.Errorf("the connection is unusable after them: %v", err)
	}
}

func TestTransmitJudgesAnswers(t *testing.T) {
	d := service(t)
	client := open(t, d)
	tests := []struct {
		name   string
		length int
		want   error // nil: the answer comes as it is
		later  error
	}{
		{"nothing", 0, pcsc.ErrCardRemoved, pcsc.ErrCardRemoved},
		{"longer than a frame", vpcd.MaxPayload + 1, pcsc.ErrCardRemoved, pcsc.ErrCardRemoved},
		{"one byte", 1, pcsc.ErrBadAnswer, nil},
		{"a status word", 2, nil, nil},
		{"the longest short answer", 258, nil, nil},
		{"the longest that vpcd carries", vpcd.MaxPayload, nil, nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			first := true
			l := lay(t, d, freeSlot(t), &fakeCard{process: func([]byte) []byte {
				if !first {
					return []byte{0x90, 0x00}
				}
				first = false
				return bytes.Repeat([]byte{0x5A}, test.length)
			}})
			card := connect(t, client, l, pcscd.ConnectOptions{})
			answer, err := card.Transmit(t.Context(), selecting)
			if test.want != nil {
				checkError(t, err, test.want)
			} else if err != nil || len(answer) != test.length {
				t.Errorf("got %d bytes, %v, want %d", len(answer), err, test.length)
			}
			_, err = card.Transmit(t.Context(), selecting)
			if test.later != nil {
				checkError(t, err, test.later)
			} else if err != nil {
				t.Errorf("the next command: %v", err)
			}
		})
	}
}

func TestLongCommandReachesTheCard(t *testing.T) {
	d := service(t)
	command := bytes.Repeat([]byte{0xC3}, vpcd.MaxPayload)
	l := lay(t, d, freeSlot(t), &fakeCard{process: func(received []byte) []byte {
		if bytes.Equal(received, command) {
			return []byte{0x90, 0x00}
		}
		return []byte{0x67, 0x00}
	}})
	card := connect(t, open(t, d), l, pcscd.ConnectOptions{})
	answer, err := card.Transmit(t.Context(), command)
	if err != nil || !bytes.Equal(answer, []byte{0x90, 0x00}) {
		t.Errorf("got % X, %v, want 90 00", answer, err)
	}
}

// slowCard returns a card whose first command says that it has begun, and then lasts until it is
// told to end.
func slowCard() (card *fakeCard, begun, finish chan struct{}) {
	begun, finish = make(chan struct{}), make(chan struct{})
	first := true
	return &fakeCard{process: func([]byte) []byte {
		if first {
			first = false
			close(begun)
			<-finish
		}
		return []byte{0x90, 0x00}
	}}, begun, finish
}

func TestCardIsTakenAwayWithinACommandAndPutBack(t *testing.T) {
	d := service(t)
	client := open(t, d)
	slot := freeSlot(t)
	fake, begun, finish := slowCard()
	l := lay(t, d, slot, fake)
	card := connect(t, client, l, pcscd.ConnectOptions{})
	go func() {
		<-begun
		l.lift()
		close(finish)
	}()
	_, err := card.Transmit(t.Context(), selecting)
	checkError(t, err, pcsc.ErrCardRemoved)

	lay(t, d, slot, fake)
	checkError(t, card.Reset(t.Context()), pcsc.ErrCardRemoved)
	again := connect(t, client, l, pcscd.ConnectOptions{})
	if _, err := again.Transmit(t.Context(), selecting); err != nil {
		t.Errorf("the card that was put back: %v", err)
	}
}

// descriptors returns how many files this process has open.
func descriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}

func TestExchangeIsBrokenOff(t *testing.T) {
	cancelling := func(_ pcsc.Card, cancel context.CancelFunc) { cancel() }
	closing := func(card pcsc.Card, _ context.CancelFunc) { _ = card.Close() }
	tests := map[string]struct {
		options  pcscd.ConnectOptions
		breakOff func(card pcsc.Card, cancel context.CancelFunc)
		want     error
		resets   int
	}{
		"by its context":   {pcscd.ConnectOptions{}, cancelling, context.Canceled, 0},
		"by a close":       {pcscd.ConnectOptions{}, closing, pcsc.ErrClosed, 0},
		"while exclusive":  {pcscd.ConnectOptions{Exclusive: true}, cancelling, context.Canceled, 1},
		"in a transaction": {pcscd.ConnectOptions{Transaction: true}, closing, pcsc.ErrClosed, 1},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			d := service(t)
			client := open(t, d)
			fake, begun, finish := slowCard()
			l := lay(t, d, freeSlot(t), fake)
			before := descriptors(t)
			card := connect(t, client, l, test.options)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			go func() {
				<-begun
				test.breakOff(card, cancel)
			}()
			_, err := card.Transmit(ctx, selecting) // the card is still at it when this returns
			checkError(t, err, test.want)
			_, err = card.Transmit(t.Context(), selecting)
			checkError(t, err, pcsc.ErrClosed)
			if err := card.Close(); err != nil {
				t.Error(err)
			}
			if after := descriptors(t); after > before {
				t.Errorf("%d open files, %d before", after, before)
			}
			close(finish)
			// Exclusive succeeds when the service has done with the broken connection.
			connectSoon(t, client, l.reader)
			if n := fake.count("reset"); n != test.resets {
				t.Errorf("the card was reset %d times, want %d", n, test.resets)
			}
		})
	}
}

// connectSoon connects exclusively as soon as nobody else is connected, and closes again.
func connectSoon(t *testing.T, client *pcscd.Client, reader string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	ask := time.NewTicker(5 * time.Millisecond)
	defer ask.Stop()
	for {
		card, err := client.Connect(ctx, reader, pcscd.ConnectOptions{Exclusive: true})
		if err == nil {
			t.Cleanup(func() { _ = card.Close() })
			return
		}
		select {
		case <-ask.C:
		case <-ctx.Done():
			t.Fatalf("the broken connection stays: %v", err)
		}
	}
}

func TestResetByAnother(t *testing.T) {
	d := service(t)
	client := open(t, d)
	l := lay(t, d, freeSlot(t), &fakeCard{})
	ours := connect(t, client, l, pcscd.ConnectOptions{})
	theirs := connect(t, client, l, pcscd.ConnectOptions{})
	if err := theirs.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	_, err := ours.Transmit(t.Context(), selecting)
	checkError(t, err, pcsc.ErrCardReset)
	if err := ours.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := ours.Transmit(t.Context(), selecting); err != nil {
		t.Errorf("after our own reset: %v", err)
	}
}

func TestTransactionMakesOthersWait(t *testing.T) {
	d := service(t)
	client := open(t, d)
	l := lay(t, d, freeSlot(t), &fakeCard{})
	theirs := connect(t, client, l, pcscd.ConnectOptions{})
	ours := connect(t, client, l, pcscd.ConnectOptions{Transaction: true})
	impatient, stop := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer stop()
	_, err := theirs.Transmit(impatient, selecting)
	checkError(t, err, context.DeadlineExceeded)

	waiting, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err = client.Connect(waiting, l.reader, pcscd.ConnectOptions{Transaction: true})
	checkError(t, err, context.DeadlineExceeded)

	if _, err := ours.Transmit(t.Context(), selecting); err != nil {
		t.Error(err)
	}
	if err := ours.Close(); err != nil {
		t.Fatal(err)
	}
	next := connect(t, client, l, pcscd.ConnectOptions{Transaction: true})
	if _, err := next.Transmit(t.Context(), selecting); err != nil {
		t.Errorf("the next transaction: %v", err)
	}
}

func TestWhatCloseLeaves(t *testing.T) {
	for name, test := range map[string]struct {
		options pcscd.ConnectOptions
		resets  int
	}{
		"shared":     {pcscd.ConnectOptions{}, 0},
		"exclusive":  {pcscd.ConnectOptions{Exclusive: true}, 1},
		"transacted": {pcscd.ConnectOptions{Transaction: true}, 1},
	} {
		t.Run(name, func(t *testing.T) {
			d := service(t)
			client := open(t, d)
			l := lay(t, d, freeSlot(t), &fakeCard{})
			card := connect(t, client, l, test.options)
			for range 2 {
				if err := card.Close(); err != nil {
					t.Fatal(err)
				}
			}
			// The service carries out what it is asked in turn.
			connectSoon(t, client, l.reader)
			if n := l.card.count("reset"); n != test.resets {
				t.Errorf("the card was reset %d times, want %d", n, test.resets)
			}
		})
	}
}
