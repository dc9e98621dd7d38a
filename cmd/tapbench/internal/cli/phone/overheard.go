package phone

import (
	"context"

	"tapbench/cmd/tapbench/internal/received"
	"tapbench/pcsc"
)

// OverheardCard records what a card answers.
type OverheardCard struct {
	pcsc.Card
	To *received.Recorder
}

// Transmit sends a command and records the answer.
func (c OverheardCard) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.Card.Transmit(ctx, command)
	if err == nil {
		c.To.Add(received.AtCard, answer)
	}
	return answer, err
}
