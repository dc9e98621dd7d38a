package pcsctest_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"tapbench/pcsc"
	"tapbench/pcsc/pcsctest"
)

// brokenEnv names the broken card that a child of this test binary is to hold to the contract.
const brokenEnv = "PCSCTEST_BROKEN_CARD"

// broken is a card that passes everything on, except where a function stands in.
type broken struct {
	pcsc.Card
	atr      func() []byte
	transmit func(ctx context.Context, command []byte) ([]byte, error)
	reset    func(ctx context.Context) error
	close    func() error
}

func (b *broken) ATR() []byte {
	if b.atr != nil {
		return b.atr()
	}
	return b.Card.ATR()
}

func (b *broken) Transmit(ctx context.Context, command []byte) ([]byte, error) {
	if b.transmit != nil {
		return b.transmit(ctx, command)
	}
	return b.Card.Transmit(ctx, command)
}

func (b *broken) Reset(ctx context.Context) error {
	if b.reset != nil {
		return b.reset(ctx)
	}
	return b.Card.Reset(ctx)
}

func (b *broken) Close() error {
	if b.close != nil {
		return b.close()
	}
	return b.Card.Close()
}

// renaming passes commands on and returns one failure as another.
func renaming(
	card pcsc.Card, from, to error,
) func(ctx context.Context, command []byte) ([]byte, error) {
	return func(ctx context.Context, command []byte) ([]byte, error) {
		answer, err := card.Transmit(ctx, command)
		if errors.Is(err, from) {
			err = &pcsc.Error{Op: "transmitting", Err: to}
		}
		return answer, err
	}
}

// TestBrokenCardsFail shows for promises of the contract that a card which breaks them fails there.
// The suite fails the test that runs it, so each card is judged by a child of this test binary.
func TestBrokenCardsFail(t *testing.T) {
	for _, row := range []struct {
		name    string
		promise string // that fails, as the test's output names it
		violate func(b *broken)
	}{
		{"accepts anything", "a_malformed_command_is_refused", func(b *broken) {
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				if len(command) < 4 {
					return []byte{0x67, 0x00}, nil
				}
				return b.Card.Transmit(ctx, command)
			}
		}},
		{"passes malformed commands on", "a_malformed_command_never_reaches_the_card", func(b *broken) {
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				if len(command) < 4 {
					_, _ = b.Card.Transmit(ctx, make([]byte, 4))
				}
				return b.Card.Transmit(ctx, command)
			}
		}},
		{"has errors of its own", "Close_is_final_and_idempotent", func(b *broken) {
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				answer, err := b.Card.Transmit(ctx, command)
				if err != nil {
					err = errors.New("something went wrong")
				}
				return answer, err
			}
		}},
		{"looks at no context", "a_cancelled_context_sends_nothing", func(b *broken) {
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				return b.Card.Transmit(context.WithoutCancel(ctx), command)
			}
		}},
		{"hands out its own ATR", "ATR_and_protocol", func(b *broken) {
			atr := b.Card.ATR()
			b.atr = func() []byte { return atr }
		}},
		{"keeps its answers", "slices_belong_to_the_caller", func(b *broken) {
			buffer := make([]byte, 0, 65538)
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				clear(buffer)
				answer, err := b.Card.Transmit(ctx, command)
				buffer = append(buffer[:0], answer...)
				return buffer, err
			}
		}},
		{"answers otherwise each time", "an_exchange", func(b *broken) {
			extra := []byte{}
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				answer, err := b.Card.Transmit(ctx, command)
				extra = append(extra, 0)
				return append(extra, answer...), err
			}
		}},
		{"closes at a reset", "a_reset_keeps_the_connection", func(b *broken) {
			b.reset = func(context.Context) error { return b.Card.Close() }
		}},
		{"loses the chaining bit", "a_long_command_is_chained", func(b *broken) {
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				return b.Card.Transmit(ctx, append([]byte{command[0] &^ 0x10}, command[1:]...))
			}
		}},
		{"cuts answers at 256 bytes", "extended_length", func(b *broken) {
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				answer, err := b.Card.Transmit(ctx, command)
				if len(answer) > 258 {
					answer = append(answer[:256], 0x90, 0x00)
				}
				return answer, err
			}
		}},
		{"takes nothing for an answer", "an_answer_of_no_byte", func(b *broken) {
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				answer, err := b.Card.Transmit(ctx, command)
				if errors.Is(err, pcsc.ErrCardRemoved) {
					return nil, nil
				}
				return answer, err
			}
		}},
		{"takes a cancellation for an end", "cancelled_within_a_command", func(b *broken) {
			b.transmit = renaming(b.Card, context.Canceled, pcsc.ErrClosed)
		}},
		{"takes an end for a removal", "closed_within_a_command", func(b *broken) {
			b.transmit = renaming(b.Card, pcsc.ErrClosed, pcsc.ErrCardRemoved)
		}},
		{"takes a removal for noise", "removed_within_a_command_and_put_back", func(b *broken) {
			b.transmit = renaming(b.Card, pcsc.ErrCardRemoved, pcsc.ErrComm)
		}},
		{"takes too much for a removal of the reader", "an_over-long_answer", func(b *broken) {
			b.transmit = renaming(b.Card, pcsc.ErrBadAnswer, pcsc.ErrNoReader)
		}},
		{"swallows Close", "Close_is_final_and_idempotent", func(b *broken) {
			b.close = func() error { return nil }
		}},
		{"closes once only", "Close_is_final_and_idempotent", func(b *broken) {
			closed := false
			b.close = func() error {
				if closed {
					return &pcsc.Error{Op: "closing", Err: pcsc.ErrClosed}
				}
				closed = true
				return b.Card.Close()
			}
		}},
		{"swallows Reset", "a_reset_loses_volatile_state_only", func(b *broken) {
			b.reset = func(context.Context) error { return nil }
		}},
		{"repeats a command that failed", "an_answer_of_one_byte", func(b *broken) {
			b.transmit = func(ctx context.Context, command []byte) ([]byte, error) {
				answer, err := b.Card.Transmit(ctx, command)
				if errors.Is(err, pcsc.ErrBadAnswer) {
					return []byte{0x90}, nil
				}
				return answer, err
			}
		}},
	} {
		if os.Getenv(brokenEnv) == row.name {
			pcsctest.TestCard(t, pcsctest.Direct("broken", func(_ *testing.T, card pcsc.Card) pcsc.Card {
				b := &broken{Card: card}
				row.violate(b)
				return b
			}))
		}
		if os.Getenv(brokenEnv) != "" {
			continue
		}
		t.Run(row.name, func(t *testing.T) {
			only := "-test.run=^TestBrokenCardsFail$/^broken$/^" + row.promise + "$"
			child := exec.CommandContext(t.Context(), os.Args[0], only)
			child.Env = append(os.Environ(), brokenEnv+"="+row.name)
			output, err := child.CombinedOutput()
			var exit *exec.ExitError
			if !errors.As(err, &exit) {
				t.Fatalf("the suite passed (%v):\n%s", err, output)
			}
			want := "--- FAIL: TestBrokenCardsFail/broken/" + row.promise + " "
			if !strings.Contains(string(output), want) {
				t.Errorf("want %q, got:\n%s", want, output)
			}
		})
	}
}
