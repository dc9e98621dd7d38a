package pcsc

import "context"

// Counter is a [Card] that counts what passes through it. Like any Card it belongs to one
// goroutine.
type Counter struct {
	Card
	// APDUs is the number of exchanges, Sent and Received their bytes.
	APDUs, Sent, Received int
}

var _ Card = (*Counter)(nil)

// NewCounter returns a counter around a card, which it owns from then on.
func NewCounter(card Card) *Counter { return &Counter{Card: card} }

// Transmit passes a command on and counts it, whatever comes of it.
func (c *Counter) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.Card.Transmit(ctx, command)
	c.APDUs++
	c.Sent += len(command)
	c.Received += len(answer)
	return answer, err
}
