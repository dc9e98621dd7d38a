package cli

import (
	"context"

	"tapbench/cmd/tapbench/internal/received"
	"tapbench/pcsc"
)

// overheardCard records what a card answers.
type overheardCard struct {
	pcsc.Card
	to *received.Recorder
}

// Transmit sends a command and records the answer.
func (c overheardCard) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	answer, err := c.Card.Transmit(ctx, command)
	if err == nil {
		c.to.Add(received.AtCard, answer)
	}
	return answer, err
}
