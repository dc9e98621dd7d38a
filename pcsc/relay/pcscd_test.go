//go:build cgo

package relay_test

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"testing"
	"time"

	"tapbench/pcsc"
	"tapbench/pcsc/pcscd"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/trace"
)

// await waits until the program's reader holds a card, or none.
func (s *services) await(tb testing.TB, present bool) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(tb.Context(), time.Minute)
	defer cancel()
	for event, err := range s.client.Watch(ctx) {
		if err != nil {
			tb.Fatalf("waiting for the card, present %t: %v", present, err)
		}
		if event.Reader.Name == s.private.ReaderName(0) && event.Reader.Present == present {
			return
		}
	}
}

// connect connects the program to the card on a slot.
func (s *services) connect(tb testing.TB, slot int) (pcsc.Card, error) {
	tb.Helper()
	return s.client.Connect(tb.Context(), s.private.ReaderName(slot),
		pcscd.ConnectOptions{Exclusive: true})
}

// TestThroughTwoServices runs the contract of a card through both services, then takes the card
// away and lays it back, and reads what was recorded.
func TestThroughTwoServices(t *testing.T) {
	s := startServices(t)
	s.await(t, false) // what lay there before is gone
	card := pcsctest.NewCard()
	lift := lay(t, s.real, 0, card)
	s.await(t, true)
	pcsctest.TestCard(t, pcsctest.Backend{
		Name: "relay",
		Open: func(t *testing.T) pcsc.Card {
			t.Helper()
			card, err := s.connect(t, 0)
			if err != nil {
				t.Fatal(err)
			}
			return card
		},
		OpenSecond: func(t *testing.T) (pcsc.Card, error) { return s.connect(t, 0) },
	})
	before := card.Commands()
	lift()
	s.await(t, false)
	if got := card.Commands(); got != before {
		t.Errorf("%d commands reached the card that nobody sent", got-before)
	}
	lay(t, s.real, 0, card)
	s.await(t, true)
	again, err := s.connect(t, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := again.Transmit(t.Context(), []byte{0x80, 0x46, 0x90, 0x00}); err != nil {
		t.Error(err)
	}
	if err := again.Close(); err != nil {
		t.Error(err)
	}
	s.stop()
	checkRecording(t, s.file)
}

// checkRecording expects a trace of commands and resets, in which the card leaves and comes back
// once and answers one command afterwards.
func checkRecording(t *testing.T, path string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	reader, err := trace.NewReader(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := reader.Next(); err != nil {
			if !errors.Is(err, io.EOF) {
				t.Error(err)
			}
			break
		}
	}
	_, behind, found := strings.Cut(string(text), "remove\ninsert\n")
	if !found {
		t.Errorf("nothing of a removal:\n%s", text)
	}
	if want := "> 80 46 90 00\n< 90 00\n"; !strings.HasPrefix(behind, want) {
		t.Errorf("behind the insertion:\n%swant\n%s", behind, want)
	}
	if !strings.Contains(string(text), "reset\n") {
		t.Error("no reset was recorded")
	}
}
