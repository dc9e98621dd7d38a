package relay_test

import (
	"errors"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/pcsctest"
	"tapbench/pcsc/relay"
)

func TestAnEmptySeat(t *testing.T) {
	var seat relay.Seat
	if got := seat.ATR(); got != nil {
		t.Errorf("ATR: got % X", got)
	}
	if got := seat.Protocol(); got != pcsc.ProtocolUnknown {
		t.Errorf("Protocol: got %s", got)
	}
	if err := seat.Reset(t.Context()); !errors.Is(err, pcsc.ErrNoCard) {
		t.Errorf("Reset: got %v, want ErrNoCard", err)
	}
	if _, err := seat.Transmit(t.Context(), make([]byte, 4)); !errors.Is(err, pcsc.ErrNoCard) {
		t.Errorf("Transmit: got %v, want ErrNoCard", err)
	}
	if err := seat.Close(); err != nil {
		t.Error(err)
	}
	if _, err := seat.Transmit(t.Context(), make([]byte, 4)); !errors.Is(err, pcsc.ErrClosed) {
		t.Errorf("closed: got %v, want ErrClosed", err)
	}
}

func TestASeatPassesToTheNextCard(t *testing.T) {
	var seat relay.Seat
	first, second := plain(), plain()
	second.process = func([]byte) []byte { return []byte{0x6A, 0x82} }
	one := pcsc.NewDirect(first)
	seat.Take(one)
	ask(t, &seat, 0xCA)
	seat.Take(pcsc.NewDirect(second))
	answer, err := seat.Transmit(t.Context(), make([]byte, 4))
	if err != nil || answer[0] != 0x6A {
		t.Errorf("got % X, %v; want the second card's answer", answer, err)
	}
	ask(t, one, 0xCA) // is still connected
}

// TestContract shows that a seat is as good as the card on it.
func TestContract(t *testing.T) {
	card := pcsctest.NewCard()
	var last *pcsc.Direct
	pcsctest.TestCard(t, pcsctest.Backend{
		Name: "seat",
		Open: func(t *testing.T) pcsc.Card {
			t.Helper()
			if last != nil {
				_ = last.Close()
				<-last.Done()
			}
			last = pcsc.NewDirect(card)
			seat := new(relay.Seat)
			seat.Take(last)
			return seat
		},
		Contract:   card,
		RemoveCard: func(*testing.T) { last.Remove() },
		InsertCard: func(*testing.T) {},
	})
}
