package trace

import (
	"context"
	"errors"
	"io"

	"tapbench/applet/compare"
	"tapbench/cmd/tapbench/internal/cli/device"
	"tapbench/pcsc/trace"
	"tapbench/terminal/replay"
)

// replayOnCard puts the trace to the card on the reader.
func replayOnCard(
	ctx context.Context, file *twice, reader *device.ReaderFlag, o replayOptions,
) (result *replayed, err error) {
	part, err := lookThrough(file, o)
	if err != nil {
		return nil, err
	}
	card, err := reader.Connect(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, card.Close()) }()
	steps, err := file.again()
	if err != nil {
		return nil, err
	}
	played := trace.Replay(ctx, steps, &trace.Target{Card: card, StandIns: o.standIns()})
	mismatch := new(trace.MismatchError)
	switch {
	case played == nil:
	case errors.As(played, &mismatch):
		if part.Difference, err = cardDifference(file, mismatch); err != nil {
			return nil, err
		}
	default:
		return nil, played
	}
	return &replayed{
		Against: "card", Agree: part.Difference == nil, Parts: []replayedPart{part},
	}, nil
}

// lookThrough reads the whole trace before anything is sent: what stands for others, and whether it
// can be sent.
func lookThrough(file *twice, o replayOptions) (replayedPart, error) {
	part := replayedPart{}
	steps, err := file.again()
	if err != nil {
		return part, err
	}
	var standIns []replay.StandIn
	for {
		s, err := steps.Next()
		if errors.Is(err, io.EOF) {
			part.StandIns = newReplayedStandIns(standIns)
			return part, nil
		}
		if err != nil {
			return part, err
		}
		if part.Line == 0 {
			part.Line = s.Line
		}
		if s.Kind == trace.Exchange {
			part.Exchanges++
		}
		if err := o.standIns().Check(s); err != nil {
			return part, err
		}
		standIns = replay.StandIns(standIns, s)
	}
}

// cardDifference says by data element where a card left the trace.
func cardDifference(file *twice, m *trace.MismatchError) (*replayedDifference, error) {
	d := &replay.Difference{Line: m.Line, What: m.What}
	steps, err := file.again()
	if err != nil {
		return nil, err
	}
	item, elements, err := compare.Against(steps, m.Line, nil, m.Got)
	switch {
	case errors.Is(err, compare.ErrNoExchange):
	case err != nil:
		return nil, err
	default:
		d.Name, d.Header = item.Name, item.Header
		for _, e := range elements {
			if e.Place == compare.InAnswer && e.Verdict != compare.NotKept {
				d.Elements = append(d.Elements, e)
			}
		}
	}
	return newReplayedDifference(d), nil
}
