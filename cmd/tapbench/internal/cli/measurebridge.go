package cli

import (
	"context"
	"errors"
	"fmt"
	"time"

	"tapbench/applet/jcardsim"
	"tapbench/applet/wire"
	"tapbench/cmd/tapbench/internal/measure"
	"tapbench/pcsc/apdu"
)

// bridgeWarmUp is how many commands the virtual machine gets before it is timed: it compiles then.
const bridgeWarmUp = 1000

// timeBridge times the cheapest command on a new card of the applet's machine, without pcscd, and
// what of it is jCardSim's own time.
func timeBridge(ctx context.Context, machine *jcardsim.Machine, n int) (
	_ []measure.Figure, err error,
) {
	card, err := machine.New()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, card.Drop()) }()
	selection, err := apdu.Command{
		INS: byte(wire.InsSelect), P1: wire.P1SelectByAID, Data: []byte(wire.AIDManagement), Ne: 256,
	}.Encode()
	if err != nil {
		return nil, err
	}
	command, err := cheapest().Encode()
	if err != nil {
		return nil, err
	}
	card.PowerOn()
	if answer := card.Process(selection); len(answer) < 2 {
		return nil, fmt.Errorf("timing the bridge: %w", machine.Err())
	}
	var whole, own, added []time.Duration
	for i := range bridgeWarmUp + n {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		start := time.Now()
		answer := card.Process(command)
		took := time.Since(start)
		simulated, err := machine.Simulated()
		switch {
		case err != nil:
			return nil, fmt.Errorf("timing the bridge: %w", err)
		case len(answer) != 3 || answer[1] != 0x90:
			return nil, fmt.Errorf("timing the bridge: GET DATA was answered by %X", answer)
		case i >= bridgeWarmUp:
			whole, own = append(whole, took), append(own, simulated)
			added = append(added, took-simulated)
		}
	}
	return []measure.Figure{
		measure.Against("GET DATA, without pcscd", measure.Median(whole), measure.Median(own)),
		measure.Milliseconds("of that, jCardSim's own time", measure.Median(own)),
		measure.Milliseconds("of that, added by the bridge", measure.Median(added)),
	}, nil
}
