package jcardsim

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

// Config says how the machine is started.
type Config struct {
	// Classpath is what Java loads the applet, the bridge and jCardSim from, in Java's notation.
	Classpath string
	// Main is the class that serves the cards; empty: tapbench.Bridge.
	Main string
	// Options go to the virtual machine, before the class.
	Options []string
	// Log takes what the machine writes to its standard error; nil: nowhere.
	Log io.Writer
}

// Machine is a Java virtual machine with simulated cards in it. It is safe for concurrent use; one
// command runs at a time. Its states:
//
//	running ──killed, ended, damaged answer──▶ gone ──PowerOn, Reset of a card──▶ running
//	   └──────────────── Close ────────────────▶ closed ◀──────── Close ───────────┘
type Machine struct {
	ctx context.Context //nolint:containedctx // that of every process, see Start
	cfg Config

	mu      sync.Mutex // guards what follows
	process *process
	run     int    // of the process, from 1
	last    uint32 // the number of the newest card
	err     error  // why the process doesn't answer any more
}

// Start starts a machine and waits until it answers. It runs until [Machine.Close], or until the
// context ends. Errors: [ErrNoJava], [ErrOldJava], [ErrMachine].
func Start(ctx context.Context, cfg Config) (*Machine, error) {
	m := &Machine{ctx: ctx, cfg: cfg}
	if err := m.start(); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *Machine) start() error {
	process, err := start(m.ctx, m.cfg)
	if err != nil {
		return err
	}
	m.process, m.err = process, nil
	m.run++
	return nil
}

// Close ends the machine and all its cards. After a machine that ended by itself it returns why.
func (m *Machine) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case errors.Is(m.err, ErrClosed):
		return nil
	case m.err != nil:
		err := m.err
		m.err = ErrClosed
		return err
	}
	m.err = ErrClosed
	return m.process.stop()
}

// Err returns why the machine doesn't answer any more, or nil while it runs.
func (m *Machine) Err() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.err
}

// PID returns the number of the process that runs, or ran last.
func (m *Machine) PID() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.process.command.Process.Pid
}

// Simulated returns how long the simulator had commands since the last call, without the way to it
// and back.
func (m *Machine) Simulated() (spent time.Duration, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	err = m.exchange(m.run, opMeasured, 0, nil, func(answer []byte) error {
		var err error
		spent, err = parseMeasured(answer)
		return err
	})
	return spent, err
}

// revive starts the machine again if it is gone.
func (m *Machine) revive() error {
	if m.err == nil || errors.Is(m.err, ErrClosed) {
		return m.err
	}
	return m.start()
}

// exchange asks for something in the run that the caller knows, and has the answer read, which
// lasts until the reader returns. After an error the machine is gone.
func (m *Machine) exchange(
	run int, op operation, card uint32, data []byte, read func(answer []byte) error,
) error {
	if m.err != nil {
		return m.err
	}
	if run != m.run {
		return fmt.Errorf("%w: it was started again", ErrMachine)
	}
	answer, err := m.process.pipe.ask(op, card, data)
	if err == nil && read != nil {
		err = read(answer)
	}
	if err != nil {
		m.process.kill()
		m.err = m.process.lost(err)
	}
	return m.err
}
