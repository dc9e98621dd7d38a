package bench

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/rs/zerolog"

	"tapbench/applet/cardlog"
	"tapbench/applet/emulator"
	"tapbench/applet/jcardsim"
	"tapbench/applet/saved"
	"tapbench/pcsc"
	"tapbench/pcsc/vpcd"
)

// ElementConfig says which secure element runs in this machine.
type ElementConfig struct {
	// Applet is the folder that holds the compiled Java Card applet, which then runs in jCardSim.
	// Empty: the emulator runs.
	Applet string
	// Dir is where its Java virtual machine puts temporary files. Empty: where the system does.
	Dir   string
	Store saved.Store
	// ATR and Naming are the emulator's, as in its Config; zero: as it is without.
	ATR    []byte
	Naming emulator.Naming
	// Contactless is jcardsim.CardConfig's; nil: what the store holds, or a new secure element.
	Contactless []byte
	// Meter counts what each command costs the emulator, as in its Config; nil: nobody counts.
	Meter *emulator.Meter
	Log   zerolog.Logger
}

// Element is a secure element in this machine, ready for a connection: the emulator, or the Java
// Card applet in jCardSim.
type Element struct {
	pcsc.Processor

	Emulator *emulator.Card    // nil with the applet
	Machine  *jcardsim.Machine // nil with the emulator

	meter *emulator.Meter
}

// OpenElement opens an element with the state that its store holds. An error wraps one of
// packages emulator or jcardsim.
func OpenElement(ctx context.Context, c ElementConfig) (*Element, error) {
	if c.Applet == "" {
		card, err := emulator.New(emulator.Config{
			ATR: c.ATR, Naming: c.Naming, Store: c.Store, Meter: c.Meter, Log: c.Log,
		})
		if err != nil {
			return nil, err
		}
		return &Element{Processor: card, Emulator: card, meter: c.Meter}, nil
	}
	cfg, err := jcardsim.Built(c.Applet)
	if err != nil {
		return nil, err
	}
	if c.Dir != "" {
		cfg.Options = append(cfg.Options, "-Djava.io.tmpdir="+c.Dir)
	}
	machine, err := jcardsim.Start(context.WithoutCancel(ctx), cfg) // it ends with Close
	if err != nil {
		return nil, err
	}
	card, err := machine.Open(jcardsim.CardConfig{
		Store: c.Store, Contactless: c.Contactless, Log: c.Log,
	})
	if err != nil {
		return nil, errors.Join(err, machine.Close())
	}
	return &Element{Processor: logged{card, c.Log}, Machine: machine}, nil
}

// logged is a card whose commands are logged as the emulator's are.
type logged struct {
	pcsc.Processor

	log zerolog.Logger
}

// Process answers a command.
func (l logged) Process(command []byte) []byte {
	start := time.Now()
	answer := l.Processor.Process(command)
	cardlog.Command(l.log, command, answer, time.Since(start))
	return answer
}

// Close ends what the element runs in.
func (e *Element) Close() error {
	if e.Machine == nil {
		return nil
	}
	return e.Machine.Close()
}

// pulled is how long a card stays away that lost its power: pcscd, which looks every 0.4 s, then
// sees it go.
const pulled = time.Second

// LayCard answers for a card on a virtual reader that dial connects to, and returns how to take the
// card away. A card that lost its power within a command is pulled, and laid there again. Behind
// puts something between card and reader, such as a model of the reader; nil: nothing.
func LayCard(
	ctx context.Context, dial func(context.Context) (net.Conn, error), card pcsc.Processor,
	behind func(pcsc.Processor) (pcsc.Processor, error),
) (remove func() error, err error) {
	if behind != nil {
		if card, err = behind(card); err != nil {
			return nil, fmt.Errorf("laying the card on the reader: %w", err)
		}
	}
	conn, err := dial(ctx)
	if err != nil {
		return nil, fmt.Errorf("laying the card on the reader: %w", err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var wait sync.WaitGroup
	var served error
	wait.Go(func() {
		for {
			served = vpcd.Serve(ctx, conn, card)
			if !errors.Is(served, pcsc.ErrCardRemoved) {
				return
			}
			select {
			case <-time.After(pulled):
			case <-ctx.Done():
			}
			var again error
			if conn, again = dial(ctx); again != nil {
				served = cmp.Or(ctx.Err(), again)
				return
			}
		}
	})
	return func() error {
		cancel()
		wait.Wait()
		if errors.Is(served, context.Canceled) {
			return nil
		}
		return served
	}, nil
}
