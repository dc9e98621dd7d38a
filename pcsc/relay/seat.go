package relay

import (
	"context"
	"sync"

	"tapbench/pcsc"
)

// Seat is a pcsc.Card that is whatever card sits on it: connections come and go, and who is wired
// to the seat, such as a recorder, stays. The zero value is an empty seat, which answers
// pcsc.ErrNoCard.
type Seat struct {
	mu     sync.Mutex // guards what follows, for Close from another goroutine
	card   pcsc.Card
	closed bool
}

var _ pcsc.Card = (*Seat)(nil)

// Take puts a card on the seat, or none if it is nil. What sat there before is left as it is.
func (s *Seat) Take(card pcsc.Card) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.card = card
}

// ATR returns the card's answer to reset, or nil if there is none.
func (s *Seat) ATR() []byte {
	card, err := s.sitting("")
	if err != nil {
		return nil
	}
	return card.ATR()
}

// Protocol returns the card's protocol.
func (s *Seat) Protocol() pcsc.Protocol {
	card, err := s.sitting("")
	if err != nil {
		return pcsc.ProtocolUnknown
	}
	return card.Protocol()
}

// Transmit passes a command on.
func (s *Seat) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	card, err := s.sitting("transmitting")
	if err != nil {
		return nil, err
	}
	return card.Transmit(ctx, command)
}

// Reset passes a reset on.
func (s *Seat) Reset(ctx context.Context) error {
	card, err := s.sitting("resetting")
	if err != nil {
		return err
	}
	return card.Reset(ctx)
}

// Close closes the seat and the card on it.
func (s *Seat) Close() error {
	s.mu.Lock()
	card := s.card
	s.card, s.closed = nil, true
	s.mu.Unlock()
	if card == nil {
		return nil
	}
	return card.Close()
}

// sitting returns the card.
func (s *Seat) sitting(op string) (pcsc.Card, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.closed:
		return nil, &pcsc.Error{Op: op, Err: pcsc.ErrClosed}
	case s.card == nil:
		return nil, &pcsc.Error{Op: op, Err: pcsc.ErrNoCard}
	default:
		return s.card, nil
	}
}
