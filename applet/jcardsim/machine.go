package jcardsim

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"sync"
	"time"
)

// ErrMachine means that the Java virtual machine doesn't answer any more: it was killed, or ended
// by itself. Its cards are gone with it. Start another one.
var ErrMachine = errors.New("the Java virtual machine doesn't answer")

// stopTime is how long a machine may take to end by itself.
const stopTime = 5 * time.Second

// Config says how the machine is started.
type Config struct {
	// Classpath is what Java loads the applet, its tests' classes and jCardSim from, in Java's
	// notation.
	Classpath string
	// Main is the class that serves the cards; empty: tapbench.Bridge.
	Main string
	// Options go to the virtual machine, before the class.
	Options []string
	// Log takes what the machine writes to its standard error; nil: nowhere.
	Log io.Writer
}

// Machine is a Java virtual machine with simulated cards in it. It is safe for concurrent use; one
// command runs at a time.
type Machine struct {
	command *exec.Cmd

	mu   sync.Mutex // guards what follows
	in   io.WriteCloser
	out  io.Reader
	last uint32 // the number of the newest card
	err  error  // why it doesn't answer any more
}

// Start starts a machine. It runs until [Machine.Close], or until the context ends. An error wraps
// exec.ErrNotFound where there is no Java.
func Start(ctx context.Context, cfg Config) (*Machine, error) {
	arguments := append([]string{
		"-Dcom.licel.jcardsim.randomdata.secure=1", "-XX:-UsePerfData", "-XX:TieredStopAtLevel=1",
		"-cp", cfg.Classpath,
	}, cfg.Options...)
	command := exec.CommandContext(ctx, "java", append(arguments,
		cmp.Or(cfg.Main, "tapbench.Bridge"))...)
	command.Stderr, command.WaitDelay = cfg.Log, stopTime
	in, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("opening the machine's input: %w", err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("opening the machine's output: %w", err)
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting Java: %w", err)
	}
	return &Machine{command: command, in: in, out: out}, nil
}

// Close ends the machine and all its cards.
func (m *Machine) Close() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.err == nil {
		m.err = ErrMachine
	}
	if err := m.in.Close(); err != nil {
		return fmt.Errorf("closing the machine's input: %w", err)
	}
	kill := time.AfterFunc(stopTime, func() { _ = m.command.Process.Kill() })
	defer kill.Stop()
	if err := m.command.Wait(); err != nil {
		return fmt.Errorf("waiting for Java: %w", err)
	}
	return nil
}

// operation is what a request asks for.
type operation byte

const (
	opNew      operation = 'N'
	opTransmit operation = 'T'
	opReset    operation = 'R'
	opDrop     operation = 'D'
)

// ask sends one request and returns its answer. After an error the machine answers no more.
func (m *Machine) ask(op operation, card uint32, data []byte) ([]byte, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.exchange(op, card, data)
}

func (m *Machine) exchange(op operation, card uint32, data []byte) ([]byte, error) {
	if m.err != nil {
		return nil, m.err
	}
	if len(data) > 1<<16-1 {
		return nil, fmt.Errorf("%w: request of %d bytes", ErrMachine, len(data))
	}
	request := binary.BigEndian.AppendUint32([]byte{byte(op)}, card)
	request = binary.BigEndian.AppendUint16(request, uint16(len(data))) //nolint:gosec // as above
	answer, err := m.pass(append(request, data...))
	if err != nil {
		m.err = fmt.Errorf("%w: %w", ErrMachine, err)
	}
	return answer, m.err
}

func (m *Machine) pass(request []byte) ([]byte, error) {
	if _, err := m.in.Write(request); err != nil {
		return nil, err
	}
	var length [2]byte
	if _, err := io.ReadFull(m.out, length[:]); err != nil {
		return nil, err
	}
	answer := make([]byte, binary.BigEndian.Uint16(length[:]))
	_, err := io.ReadFull(m.out, answer)
	return answer, err
}
